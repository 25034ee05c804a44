"""A security gateway that stands in front of any LLM endpoint."""

import sys

__version__ = "0.1.0"


def _without_drawing() -> None:
    """Loads those libraries that draw where they can, and has them do without.

    They would for consoles and a command line of their own, which nobody here sees: our logs are
    JSON. It takes 3 MiB of every gateway and a tenth of a second of its start.
    """
    absent = {"rich", "pygments"} - sys.modules.keys()
    sys.modules |= dict.fromkeys(absent)  # type: ignore[arg-type]  # import does not find those
    try:
        import httpx  # noqa: F401, PLC0415
        import structlog  # noqa: F401, PLC0415
    finally:
        for name in absent:
            del sys.modules[name]


_without_drawing()

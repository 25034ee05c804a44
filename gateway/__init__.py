"""A security gateway that stands in front of any LLM endpoint."""

import sys

__version__ = "0.1.0"


def _without_rich() -> None:
    """Loads those libraries that draw with ``rich`` where it is installed, and has them do without.

    They would for consoles and a command line of their own, which nobody here sees: our logs are
    JSON. It takes 3 MiB of every gateway and a tenth of a second of its start.
    """
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # not to be found, as import has it
    try:
        import httpx  # noqa: F401, PLC0415
        import structlog  # noqa: F401, PLC0415
    finally:
        del sys.modules["rich"]


_without_rich()

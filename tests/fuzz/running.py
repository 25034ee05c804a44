"""Running targets: over what is known, or over what atheris makes up from it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CORPUS", "fuzz", "names", "replay"]

CORPUS: Final = Path(__file__).parent / "corpus"
"""Small inputs to start from, and every input that once broke a target."""

_WATCHED: Final = ["gateway.wire", "gateway.ingress", "gateway.identity"]
_MOST_BYTES: Final = 4096
_SECONDS_PER_INPUT: Final = 10


def names() -> list[str]:
    """Every target."""
    return [*_targets()]


def replay(name: str) -> None:
    """Runs a target over its corpus; whatever it raises breaks it."""
    target = _targets()[name]
    for data in _known(name):
        target(data)


def fuzz(name: str, folder: Path, seconds: int, runs: int, seed: int) -> None:
    """Runs a target over new inputs until one breaks it. Ends the process.

    Args:
        name: The target.
        folder: Where inputs that are new stay, by target, and the one that broke it.
        seconds: How long; 0 is no bound.
        runs: How many inputs; -1 is no bound.
        seed: Of the choice of inputs; 0 is another one each time.
    """
    import atheris  # noqa: PLC0415 - not there on every machine

    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    known = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    with atheris.instrument_imports(
        include=["gateway.wire", "gateway.ingress", "gateway.identity"]
    ):
        target = _targets()[name]
    arguments = [
        f"-max_total_time={seconds}",
        f"-runs={runs}",
        f"-seed={seed}",
        f"-max_len={_MOST_BYTES}",
        f"-timeout={_SECONDS_PER_INPUT}",
        f"-artifact_prefix={own}/broken-",
        "-verbosity=0" if runs > 0 else "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], *arguments, str(own), *known], target)
    atheris.Fuzz()


def _targets() -> dict[str, Callable[[bytes], None]]:
    from tests.fuzz import parsers, wires  # noqa: PLC0415 - imported by the fuzzer, to see inside

    found = {name: getattr(parsers, name) for name in parsers.__all__}
    return {**found, **wires.TARGETS}


def _known(name: str) -> Iterator[bytes]:
    for file in sorted((CORPUS / name).glob("*")):
        yield file.read_bytes()

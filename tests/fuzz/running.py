"""Running targets: over what is known, or over what atheris makes up from it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CORPUS", "fuzz", "names", "replay"]

CORPUS: Final = Path(__file__).parent / "corpus"
"""Small inputs to start from, and every input that once broke a target."""

_PARSERS: Final = ("strict_json", "sse", "embedded", "jws")
_MOST_BYTES: Final = 4096
_SECONDS_PER_INPUT: Final = 10


def names() -> list[str]:
    """Every target."""
    return [*_PARSERS]


def replay(name: str) -> None:
    """Runs a target over its corpus; whatever it raises breaks it."""
    target = _target(name)
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
    with atheris.instrument_imports(
        include=["gateway.wire", "gateway.ingress", "gateway.identity"]
    ):
        target = _target(name)
    arguments = [
        f"-max_total_time={seconds}",
        f"-runs={runs}",
        f"-seed={seed}",
        f"-max_len={_MOST_BYTES}",
        f"-timeout={_SECONDS_PER_INPUT}",
        f"-artifact_prefix={own}/broken-",
        "-verbosity=0" if runs > 0 else "-verbosity=1",
    ]
    atheris.Setup([sys.argv[0], *arguments, str(own), *_folders(name)], target)
    atheris.Fuzz()


def _target(name: str) -> Callable[[bytes], None]:
    found: Callable[[bytes], None] = getattr(import_module("tests.fuzz.parsers"), name)
    return found


def _folders(name: str) -> list[str]:
    return [str(CORPUS / name)]


def _known(name: str) -> Iterator[bytes]:
    for file in sorted((CORPUS / name).iterdir()):
        yield file.read_bytes()

"""Running targets: over what is known, or over what atheris makes up from it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CORPUS", "Bounds", "fuzz", "names", "replay", "watched"]

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


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a fuzzer tries.

    Args:
        seconds: How long; 0 is no bound.
        runs: How many inputs; -1 is no bound.
        seed: Of the choice of inputs; 0 is another one each time.
    """

    seconds: int
    runs: int
    seed: int


def fuzz(name: str, folder: Path, bounds: Bounds) -> int:
    """Runs a target over new inputs until one breaks it; 0 where none did.

    Args:
        name: The target.
        folder: Where inputs that are new stay, by target, and the one that broke it.
        bounds: When to end.
    """
    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    target = watched()[name]
    # The fuzzer ends the process that it runs in; what was imported for one serves them all.
    child = os.fork()
    if child == 0:
        _fuzz(name, own, target, bounds)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@cache
def watched() -> dict[str, Callable[[bytes], None]]:
    """Every target, imported so that a fuzzer sees which way an input takes."""
    import atheris  # noqa: PLC0415 - not there on every machine

    if any(module.startswith(("gateway.", "tests.fuzz.parsers")) for module in sys.modules):
        raise RuntimeError("what is fuzzed was imported before the fuzzer could look inside")
    with atheris.instrument_imports(include=_WATCHED):
        return _targets()


def _fuzz(name: str, own: Path, target: Callable[[bytes], None], bounds: Bounds) -> None:
    import atheris  # noqa: PLC0415 - not there on every machine

    known = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    arguments = [
        f"-max_total_time={bounds.seconds}",
        f"-runs={bounds.runs}",
        f"-seed={bounds.seed}",
        f"-max_len={_MOST_BYTES}",
        f"-timeout={_SECONDS_PER_INPUT}",
        f"-artifact_prefix={own}/broken-",
        "-verbosity=0" if bounds.runs > 0 else "-verbosity=1",
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

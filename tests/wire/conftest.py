"""Bodies as the providers' own SDKs send and read them, and ways to spoil them."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.wire.exchange import Path

DATA = FilePath(__file__).parent / "data"
MARK = "a hidden text of 42 words"
_SPOILS: tuple[Any, ...] = (
    MARK,
    {"k": MARK},
    [MARK],
    [{"text": MARK}],
    {"type": "text", "text": MARK},
    {"type": MARK},
    {MARK: 1},
    {MARK: None},
    json.dumps({"a": MARK}),
    f"data:image/png;base64,{MARK}",
)
_MISTYPES: tuple[Any, ...] = (
    None, True, 3, -1, 1.5, "", "x", [], {}, [None], [[]], {"type": 3}, {"role": 3},
)  # fmt: skip


def _walk(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*path, index))


def _spoilt(body: Any, path: Path, spoil: Any) -> Any:
    if not path:
        return spoil
    copy: Any = dict(body) if isinstance(body, dict) else list(body)
    copy[path[0]] = _spoilt(body[path[0]], path[1:], spoil)
    return copy


@pytest.fixture(scope="session")
def load() -> Callable[[str], Any]:
    """Reads a body by its name."""
    return lambda name: json.loads((DATA / f"{name}.json").read_bytes())


@pytest.fixture(scope="session")
def spoilt() -> Callable[[Any], Iterator[tuple[Path, Any]]]:
    """Every way to put the marked text, in some wrapping, into each place of a body."""

    def ways(body: Any) -> Iterator[tuple[Path, Any]]:
        for path in _walk(body):
            for spoil in _SPOILS:
                yield path, _spoilt(body, path, spoil)

    return ways


@pytest.fixture(scope="session")
def mistyped() -> Callable[[Any], Iterator[Any]]:
    """A body with each of its places in turn of another type."""

    def ways(body: Any) -> Iterator[Any]:
        for path in _walk(body):
            for spoil in _MISTYPES:
                yield _spoilt(body, path, spoil)

    return ways


@pytest.fixture(scope="session")
def mark() -> str:
    """The text to look for."""
    return MARK

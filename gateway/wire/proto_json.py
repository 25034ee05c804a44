"""Bodies of Google's APIs: every field has two spellings, and one item may stand for a list of it.

The servers take ``maxOutputTokens`` and ``max_output_tokens`` for one field (ProtoJSON), and both
are in use: the REST reference has the first, its examples the second, Google's SDK sends either. A
table names a field once, in camelCase; a body that has it in both spellings is refused, because
nobody can know which of the two counts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gateway.wire.exchange import Path, pointer
from gateway.wire.reading import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.terms import Provenance
    from gateway.wire.leaves import Finder, Shape

__all__ = ["both", "each", "member", "message", "several", "snake", "spelling"]

_CAPITAL: Final = re.compile(r"[A-Z]")
_T = TypeVar("_T")


@lru_cache(1024)
def snake(key: str) -> str:
    """The other spelling of a field: ``max_output_tokens`` for ``maxOutputTokens``."""
    return _CAPITAL.sub(lambda letter: "_" + letter.group().lower(), key)


def both(table: Mapping[str, _T]) -> dict[str, _T]:
    """A table of fields with each under both of its spellings."""
    return {**table, **{snake(key): value for key, value in table.items()}}


def spelling(value: Mapping[str, Any], key: str) -> str:
    """The spelling in which an object has a field; camelCase where it has none."""
    if key in value:
        return key
    other = snake(key)
    return other if other in value else key


def member(value: Mapping[str, Any], key: str) -> Any:
    """A field of an object, in whichever spelling; None where there is none."""
    if key in value:
        return value[key]
    other = snake(key)
    return None if other is key else value.get(other)


def each(value: Any, path: Path) -> Iterator[tuple[Any, Path]]:
    """The items of a list with their places; a single one stands for a list of it."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield item, (*path, index)
    else:
        yield value, path


def message(known: Mapping[str, Shape]) -> Shape:
    """An object whose fields may be spelt in both ways, but each in one; else as ``record``."""
    read_record = record(both(known))
    twins = {snake(key): key for key in known if snake(key) != key}

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        if isinstance(value, dict):
            for key in value:
                if (twin := twins.get(key)) is not None and twin in value:
                    raise found.fault(f"{pointer((*path, twin))} is there in two spellings")
        read_record(found, value, path, provenance)

    return read


def several(shape: Shape) -> Shape:
    """A list of values of one shape, or one such value."""

    def read(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        for item, at in each(value, path):
            shape(found, item, at, provenance)
            found.passed(value, path)

    return read

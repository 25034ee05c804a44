"""Globs over names of models, compiled so that many are matched at once.

A glob is a name, or a name with ``*`` (any text), ``?`` (one character) and ``[abc]`` (one of
these), case-sensitive, as ``fnmatch.fnmatchcase`` reads it. Names, and what stands before the first
special character of a glob, are looked up; only globs that start like the name are tried.
"""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MAX_MODEL", "GlobTable", "covers"]

MAX_MODEL: Final = 256
"""Longest name of a model, in characters, that any glob matches."""

T = TypeVar("T")
_SPECIAL: Final = re.compile(r"[*?[]")


def covers(wider: str, glob: str) -> bool:
    """Whether every name that ``glob`` matches is surely matched by ``wider`` too.

    Exact for names and for globs that end in their only ``*``; for others only equality is seen.
    """
    return wider == glob or (_is_prefix(wider) and glob.startswith(wider[:-1]))


def _is_prefix(glob: str) -> bool:
    return glob.endswith("*") and not _SPECIAL.search(glob, 0, len(glob) - 1)


class GlobTable(Generic[T]):
    """Values by globs.

    Args:
        entries: Values with their globs; without globs a value belongs to every name.
    """

    __slots__ = ("_any", "_exact", "_lengths", "_prefixes")

    def __init__(self, entries: Iterable[tuple[Iterable[str], T]]) -> None:
        self._any: list[T] = []
        self._exact: dict[str, list[T]] = {}
        self._prefixes: dict[str, list[tuple[re.Pattern[str] | None, T]]] = {}
        for globs, value in entries:
            self._add(tuple(globs), value)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def _add(self, globs: tuple[str, ...], value: T) -> None:
        if not globs:
            self._any.append(value)
        for glob in globs:
            special = _SPECIAL.search(glob)
            if special is None:
                self._exact.setdefault(glob, []).append(value)
            else:
                pattern = None if _is_prefix(glob) else re.compile(translate(glob))
                prefix = glob[: special.start()]
                self._prefixes.setdefault(prefix, []).append((pattern, value))

    def find(self, name: str) -> list[T]:
        """Every value that belongs to a name, in no order, perhaps more than once.

        A name longer than ``MAX_MODEL`` belongs to nothing but what belongs to every name.
        """
        found = [*self._any]
        if len(name) > MAX_MODEL:
            return found
        found += self._exact.get(name, ())
        for length in self._lengths:
            for pattern, value in self._prefixes.get(name[:length], ()):
                if pattern is None or pattern.match(name):
                    found.append(value)
        return found

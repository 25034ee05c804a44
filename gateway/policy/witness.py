"""Names of models that stand for all names: one for each way in which globs tell names apart.

Globs match endlessly many names. To compare policies it is enough to ask about one name for each
set of globs that match together, as far as such names can be found: one that each glob matches,
one that any two globs match where neither is a plain prefix of the other, and one that none does.
Names that three globs match together, and no two of them otherwise, are not looked for.
"""

from __future__ import annotations

from collections import deque
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["STRANGER", "common_name", "name_of", "witnesses"]

STRANGER: Final = "a-model-that-no-rule-names"
"""The name that stands for every model that no glob names."""

_FILLS: Final = ("any", "", "q7j")
"""What stands for any text: a word, nothing, and what no other glob is likely to name."""
_ANY: Final = "x"
_MAX_PAIRS: Final = 2_000

_Parts = tuple[str, ...]
_State = tuple[int, int]
"""How many parts of each of two globs are behind."""
_Step = tuple[str, _State]
"""A character, or none, and where it leads."""


def witnesses(globs: Iterable[str]) -> tuple[str, ...]:
    """Names that stand for all, sorted; among them one that no glob matches, if there is any."""
    distinct = sorted(set(globs))
    special = [glob for glob in distinct if _is_special(glob)]
    plain = set(distinct).difference(special)
    names = [name_of(glob, fill) for fill in _FILLS for glob in special]
    found: dict[frozenset[str], str] = {}
    for name in filter(None, (*sorted(plain), STRANGER, *names, *_overlaps(special))):
        matching = frozenset(glob for glob in special if fnmatchcase(name, glob))
        found.setdefault(matching | ({name} & plain), name)
    return tuple(sorted(found.values()))


def name_of(glob: str, fill: str = _FILLS[0]) -> str | None:
    """A name that a glob matches, ``*`` filled; None where there is none, as with ``[b-a]``."""
    parts = _parts(glob)
    picked = [fill if part == "*" else _pick(part, part) for part in parts]
    able = all(part == "*" or one for part, one in zip(parts, picked, strict=True))
    return "".join(picked) if able else None


def common_name(one: str, other: str) -> str | None:
    """A shortest name that both globs match, or None.

    A walk through both at once, from the front, shortest first; where they differ it ends at once.
    """
    left, right = _parts(one), _parts(other)
    waiting = deque[tuple[str, _State]]([("", (0, 0))])
    seen: set[_State] = set()
    while waiting:
        name, state = waiting.popleft()
        if state == (len(left), len(right)):
            return name
        if state in seen:
            continue
        seen.add(state)
        for character, following in _steps(left, right, state):
            # What costs no character comes first, so that the first end that is met is nearest.
            put = waiting.append if character else waiting.appendleft
            put((name + character, following))
    return None


def _steps(left: _Parts, right: _Parts, state: _State) -> Iterator[_Step]:
    at, over = state
    one = left[at] if at < len(left) else ""
    other = right[over] if over < len(right) else ""
    if one == "*":
        yield "", (at + 1, over)
    if other == "*":
        yield "", (at, over + 1)
    if not one or not other or one == other == "*":
        return
    character = _pick("?" if one == "*" else one, "?" if other == "*" else other)
    if character:
        yield character, (at + (one != "*"), over + (other != "*"))


def _overlaps(globs: Sequence[str]) -> Iterator[str | None]:
    """Names that two globs match; of prefixes the longer one's own name is one already."""
    inner = [glob for glob in globs if not _is_prefix(glob)]
    pairs = ((one, other) for one in inner for other in globs if one != other)
    for _, (one, other) in zip(range(_MAX_PAIRS), pairs, strict=False):
        yield common_name(one, other)


def _is_special(glob: str) -> bool:
    return any(character in glob for character in "*?[")


def _is_prefix(glob: str) -> bool:
    return glob.endswith("*") and not _is_special(glob[:-1])


@lru_cache(maxsize=1024)
def _parts(glob: str) -> _Parts:
    """The glob in parts that match one character each, and ``*``; read as ``fnmatch`` does."""
    parts: list[str] = []
    at = 0
    while at < len(glob):
        end = _end_of_set(glob, at) if glob[at] == "[" else -1
        part = glob[at : end + 1] if end > 0 else glob[at]
        # What opens a set and does not close one stands for itself.
        if part != "*" or parts[-1:] != ["*"]:
            parts.append("[[]" if part == "[" else part)
        at += len(part)
    return tuple(parts)


def _end_of_set(glob: str, at: int) -> int:
    """Where a set ends that begins at ``at``: a bracket right at its front is a member of it."""
    front = at + 1
    front += glob[front : front + 1] == "!"
    front += glob[front : front + 1] == "]"
    return glob.find("]", front)


@lru_cache(maxsize=4096)
def _pick(one: str, other: str) -> str:
    """A character that both parts match, or the empty string.

    Parts are sets of ranges, so if there is any, one stands at a border of a range or next to it.
    """
    named = [*one, *other]
    borders = (chr(ord(char) + step) for char in named for step in (-1, 1) if ord(char) > 1)
    tried = (*sorted(named, key=str.isalnum, reverse=True), _ANY, *borders)
    fits = (
        char
        for char in tried
        if char.isprintable() and fnmatchcase(char, one) and fnmatchcase(char, other)
    )
    return next(fits, "")

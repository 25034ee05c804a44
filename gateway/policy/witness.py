"""Names of models that stand for all names: one for each way in which globs tell names apart.

Globs match endlessly many names. To compare policies it is enough to ask about one name for each
set of globs that match together, as far as such names can be found: one that each glob matches,
one that any two globs match where neither is a plain prefix of the other, and one that none does.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["STRANGER", "common_name", "name_of", "witnesses"]

STRANGER: Final = "a-model-that-no-rule-names"
"""The name that stands for every model that no glob names."""

_FILL: Final = "any"
_ANY: Final = "x"
_MAX_PAIRS: Final = 20_000


def witnesses(globs: Iterable[str]) -> tuple[str, ...]:
    """Names that stand for all, sorted; ``STRANGER`` is among them."""
    distinct = sorted(set(globs))
    special = [glob for glob in distinct if _is_special(glob)]
    names = [name_of(glob) for glob in distinct]
    names += [name for name in _overlaps(special) if name is not None]
    found: dict[frozenset[str], str] = {}
    plain = set(distinct).difference(special)
    for name in sorted({*names, STRANGER}, key=lambda name: (name not in plain, name)):
        matching = frozenset(glob for glob in special if fnmatchcase(name, glob))
        found.setdefault(matching | ({name} & plain), name)
    return tuple(sorted(found.values()))


def name_of(glob: str) -> str:
    """A name that a glob matches."""
    filled = "".join(_FILL if part == "*" else _pick(part, part) for part in _parts(glob))
    return filled if fnmatchcase(filled, glob) else glob


def common_name(one: str, other: str) -> str | None:
    """A short name that both globs match, or None."""
    found = _common(_parts(one), _parts(other))
    if found is None or not (fnmatchcase(found, one) and fnmatchcase(found, other)):
        return None
    return found


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


def _parts(glob: str) -> tuple[str, ...]:
    """The glob in parts that match one character each, and ``*``."""
    parts: list[str] = []
    at = 0
    while at < len(glob):
        end = glob.find("]", at + 2) if glob[at] == "[" else -1
        part = glob[at : end + 1] if end > 0 else glob[at]
        if part != "*" or parts[-1:] != ["*"]:
            parts.append(part)
        at += len(part)
    return tuple(parts)


def _pick(one: str, other: str) -> str:
    """A character that both parts match, or the empty string."""
    tried = (*one, *other, _ANY)
    fits = (char for char in tried if fnmatchcase(char, one) and fnmatchcase(char, other))
    return next(fits, "")


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    """A shortest text that both match: a walk through both from the ends, without recursion."""
    # best[i][j] is a text that one[i:] and other[j:] match.
    best: list[list[str | None]] = [[None] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one), -1, -1):
        for j in range(len(other), -1, -1):
            best[i][j] = _best(one, other, best, i, j)
    return best[0][0]


def _best(
    one: tuple[str, ...],
    other: tuple[str, ...],
    best: list[list[str | None]],
    i: int,
    j: int,
) -> str | None:
    if i == len(one) and j == len(other):
        return ""
    left = one[i] if i < len(one) else None
    right = other[j] if j < len(other) else None
    found: list[str] = []
    if left == "*":
        _add(found, "", best[i + 1][j])
        if right not in {None, "*"}:
            _add(found, _pick(str(right), "?"), best[i][j + 1])
    if right == "*":
        _add(found, "", best[i][j + 1])
        if left not in {None, "*"}:
            _add(found, _pick(str(left), "?"), best[i + 1][j])
    if left not in {None, "*"} and right not in {None, "*"}:
        character = _pick(str(left), str(right))
        if character:
            _add(found, character, best[i + 1][j + 1])
    return min(found, key=len, default=None)


def _add(found: list[str], first: str, rest: str | None) -> None:
    if rest is not None:
        found.append(first + rest)

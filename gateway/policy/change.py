"""What changes between two policies, each change told once with the requests it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, get_args

from gateway.policy.differences import Kind

__all__ = ["Change", "Changes", "Diff", "Question"]

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.policy.differences import Difference

_ORDER: Final = {kind: place for place, kind in enumerate(get_args(Kind))}


@dataclass(frozen=True, slots=True)
class Question:
    """One request: who asks for what; with the name of a test where it or its texts are asked."""

    caller: str
    route: str = ""
    model: str = ""
    parameters: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, told once.

    Attributes:
        kind: What changed.
        before: What the old policy does; where it is not one thing, the first and how many more.
        after: What the new one does, likewise.
        count: How many of the questions it answers so.
        example: One of them.
        callers: Whom it is about; likewise ``routes`` and ``models``, of those that were asked.
    """

    kind: Kind
    before: str
    after: str
    count: int
    example: Question
    callers: tuple[str, ...]
    routes: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes, what opens first; how many questions were asked, and whether of all callers."""

    changes: tuple[Change, ...]
    asked: int
    complete: bool


@dataclass(slots=True)
class _Group:
    """The questions with the same change."""

    example: Question
    count: int = 0
    before: dict[str, None] = field(default_factory=dict)
    after: dict[str, None] = field(default_factory=dict)
    callers: dict[str, None] = field(default_factory=dict)
    routes: dict[str, None] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)


class Changes:
    """Collects differences; those of one kind and cause are one change."""

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: dict[tuple[Kind, str], _Group] = {}

    def add(self, difference: Difference, questions: Iterable[Question]) -> None:
        """These questions are answered otherwise now."""
        cause = difference.cause or f"{difference.before}\n{difference.after}"
        for question in questions:
            group = self._groups.setdefault((difference.kind, cause), _Group(question))
            group.count += 1
            group.before[difference.before] = None
            group.after[difference.after] = None
            group.callers[question.caller] = None
            group.routes[question.route] = None
            group.models[question.model] = None

    def sorted(self) -> tuple[Change, ...]:
        """What opens first; of one kind, what answers the most questions first."""
        found = [
            Change(
                kind,
                _first(group.before),
                _first(group.after),
                group.count,
                group.example,
                *(tuple(filter(None, one)) for one in (group.callers, group.routes, group.models)),
            )
            for (kind, _), group in self._groups.items()
        ]
        return tuple(sorted(found, key=_place))


def _first(words: Mapping[str, None]) -> str:
    more = len(words) - 1
    return next(iter(words)) + (f" (and {more} more like it)" if more else "")


def _place(change: Change) -> tuple[int, int, str, str]:
    return _ORDER[change.kind], -change.count, change.before, change.after

"""What changes between two policies, each change told once with the requests it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, get_args

from gateway.policy.differences import Kind, Words

__all__ = ["Change", "Changes", "Diff", "Question"]

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        before: What the old policy does.
        after: What the new one does.
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
    callers: dict[str, None] = field(default_factory=dict)
    routes: dict[str, None] = field(default_factory=dict)
    models: dict[str, None] = field(default_factory=dict)


class Changes:
    """Collects changes; those of the same words are one."""

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: dict[Words, _Group] = {}

    def add(self, words: Words, questions: Iterable[Question]) -> None:
        """These questions are answered otherwise now: by ``words``, before and after."""
        for question in questions:
            group = self._groups.setdefault(words, _Group(question))
            group.count += 1
            group.callers[question.caller] = None
            group.routes[question.route] = None
            group.models[question.model] = None

    def sorted(self) -> tuple[Change, ...]:
        """What opens first; of one kind, what answers the most questions first."""
        found = [
            Change(
                *words,
                group.count,
                group.example,
                *(tuple(filter(None, one)) for one in (group.callers, group.routes, group.models)),
            )
            for words, group in self._groups.items()
        ]
        return tuple(sorted(found, key=_place))


def _place(change: Change) -> tuple[int, int, str, str]:
    return _ORDER[change.kind], -change.count, change.before, change.after

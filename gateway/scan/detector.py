"""What a detector is: an expression that finds candidates and a check that decides.

Every decision is local: it depends on the candidate, on at most ``CONTEXT`` characters to the left
of it and on one character to the right. Streams rest on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from gateway.scan.matcher import WIDEST, compile_exact
from gateway.scan.patience import go_on
from gateway.scan.regex import Regex
from gateway.terms import GuardKind, ScannerKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gateway.scan.words import WordList
    from gateway.scan.zones import Zones

__all__ = [
    "CONTEXT",
    "Candidate",
    "Check",
    "Detector",
    "DetectorKind",
    "Reading",
    "make",
    "make_list",
]

DetectorKind: TypeAlias = ScannerKind | GuardKind | Literal["stand_in"]
"""What a detector serves: a kind of scanner, or the restoring of pseudonyms."""

_BUILT_IN: Final = ("injection", "pii", "secrets")
_WIDE: Final = 64
CONTEXT: Final = 64
"""Characters to the left of a candidate that may influence its score."""


class Candidate(NamedTuple):
    """What a check sees; a tuple, as many are made.

    Attributes:
        before: Up to ``CONTEXT`` characters left of the value.
        value: The characters that matched.
        after: The character right of the value; empty at the end of the text.
    """

    before: str
    value: str
    after: str

    def __repr__(self) -> str:
        return f"Candidate of {len(self.value)} characters"


class Reading(NamedTuple):
    """What a candidate may be, where one expression serves several entities.

    Attributes:
        entity: One of the detector's entities.
        score: From 0 to 1.
        length: How many characters of the value are the finding.
    """

    entity: str
    score: float
    length: int


Check: TypeAlias = "Callable[[Candidate], float | tuple[float, int] | list[Reading] | None]"
"""Gives the score from 0 to 1, or ``None`` if the candidate is none. With a length beside the
score only so many characters of the value are the finding. A list has all that it may be."""


class Finder:
    """An expression for RE2, which compiles it once it is asked: most of the rules never are.

    Args:
        expression: The expression.
        head: What every match of it begins with, where it is cheaper to look for that and then to
            match from there. To look for a wide expression, RE2 goes back from a match's end and
            asks at each place for all beginnings at once, which in a text of many takes long.
    """

    def __init__(self, expression: str, head: str = "") -> None:
        self._expression = expression
        self._head = head

    @cached_property
    def compiled(self) -> Any:
        """The expression, compiled.

        Raises:
            RegexError: RE2 does not take it.
        """
        return compile_exact(self._expression)

    @cached_property
    def _begun(self) -> Any:
        return compile_exact(self._head)

    def search(self, data: bytes, at: int) -> Any:
        """The leftmost match from ``at`` on, the longest from there; None if there is none."""
        if not self._head:
            return self.compiled.search(data, at)
        exact, head = self.compiled.match, self._begun.search
        while (begun := head(data, at)) is not None:
            go_on()
            at = begun.start()
            found = exact(data, at)
            if found is not None:
                return found
            at += 1
        return None

    def forget(self) -> None:
        """Drops what is compiled; it is compiled again when it is asked."""
        self.__dict__.pop("compiled", None)
        self.__dict__.pop("_begun", None)


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """Finds one kind of thing.

    Attributes:
        kind: The kind of scanner that it belongs to, or ``stand_in``.
        entity: What it finds, unless its check says which of ``others`` it is.
        regex: The expression of its candidates.
        finder: Where its matches are; what reads texts asks ``exact``.
        check: What it makes of a candidate.
        group: Number of the group that is the finding; 0 is the whole match.
        window: Most UTF-8 bytes that a match may have; what is longer is cut there.
        rule: Stable name of the rule.
        others: What else it may find.
        words: The list of terms that it looks for, instead of an expression.
        regions: The setting of the scanners that it serves; empty if it serves all of its kind.
        zones: Where its check may confirm a candidate; None for anywhere.
    """

    kind: DetectorKind
    entity: str
    regex: Regex
    finder: Finder
    check: Check
    group: int
    window: int
    rule: str
    others: tuple[str, ...] = ()
    words: WordList | None = None
    regions: tuple[str, ...] = ()
    zones: Zones | None = None

    @property
    def exact(self) -> Any:
        """The expression of its candidates, compiled; a few milliseconds the first time."""
        return self.finder.compiled

    @property
    def is_own(self) -> bool:
        """Whether it comes with the gateway, and not with a policy."""
        return self.kind in _BUILT_IN

    @property
    def entities(self) -> tuple[str, ...]:
        """All that it may find."""
        return (self.entity, *self.others)


def make(  # noqa: PLR0913 - one keyword per attribute, each with its default
    kind: DetectorKind,
    entity: str,
    pattern: str,
    check: Check,
    *,
    group: int = 0,
    window: int = WIDEST * 4,
    ignore_case: bool = False,
    rule: str = "",
    others: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
    trigger: str = "",
    zones: Zones | None = None,
) -> Detector:
    """Build a detector from the source of its expression.

    ``trigger`` is a shorter expression that occurs wherever this one matches, for those that take
    Hyperscan long to compile. ``zones`` tell where the check may confirm a candidate, for less than
    it takes to look for it and ask. What a policy brings is compiled at once, so that what is wrong
    with it is known before it acts.

    Raises:
        RegexError: The expression does not work.
    """
    regex = Regex(pattern, ignore_case=ignore_case, tell=kind == "injection")
    regex.trigger = trigger or regex.trigger
    wide = _WIDE < regex.longest <= WIDEST and kind != "injection"
    finder = Finder(regex.exact, regex.head if wide else "")
    if kind not in _BUILT_IN:
        _ = finder.compiled
    name = rule or entity
    return Detector(
        kind,
        entity,
        regex,
        finder,
        check,
        group,
        window,
        name,
        others,
        regions=regions,
        zones=zones,
    )


_NEVER: Final = Regex(r"\uffff")
_NOWHERE: Final = Finder(_NEVER.exact)


def make_list(entity: str, words: WordList, rule: str) -> Detector:
    """A detector of the terms of a list; no engine of expressions is asked for it."""
    return Detector("pattern", entity, _NEVER, _NOWHERE, _certain, 0, 0, rule, words=words)


def _certain(_found: Candidate) -> float:
    return 1.0

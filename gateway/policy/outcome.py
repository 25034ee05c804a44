"""What came of the request of an embedded test, and whether it is what was expected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gateway.policy.case import Expectation
    from gateway.policy.decision import Decision
    from gateway.terms import Changes, Value

__all__ = ["Hit", "Outcome", "difference", "outcome_of"]


class Hit(Protocol):
    """What a scanner found."""

    @property
    def scanner(self) -> str:
        """The scanner's name in the policy."""

    @property
    def entity(self) -> str:
        """What was found."""

    @property
    def action(self) -> Action:
        """What the policy does about it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided, and what the scanners found.

    Attributes:
        decision: The decision.
        hits: What the scanners of the decision found.
        shadow: The rules in shadow mode that would have done otherwise.
    """

    decision: Decision
    hits: tuple[Hit, ...]
    shadow: frozenset[str]

    @property
    def strongest(self) -> Action:
        """The strongest action of all findings."""
        return max((hit.action for hit in self.hits), default=Action.ALLOW)

    @property
    def verdict(self) -> str:
        """The word that the header of the answer would give."""
        return self.strongest.word if self.decision.allowed else "deny"


def outcome_of(decision: Decision, scan: Callable[[Sequence[str]], Iterable[Hit]]) -> Outcome:
    """What comes of a decision; ``scan`` reads the texts with scanners of these names."""
    if not decision.allowed:
        return Outcome(decision, (), frozenset(one.rule for one in decision.shadow))
    hits = tuple(scan(decision.scanners))
    shadow = {one.rule for one in decision.shadow}
    for one in decision.shadow_scans:
        if _acts(scan(one.scanners)) != _acts(hits):
            shadow.add(one.rule)
    return Outcome(decision, hits, frozenset(shadow))


def _acts(hits: Iterable[Hit]) -> Counter[tuple[str, str, Action]]:
    acting = (hit for hit in hits if hit.action is not Action.ALLOW)
    return Counter((hit.scanner, hit.entity, hit.action) for hit in acting)


def difference(expect: Expectation, outcome: Outcome) -> str:
    """What was expected and what came instead, in words; empty where nothing differs."""
    decision, verdict = outcome.decision, outcome.verdict
    if verdict != expect.decision:
        return f"expected {expect.decision}, got {verdict} ({_explained(outcome)})"
    if expect.rule is not None and expect.rule not in decision.rules:
        return f"expected the rule {expect.rule!r} to decide, but it was {decision.reason}"
    if not _found(expect, outcome):
        wanted = " ".join(filter(None, (expect.scanner, expect.entity)))
        return f"expected {verdict} by {wanted} ({_explained(outcome)})"
    if expect.changes is not None and expect.changes != decision.changes:
        return f"expected the changes {_said(expect.changes)}, got {_said(decision.changes)}"
    limits = frozenset(use.limit.name for use in decision.limits)
    return (
        _other("limits", expect.limits, limits)
        or _other("exceptions", expect.exceptions, frozenset(decision.exceptions))
        or _other("rules in shadow mode", expect.shadow, outcome.shadow)
    )


def _found(expect: Expectation, outcome: Outcome) -> bool:
    scanner, entity = expect.scanner, expect.entity
    return (scanner is None and entity is None) or any(
        hit.action is outcome.strongest
        and scanner in {None, hit.scanner}
        and entity in {None, hit.entity}
        for hit in outcome.hits
    )


def _explained(outcome: Outcome) -> str:
    if not outcome.decision.allowed:
        return outcome.decision.reason
    found = sorted({f"{hit.scanner} {hit.entity}: {hit.action.word}" for hit in outcome.hits})
    return f"found {', '.join(found)}" if found else "the scanners found nothing"


def _other(what: str, expected: frozenset[str] | None, got: frozenset[str]) -> str:
    if expected is None or expected == got:
        return ""
    return f"expected the {what} {_named(expected)}, got {_named(got)}"


def _named(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _said(changes: Changes) -> str:
    return ", ".join(f"{word}: {_shown(word, changes[word])}" for word in sorted(changes)) or "none"


def _shown(word: str, value: Value | tuple[str, ...]) -> str:
    # A system text is text of a prompt, and none of that stands in a failure.
    if word.startswith("system"):
        return f"a text of {len(str(value))} characters"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)

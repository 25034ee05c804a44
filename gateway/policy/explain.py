"""A decision explained: every rule that was considered, and all that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from gateway.policy.considered import Considered, State, consider
from gateway.policy.days import show_day
from gateway.policy.decide import decide
from gateway.policy.differences import specs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.policy.decision import Ask, Decision
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.model import Policy
    from gateway.terms import ScannerSpec

__all__ = ["Explanation", "Reader", "Sparing", "explain"]

_ORDER: Final = {state: place for place, state in enumerate(get_args(State))}


@dataclass(frozen=True, slots=True)
class Sparing:
    """One exception: what it would spare, whether it does, and why not."""

    exception: str
    scanner: str
    entities: tuple[str, ...]
    applies: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """A scanner that reads the request, with its settings here, and what changed those."""

    spec: ScannerSpec
    changed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that a policy says of one request.

    Attributes:
        ask: The request.
        decision: What was decided.
        rules: Every rule, what decided first.
        exceptions: Every exception of the policy.
        scanners: What reads the request.
    """

    ask: Ask
    decision: Decision
    rules: tuple[Considered, ...]
    exceptions: tuple[Sparing, ...]
    scanners: tuple[Reader, ...]


def explain(policy: Policy, ask: Ask) -> Explanation:
    """Says of a request what a policy decides, and why."""
    decision = decide(policy, ask)
    rules = sorted(consider(policy, ask, decision), key=lambda one: _ORDER[one.state])
    return Explanation(
        ask=ask,
        decision=decision,
        rules=tuple(rules),
        exceptions=tuple(_sparing(one, ask, decision) for one in policy.exceptions),
        scanners=tuple(_readers(policy, decision, rules)),
    )


def _readers(policy: Policy, decision: Decision, rules: Iterable[Considered]) -> Iterator[Reader]:
    applying = {one.rule for one in rules if one.state == "applies"} | {*decision.exceptions}
    for spec in specs_of(policy, decision.scanners):
        changing = [
            *(one.id for one in policy.exceptions if one.scanner == spec.name),
            *(one.id for one in policy.overrides if one.scanner == spec.name),
        ]
        yield Reader(spec, tuple(name for name in changing if name in applying))


def _sparing(exception: PolicyException, ask: Ask, decision: Decision) -> Sparing:
    applies = exception.id in decision.exceptions
    return Sparing(
        exception=exception.id,
        scanner=exception.scanner,
        entities=tuple(sorted(exception.entities)),
        applies=applies,
        why="" if applies else _why_not(exception, ask, decision),
    )


def _why_not(exception: PolicyException, ask: Ask, decision: Decision) -> str:
    if ask.day > exception.expires:
        return f"it has ended on {show_day(exception.expires)}"
    if exception.id not in ask.exceptions:
        return "it is not made for this caller"
    if not decision.allowed or exception.rule not in decision.rules:
        return f"its rule {exception.rule} does not allow this request"
    return "another rule scans with it too and spares nothing, or an override is stricter"

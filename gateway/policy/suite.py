"""Runs the tests embedded in a policy: the whole decision, with real scanners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from gateway.claims import strings_at
from gateway.errors import GatewayError, Problem
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.terms import Action, Principal, Provenance

if TYPE_CHECKING:
    from gateway.errors import Place
    from gateway.policy.case import Case
    from gateway.policy.decision import Decision
    from gateway.policy.model import Policy
    from gateway.terms import Changes, Value

__all__ = ["CaseResult", "Hit", "Scan", "run_suite"]

_ROLES_CLAIM: Final = "roles"
"""Where a test's claims name the token's roles; the settings' own path is unknown to a policy."""


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


Scan = Callable[[str, Provenance, tuple[str, ...]], Iterable[Hit]]
"""Scans a text of a provenance with the scanners of these names."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one embedded test; ``why`` says what was expected and what came instead."""

    name: str
    place: Place
    passed: bool
    why: str = ""

    def problem(self) -> Problem:
        """The failure as a problem of the policy file."""
        return Problem(self.place, f"the test {self.name!r} fails: {self.why}")


def run_suite(policy: Policy, scan: Scan) -> tuple[CaseResult, ...]:
    """Runs every embedded test, in the order of the files."""
    return tuple(_run(policy, case, scan) for case in policy.tests)


def _run(policy: Policy, case: Case, scan: Scan) -> CaseResult:
    decision = decide(policy, _ask(policy, case))
    try:
        hits = [*_scan(case, decision, scan)]
    except GatewayError:
        return CaseResult(case.name, case.place, False, "a text of it could not be scanned")
    why = _difference(case, decision, hits)
    return CaseResult(case.name, case.place, not why, why)


def _ask(policy: Policy, case: Case) -> Ask:
    roles, claims = _roles(policy, case), case.claims or {}
    exceptions = frozenset(one.id for one in policy.exceptions if one.is_for(roles, claims))
    return Ask(roles, case.route, case.model, case.parameters, exceptions, case.day)


def _roles(policy: Policy, case: Case) -> frozenset[str]:
    if case.roles is not None or case.claims is None:
        return policy.with_inherited(case.roles or ())
    roles = strings_at(case.claims, _ROLES_CLAIM)
    return policy.find_roles(Principal("test", "test", roles, None, case.claims, b"", 0.0))


def _scan(case: Case, decision: Decision, scan: Scan) -> Iterable[Hit]:
    if decision.allowed:
        for provenance, text in case.texts:
            yield from scan(text, provenance, decision.scanners)


def _difference(case: Case, decision: Decision, hits: list[Hit]) -> str:
    expect = case.expect
    strongest = max((hit.action for hit in hits), default=Action.ALLOW)
    verdict = strongest.word if decision.allowed else "deny"
    if verdict != expect.decision:
        return f"expected {expect.decision}, got {verdict} ({_explained(decision, hits)})"
    if expect.rule is not None and expect.rule not in decision.rules:
        return f"expected the rule {expect.rule!r} to decide, but it was {decision.reason}"
    if not _found(case, hits, strongest):
        wanted = " ".join(filter(None, (expect.scanner, expect.entity)))
        return f"expected {verdict} by {wanted} ({_explained(decision, hits)})"
    return _other(case, decision)


def _other(case: Case, decision: Decision) -> str:
    """What is expected of an allowed request beside the findings, and is otherwise."""
    expect = case.expect
    if expect.changes is not None and expect.changes != decision.changes:
        return (
            f"expected it to be made to say {_said(expect.changes)}, got {_said(decision.changes)}"
        )
    limits = {use.limit.name for use in decision.limits}
    if expect.limits is not None and expect.limits != limits:
        return f"expected it to count in {_named(expect.limits)}, got {_named(limits)}"
    if expect.exceptions is not None and expect.exceptions != {*decision.exceptions}:
        wanted, got = _named(expect.exceptions), _named(decision.exceptions)
        return f"expected the exceptions {wanted}, got {got}"
    return ""


def _said(changes: Changes) -> str:
    # A system text is a text of a prompt, and those stand in no failure.
    shown = {word: "…" if word.startswith("system") else it for word, it in changes.items()}
    return (
        ", ".join(f"{word}: {_value(value)}" for word, value in sorted(shown.items())) or "nothing"
    )


def _value(value: Value | tuple[str, ...]) -> str:
    return (
        f"[{', '.join(value)}]"
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _found(case: Case, hits: list[Hit], strongest: Action) -> bool:
    scanner, entity = case.expect.scanner, case.expect.entity
    return (scanner is None and entity is None) or any(
        hit.action is strongest and scanner in {None, hit.scanner} and entity in {None, hit.entity}
        for hit in hits
    )


def _explained(decision: Decision, hits: list[Hit]) -> str:
    if not decision.allowed or not hits:
        return decision.reason if not decision.allowed else "the scanners found nothing"
    found = sorted({f"{hit.scanner} {hit.entity}: {hit.action.word}" for hit in hits})
    return f"found {', '.join(found)}"

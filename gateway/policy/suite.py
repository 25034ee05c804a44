"""Runs the tests embedded in a policy: the whole decision, with real scanners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.claims import strings_at
from gateway.errors import GatewayError, Problem
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.outcome import Hit, difference, outcome_of
from gateway.terms import Principal, Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.errors import Place
    from gateway.policy.case import Case
    from gateway.policy.model import Policy

__all__ = ["CaseResult", "Hit", "Scan", "run_suite"]

_ROLES_CLAIM: Final = "roles"
"""Where a test's claims name the token's roles; the settings' own path is unknown to a policy."""


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
    def scan_all(scanners: Sequence[str]) -> Iterator[Hit]:
        for provenance, text in case.texts:
            yield from scan(text, provenance, tuple(scanners))

    try:
        outcome = outcome_of(decide(policy, _ask(policy, case)), scan_all)
    except GatewayError:
        return CaseResult(case.name, case.place, False, "a text of it could not be scanned")
    why = difference(case.expect, outcome)
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

"""Runs the tests embedded in a policy: the whole decision, with real scanners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.errors import GatewayError, Problem
from gateway.policy.callers import ask_of
from gateway.policy.decide import decide
from gateway.policy.outcome import Hit, difference, outcome_of
from gateway.terms import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.errors import Place
    from gateway.policy.case import Case
    from gateway.policy.model import Policy

__all__ = ["CaseResult", "Compare", "Hit", "Scan", "nothing_copied", "run_suite"]

Scan = Callable[[str, Provenance, tuple[str, ...]], Iterable[Hit]]
"""Scans a text of a provenance with the scanners of these names."""
Compare = Callable[[Sequence[tuple[Provenance, str]], tuple[str, ...]], Iterable[Hit]]
"""Finds what the texts of one exchange, each with its provenance, copy from one another."""


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


def nothing_copied(
    _texts: Sequence[tuple[Provenance, str]], _scanners: tuple[str, ...]
) -> tuple[Hit, ...]:
    """Compares no texts."""
    return ()


def run_suite(
    policy: Policy, scan: Scan, compare: Compare = nothing_copied
) -> tuple[CaseResult, ...]:
    """Runs every embedded test, in the order of the files."""
    return tuple(_run(policy, case, scan, compare) for case in policy.tests)


def _run(policy: Policy, case: Case, scan: Scan, compare: Compare) -> CaseResult:
    def scan_all(scanners: Sequence[str]) -> Iterator[Hit]:
        for provenance, text in case.texts:
            yield from scan(text, provenance, tuple(scanners))
        yield from compare(case.texts, tuple(scanners))

    try:
        outcome = outcome_of(decide(policy, ask_of(policy, case)), scan_all)
    except GatewayError:
        return CaseResult(case.name, case.place, False, "a text of it could not be scanned")
    why = difference(case.expect, outcome)
    return CaseResult(case.name, case.place, not why, why)

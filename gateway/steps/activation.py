"""Policy files become the policy in force, with its scanners ready; all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.known import Known
from gateway.policy.load import load_policy
from gateway.policy.suite import CaseResult, run_suite
from gateway.scan.engine import Engine, known_entities
from gateway.scan.matcher import check_pattern
from gateway.scan.regex import RegexError
from gateway.terms import PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from gateway.policy.model import Policy
    from gateway.policy.suite import Hit
    from gateway.terms import Provenance

__all__ = ["Active", "activate", "compile_policy", "run_tests"]


@dataclass(frozen=True, slots=True)
class Active:
    """A policy, and the engine that runs its scanners."""

    policy: Policy
    engine: Engine


def activate(paths: Sequence[Path]) -> Active:
    """Loads, checks, compiles and tests a policy.

    Raises:
        ConfigurationError: With every problem and its place; tests that fail are problems too.
    """
    active = compile_policy(paths)
    failed = [result.problem() for result in run_tests(active) if not result.passed]
    if failed:
        raise ConfigurationError(failed)
    return active


def compile_policy(paths: Sequence[Path]) -> Active:
    """Loads, checks and compiles a policy without running its tests.

    Raises:
        ConfigurationError: With every problem and its place.
    """
    policy = load_policy(paths, Known(entities=known_entities(), check_pattern=check_pattern))
    try:
        active = Active(policy, Engine(policy.scanners))
        _warm(active)
    except RegexError as error:
        # Each pattern holds alone; together they may be too much for one automaton.
        problem = Problem(Place(policy.files[0]), f"the scanners do not compile: {error}")
        raise ConfigurationError(problem) from None
    return active


def _warm(active: Active) -> None:
    """Compiles now, off the event loop, what the first request of each kind would compile."""
    order = [scanner.name for scanner in active.policy.scanners]
    for wanted in {frozenset(rule.scan) for rule in active.policy.rules if rule.allows}:
        scanners = tuple(name for name in order if name in wanted)
        for provenance in PROVENANCES:
            active.engine.scan("a text long enough to be read", provenance, scanners)
            active.engine.stream(provenance, scanners).feed("a")


def run_tests(active: Active) -> tuple[CaseResult, ...]:
    """Runs the embedded tests with the policy's own scanners."""

    def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Hit]:
        return active.engine.scan(text, provenance, scanners).findings

    return run_suite(active.policy, scan)

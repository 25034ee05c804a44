"""Every part of the starter policy is held by one of its own tests.

Each mutant is the shipped policy with one mistake in it. If all its tests still passed, nobody
would have noticed the mistake.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mutants import mutants

from gateway.policy.load import load_policy
from gateway.policy.suite import run_suite
from gateway.scan import engine as engine_room
from gateway.scan.engine import Engine
from gateway.scan.matcher import Automaton

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gateway.policy.model import Policy
    from gateway.policy.suite import Hit
    from gateway.terms import Provenance, ScannerSpec

SHIPPED = Path(__file__).parents[2] / "policies"
MUTANTS = dict(mutants(load_policy([SHIPPED])))


def uncommented(text: str) -> str:
    """A policy file with its commented-out examples taken in."""
    return re.sub(r"^#(?=exceptions:| {2,}(?:- )?\w+:(?: |$))", "", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def engine_of() -> Iterator[Callable[[Policy], Engine]]:
    """The engine of a policy; most mutants share one, and all of them share their patterns."""

    @lru_cache
    def automaton(patterns: tuple[str, ...]) -> Automaton:
        return Automaton(patterns)

    def cached(patterns: Sequence[str]) -> Automaton:
        return automaton(tuple(patterns))

    engines: list[tuple[tuple[ScannerSpec, ...], Engine]] = []

    def finding(policy: Policy) -> Engine:
        known = next((one for specs, one in engines if specs == policy.scanners), None)
        if known is None:
            known = Engine(policy.scanners)
            engines.append((policy.scanners, known))
        return known

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_room, "Automaton", cached)
        yield finding


def failing(policy: Policy, engine: Engine) -> set[str]:
    """The names of the tests that a policy fails."""

    def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Hit]:
        return engine.scan(text, provenance, scanners).findings

    return {result.name for result in run_suite(policy, scan) if not result.passed}


def test_the_policy_as_it_is_passes(engine_of: Callable[[Policy], Engine]) -> None:
    policy = load_policy([SHIPPED])
    assert failing(policy, engine_of(policy)) == set()
    assert policy.warnings == ()


def test_there_are_mutants_of_every_rule_role_and_scanner() -> None:
    policy = load_policy([SHIPPED])
    parts = {name.partition(":")[0] for name in MUTANTS}
    assert parts == {
        *(f"rule {rule.id}" for rule in policy.rules),
        *(f"rule {override.id}" for override in policy.overrides),
        *(f"role {name}" for name, role in policy.roles.items() if role.match or role.inherits),
        *(f"scanner {scanner.name}" for scanner in policy.base_scanners),
    }
    assert len(MUTANTS) > 100


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_fails_a_test(name: str, engine_of: Callable[[Policy], Engine]) -> None:
    mutant = MUTANTS[name]
    assert failing(mutant, engine_of(mutant)), "no shipped test shows this mistake"


def test_the_commented_example_holds_and_its_mutants_fail(
    tmp_path: Path, engine_of: Callable[[Policy], Engine]
) -> None:
    for file in SHIPPED.iterdir():
        (tmp_path / file.name).write_text(uncommented(file.read_text()))
    policy = load_policy([tmp_path])
    assert [one.id for one in policy.exceptions] == ["support-calls-back"]
    assert failing(policy, engine_of(policy)) == set()
    for name, mutant in mutants(policy):
        if name.startswith("exception "):
            assert failing(mutant, engine_of(mutant)), f"no test shows this mistake: {name}"

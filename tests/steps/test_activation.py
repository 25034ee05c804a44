"""Policy files become the policy in force, with real scanners."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.policy.watch import Loaded, PolicyStore, Refused
from gateway.steps.activation import activate, compile_policy, run_tests
from gateway.terms import Action

SHIPPED = Path(__file__).parents[2] / "policies"

POLICY = """\
version: 1
roles: {analyst: {}}
scanners:
  pii: {kind: pii, on: [user], entities: {EMAIL_ADDRESS: redact}}
  own: {kind: pattern, on: [answer], action: block, patterns: {BIRD: 'blue ?bird'}}
rules: [{id: chat, allow: {roles: [analyst]}, scan: [pii, own]}]
tests:
  - name: addresses are redacted
    given: {role: analyst, route: messages, model: m, prompt: I am jane.doe@example.com}
    expect: {decision: redact, scanner: pii, entity: EMAIL_ADDRESS}
  - name: birds are blocked in answers only
    given: {role: analyst, route: messages, model: m, prompt: bluebird, answer: a blue bird}
    expect: {decision: block, scanner: own, entity: BIRD}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def rewrite(file: Path, old: str, new: str) -> None:
    file.write_text(POLICY.replace(old, new))


def problems_of(file: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        activate([file])
    return [str(problem).replace(f"{file}:", "") for problem in caught.value.problems]


def test_a_policy_is_active_with_the_engine_of_its_scanners(file: Path) -> None:
    active = activate([file])
    scan = active.engine.scan("I am jane.doe@example.com", "user", ("pii", "own"))
    assert [(finding.entity, finding.action) for finding in scan.findings] == [
        ("EMAIL_ADDRESS", Action.REDACT)
    ]
    assert active.policy.files == (str(file),)


def test_every_test_that_fails_keeps_the_policy_from_being_active(file: Path) -> None:
    text = POLICY.replace("decision: redact", "decision: block").replace("a blue bird", "a bird")
    file.write_text(text)
    assert problems_of(file) == [
        (
            "8:5: the test 'addresses are redacted' fails: "
            "expected block, got redact (found pii EMAIL_ADDRESS: redact)"
        ),
        (
            "11:5: the test 'birds are blocked in answers only' fails: "
            "expected block, got allow (the scanners found nothing)"
        ),
    ]
    assert [result.passed for result in run_tests(compile_policy([file]))] == [False, False]


def test_entities_are_those_that_the_scanners_really_find(file: Path) -> None:
    file.write_text(POLICY.replace("EMAIL_ADDRESS: redact", "EMAIL_ADRESS: redact"))
    (found,) = problems_of(file)
    assert found.startswith("4:43: a scanner of kind pii finds no 'EMAIL_ADRESS'; did you mean")


@pytest.mark.parametrize("pattern", ["(", "a*", "(?=a)b", "(a)\\1"])
def test_a_pattern_that_does_not_work_is_named_at_its_place(file: Path, pattern: str) -> None:
    file.write_text(POLICY.replace("blue ?bird", pattern))
    (found,) = problems_of(file)
    assert found.startswith("5:64: BIRD: ")


def test_the_shipped_policy_is_active() -> None:
    active = activate([SHIPPED])
    assert len(active.policy.tests) >= 20
    assert active.policy.warnings == ()


async def test_a_store_keeps_the_last_policy_whose_tests_passed(file: Path) -> None:
    store = PolicyStore(file, lambda: activate([file]))
    rewrite(file, "decision: block", "decision: flag")
    assert isinstance(await store.reload(), Refused)
    assert store.current.policy.tests[1].expect.decision == "block"
    rewrite(file, "blue ?bird", "blue.bird")
    assert isinstance(await store.reload(), Loaded)
    assert store.current.policy.scanners[1].patterns["BIRD"] == "blue.bird"

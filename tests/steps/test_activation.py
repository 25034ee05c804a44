"""Policy files become the policy in force, with real scanners."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.policy.bundle_keys import create_keys, load_signing_key
from gateway.policy.revision import Stamp, read_stamp
from gateway.policy.signing import sign_bundle
from gateway.policy.watch import Loaded, PolicyStore, Refused
from gateway.settings import PolicySettings
from gateway.steps.activation import Signed, activate, compile_policy, run_tests, signed_of
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


COPIES = """
version: 1
roles: {r: {}}
rules:
  - {id: all, allow: {roles: [r]}, scan: []}
  - id: read
    restrict: {when: {tainted: true}}
    answer_copies: {tools: [post_note], chars: 16}
tests:
  - name: what a document says goes into no note
    given:
      role: r
      route: messages
      model: m
      document: the vault opens at noon with seven turns
      call: post_note
      argument: "I note: the vault  opens at NOON"
    expect: {decision: block, scanner: read, entity: COPIED_ARGUMENT}
"""


def test_what_an_argument_copies_is_found_in_embedded_tests(file: Path) -> None:
    file.write_text(COPIES)
    assert activate([file]).policy.restrictions


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("call: post_note", "call: search"),
        ("opens at NOON", "shuts at NOON"),
        ("chars: 16", "chars: 60"),
        ("document: the", "prompt: the"),
    ],
)
def test_what_is_no_copy_fails_a_test_that_expects_one(file: Path, old: str, new: str) -> None:
    assert old in COPIES
    file.write_text(COPIES.replace(old, new))
    (found,) = problems_of(file)
    assert "expected block, got allow" in found


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


@pytest.fixture
def signed(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Signed:
    """The folder of ``file``, signed."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    private, public = create_keys(elsewhere)
    sign_bundle(file.parent, compile_policy([file.parent]).policy, load_signing_key(private))
    return Signed(public, elsewhere / "revision")


def test_a_signed_policy_is_active_and_remembered(file: Path, signed: Signed) -> None:
    active = activate([file.parent], signed)
    assert active.stamp == Stamp(0, active.policy.digest)
    assert read_stamp(signed.revision_file) == active.stamp


def test_a_look_at_a_signed_policy_remembers_nothing(file: Path, signed: Signed) -> None:
    assert activate([file.parent], signed, remember=False).stamp is not None
    assert read_stamp(signed.revision_file) is None


def test_a_signed_policy_whose_tests_fail_is_not_remembered(file: Path, signed: Signed) -> None:
    rewrite(file, "decision: block", "decision: flag")
    key = load_signing_key(signed.key.with_suffix(".key"))
    (file.parent / "manifest.sig").unlink()
    sign_bundle(file.parent, compile_policy([file.parent]).policy, key)
    with pytest.raises(ConfigurationError, match="fails"):
        activate([file.parent], signed)
    assert read_stamp(signed.revision_file) is None


async def test_an_edited_policy_is_refused_and_the_signed_one_stays(
    file: Path, signed: Signed
) -> None:
    store = PolicyStore(file.parent, lambda: activate([file.parent], signed))
    rewrite(file, "blue ?bird", "red ?bird")
    outcome = await store.reload()
    assert isinstance(outcome, Refused)
    assert "differs from what was signed" in str(outcome.problems[0])
    assert store.current.policy.scanners[1].patterns["BIRD"] == "blue ?bird"


def test_settings_say_whether_a_signature_is_asked_for(tmp_path: Path) -> None:
    key, revision = tmp_path / "policy.pub", tmp_path / "revision"
    assert signed_of(PolicySettings(path=tmp_path)) is None
    asked = PolicySettings(path=tmp_path, signed_by=key, revision_file=revision)
    assert signed_of(asked) == Signed(key, revision)

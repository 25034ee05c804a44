"""Texts are read, findings counted, and coverage is stated as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from decisions import allowing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.scan.engine import Engine, default_specs
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.scan.runs import Runs
from gateway.steps.inspection import inspect, inspect_now, is_long
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.exchange import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.decision import Decision

    Decide = Callable[..., Decision]


def _user(value: str, place: int = 0, *, rewritable: bool = True) -> Text:
    return Text(value, "user", ("messages", place, "content"), rewritable)


def _tokenising() -> Engine:
    rules = {"EMAIL_ADDRESS": EntityRule(Action.TOKENISE)}
    return Engine([ScannerSpec("pii", "pii", frozenset({"user"}), rules)])


def test_rewrites_go_to_their_own_places(engine: Engine, decision: Decide) -> None:
    found = inspect_now(engine, decision(), [_user("clean", 0), _user("to a@example.com", 1)])
    assert found.action is Action.REDACT
    assert found.replacements == {("messages", 1, "content"): "to [EMAIL_ADDRESS]"}
    (note,) = found.findings
    assert (note.scanner, note.entity, note.where) == (
        "pii",
        "EMAIL_ADDRESS",
        "/messages/1/content",
    )
    assert [one["text"] for one in found.matched] == ["a@example.com"]


def test_a_block_names_scanner_and_entity_and_not_the_text(
    engine: Engine, decision: Decide
) -> None:
    found = inspect_now(engine, decision(), [_user("card 4111 1111 1111 1111")])
    assert found.action is Action.BLOCK
    refusal = found.refusal()
    assert "pii found CREDIT_CARD" in refusal.message
    assert "4111" not in refusal.message + refusal.reason
    assert "4111" not in repr(found)


def test_coverage_counts_what_was_read_and_by_whom(engine: Engine, decision: Decide) -> None:
    texts = [_user("1234567"), Text("not for scanners", "system", ("system",))]
    coverage = inspect_now(engine, decision(), texts).coverage
    assert (coverage.chars, coverage.scanned) == (23, 7)
    assert coverage.scanners == {"pii": "clean", "secrets": "clean"}
    coverage = inspect_now(engine, decision(), texts[1:]).coverage
    assert coverage.scanned == 0
    assert set(coverage.scanners.values()) == {"not_run(no text of its kind)"}


def test_a_rewrite_that_cannot_be_applied_is_a_block(engine: Engine, decision: Decide) -> None:
    found = inspect_now(engine, decision(), [_user("to a@example.com", rewritable=False)])
    assert found.action is Action.BLOCK
    assert not found.replacements


@pytest.mark.parametrize(
    ("on_error", "action"), [(Action.BLOCK, Action.BLOCK), (Action.FLAG, Action.FLAG)]
)
def test_a_scanner_that_fails_acts_as_the_policy_says(
    engine: Engine,
    decision: Decide,
    monkeypatch: pytest.MonkeyPatch,
    on_error: Action,
    action: Action,
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("secret words")

    monkeypatch.setattr(type(engine), "scan", broken)
    found = inspect_now(engine, decision(on_error=on_error), [_user("some text")])
    assert found.action is action
    assert found.coverage.scanned == 0
    assert found.coverage.scanners["pii"] == "error"
    assert "secret words" not in repr(found)
    if action is Action.BLOCK:
        assert "SCANNER_ERROR" in found.refusal().message


async def test_long_texts_give_the_same_in_a_thread(engine: Engine, decision: Decide) -> None:
    long = "word " * 20_000 + "to a@example.com"
    found = await inspect(engine, decision(), [_user(long)])
    assert found == inspect_now(engine, decision(), [_user(long)])
    assert found.replacements[("messages", 0, "content")].endswith("to [EMAIL_ADDRESS]")


def test_a_stand_in_where_nothing_can_be_written_stays_and_blocks_nothing() -> None:
    scanners, decided = _tokenising(), allowing("pii")
    names = Pseudonyms(b"k" * 32)
    stand_in = names.issue(Replacement(0, 0, "tokenise", "EMAIL_ADDRESS"), "a@example.com")
    key = Text(stand_in, "answer", ("key",), rewritable=False)
    found = inspect_now(scanners, decided, [key], names.inward)
    assert (found.action, dict(found.replacements)) == (Action.ALLOW, {})
    # No scanner of the policy read it: looking for stand-ins is no scan.
    assert found.coverage.scanned == 0
    value = Text(f"to {stand_in}", "answer", ("value",))
    found = inspect_now(scanners, decided, [value], names.inward)
    assert dict(found.replacements) == {("value",): "to a@example.com"}


def test_many_texts_are_long_however_short_they_are() -> None:
    assert not is_long([])
    assert not is_long([_user("x" * 128)] * 256)
    assert is_long([_user("")] * 257)
    assert is_long([_user("x" * 32_769)])


_SAID = st.lists(
    st.builds(
        Text,
        st.sampled_from(
            [
                "",
                "Hi",
                "a b",
                "ab",
                "nothing of interest",
                "to a@example.com",
                "to <EMAIL_ADDRESS_k3v9>",
                "ignore all",
                "previous instructions",
                "4111 1111 1111 1111",
            ]
        ),
        st.sampled_from(("user", "system", "answer")),
        st.integers(0, 99).map(lambda place: ("messages", place, "content")),
        st.booleans(),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def every_engine() -> Engine:
    return Engine(default_specs())


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=_SAID, turns=st.lists(st.tuples(_SAID, st.integers(0, 3)), max_size=4))
def test_what_was_read_before_in_runs_changes_nothing(
    every_engine: Engine, decision: Decide, said: list[Text], turns: list[tuple[list[Text], int]]
) -> None:
    engine = every_engine
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "runs", Runs())
        for more, forgotten in turns:
            said = said[forgotten:] + more
            for scanners in (("pii",), ("injection", "pii", "secrets")):
                ours = decision(*scanners)
                # In runs of this length most are whole, and some are known.
                patch.setattr("gateway.steps.inspection.RUNS", (4, 2))
                found = inspect_now(engine, ours, said)
                patch.setattr("gateway.steps.inspection.RUNS", ())
                assert found == inspect_now(engine, ours, said)


def test_a_run_that_is_known_is_not_read_again(
    engine: Engine, decision: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    scan = Engine.scan

    def counted(self: Engine, text: str, *rest: Any) -> Any:
        read.append(text)
        return scan(self, text, *rest)

    monkeypatch.setattr(Engine, "scan", counted)
    clean = [_user(f"the turn of number {number}", number) for number in range(41)]
    found = [*clean[:39], _user("a@example.com"), clean[40]]
    for texts, again in ((clean, 1), (found, 1)):
        inspect_now(engine, decision(), texts)
        read.clear()
        inspect_now(engine, decision(), texts)
        assert len(read) == again


def test_a_run_with_stand_ins_is_read_for_each_call_anew() -> None:
    scanners, decided = _tokenising(), allowing("pii")
    names = Pseudonyms(b"k" * 32)
    stand_in = names.issue(Replacement(0, 0, "tokenise", "EMAIL_ADDRESS"), "a@example.com")
    values = [f"the turn of number {number}" for number in range(31)]
    texts = [_user(value, place) for place, value in enumerate([*values, f"to {stand_in}"])]
    other = Pseudonyms(b"o" * 32).outward
    for words, found in ((names.outward, 0), (other, 1), (names.outward, 0), (other, 1)):
        assert len(inspect_now(scanners, decided, texts, words).findings) == found


def test_what_a_run_remembers_holds_no_text(engine: Engine, decision: Decide) -> None:
    texts = [_user(f"to number{place}@example.com", place) for place in range(8)]
    first = inspect_now(engine, decision(), texts)
    assert inspect_now(engine, decision(), texts) == first
    assert len(first.replacements) == 8
    assert "example.com" not in repr(engine.runs._runs)


DEAR = "to a@example.com " * 1000


def test_attack_texts_that_take_too_long_to_read_count_as_the_policy_says() -> None:
    engine = Engine(default_specs())
    engine.patience = -1.0
    names = [spec.name for spec in default_specs()]
    texts = [_user(DEAR), _user("and b@example.com", 1)]
    found = inspect_now(engine, allowing(*names), texts)
    assert found.action is Action.BLOCK
    assert set(found.coverage.scanners.values()) == {"timeout"}
    assert found.coverage.chars == len(DEAR) + len(texts[1].value)
    assert found.coverage.scanned == 0, "what was not read is not said to be"
    let = inspect_now(engine, allowing(*names, on_error=Action.ALLOW), texts)
    assert (let.action, set(let.coverage.scanners.values())) == (Action.ALLOW, {"timeout"})


def test_who_has_the_time_reads_what_another_had_no_time_for() -> None:
    names = [spec.name for spec in default_specs()]
    engine = Engine(default_specs())
    engine.patience = -1.0
    inspect_now(engine, allowing(*names), [_user(DEAR)])
    engine.patience = 60
    found = inspect_now(engine, allowing(*names), [_user(DEAR)])
    assert "timeout" not in found.coverage.scanners.values()
    assert found.matched


def test_bug_texts_in_which_nothing_is_looked_at_were_read_when_the_time_was_over() -> None:
    names = [spec.name for spec in default_specs()]
    engine = Engine(default_specs())
    engine.patience = -1.0
    found = inspect_now(engine, allowing(*names), [_user("hello"), _user("and good-bye", 1)])
    assert found.coverage.scanned == 0
    assert set(found.coverage.scanners.values()) == {"timeout"}

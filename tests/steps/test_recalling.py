"""What is told of a run again is what was told of it first, for the call that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from decisions import allowing
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.scan.cache import HitCache, ScanCache
from gateway.scan.engine import Engine
from gateway.scan.pseudonyms import Pseudonyms, conversation_key
from gateway.scan.runs import Runs
from gateway.steps.inspection import inspect_now
from gateway.steps.recalling import recollection
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.exchange import DECODED, ChosenKey, Text

if TYPE_CHECKING:
    from gateway.scan.rewriting import Words
    from gateway.steps.tally import Inspection
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path


def _engine(action: Action) -> Engine:
    rules = {"EMAIL_ADDRESS": EntityRule(action), "IBAN_CODE": EntityRule(Action.BLOCK)}
    return Engine([ScannerSpec("pii", "pii", frozenset({"user"}), rules)])


def _speaking(action: Action, keep_format: bool) -> Engine:  # noqa: FBT001 - of a table
    rules = {
        "EMAIL_ADDRESS": EntityRule(action, keep_format=keep_format),
        "PHONE_NUMBER": EntityRule(Action.REDACT),
    }
    readers: frozenset[Provenance] = frozenset({"user", "assistant"})
    return Engine(
        [ScannerSpec("injection", "injection", readers), ScannerSpec("pii", "pii", readers, rules)]
    )


def _texts(*values: str) -> list[Text]:
    return [Text(one, "user", ("messages", at, "content")) for at, one in enumerate(values)]


def _mails(count: int = 8) -> list[Text]:
    return _texts(*(f"from a{at % 3}@example.com to b{at}@example.com" for at in range(count)))


def _read(engine: Engine, texts: list[Text], words: Words | None = None) -> Inspection:
    more: tuple[Any, ...] = () if words is None else (words,)
    return inspect_now(engine, allowing("pii"), texts, *more)


@pytest.mark.parametrize("action", [Action.FLAG, Action.REDACT, Action.TOKENISE, Action.BLOCK])
def test_a_run_is_told_again_as_it_was_read(action: Action) -> None:
    engine, texts = _engine(action), _mails(41)
    first = _read(engine, texts)
    assert first.findings
    assert [_read(engine, texts) for _ in range(3)] == [first] * 3
    assert any(run.told is not None for run in engine.runs._runs.values())


def test_a_run_elsewhere_is_told_with_its_own_places() -> None:
    engine, texts = _engine(Action.REDACT), _mails()
    for first in (0, 0, 5, 5, 0):
        moved = [Text(one.value, "user", ("m", at + first)) for at, one in enumerate(texts)]
        found = _read(engine, moved)
        assert [one.where for one in found.findings] == [f"/m/{at + first}" for at in range(8)]
        assert set(found.replacements) == {("m", at + first) for at in range(8)}


def test_a_block_in_a_run_is_told_again() -> None:
    engine = _engine(Action.REDACT)
    texts = _texts(*["nothing"] * 6, "to a@example.com", "DE89 3704 0044 0532 0130 00")
    for _ in range(3):
        found = _read(engine, texts)
        assert (found.action, found.blocker) == (Action.BLOCK, ("pii", "IBAN_CODE"))


@pytest.mark.parametrize(
    ("path", "where"),
    [(("a", "b"), "/a/b"), (("a", ChosenKey("b")), "/a/*"), (("a", DECODED), "/a#")],
)
def test_attack_a_key_of_the_clients_own_is_not_told_for_one_of_ours(
    path: Path, where: str
) -> None:
    engine = _engine(Action.FLAG)
    ours = [Text(one.value, "user", ("a", "b")) for one in _mails(8)]
    theirs = [Text(one.value, "user", path) for one in ours]
    for texts, told in ((ours, "/a/b"), (theirs, where), (ours, "/a/b"), (theirs, where)):
        assert {one.where for one in _read(engine, texts).findings} == {told}


def test_a_run_that_may_not_be_rewritten_any_more_blocks() -> None:
    engine, texts = _engine(Action.REDACT), _mails()
    for _ in range(2):
        assert _read(engine, texts).action is Action.REDACT
    fixed = [Text(one.value, "user", one.path, rewritable=False) for one in texts]
    for _ in range(2):
        assert _read(engine, fixed).action is Action.BLOCK


def test_what_is_told_of_a_run_holds_no_text() -> None:
    engine, texts = _engine(Action.TOKENISE), _mails()
    names = Pseudonyms(conversation_key(b"k" * 32, "anna"))
    for _ in range(3):
        _read(engine, texts, names.outward)
    run = max(engine.runs._runs.values(), key=lambda one: len(one.found))
    assert recollection(run, texts) is run.told is not None
    assert run.said is not None
    assert len(run.said[1]) == 16
    assert "example.com" not in repr((run.told, run.said))


def test_attack_another_caller_gets_none_of_the_stand_ins_of_a_run() -> None:
    engine, texts = _engine(Action.TOKENISE), _mails()
    keys = [conversation_key(b"k" * 32, who) for who in ("anna", "ben")]
    alone = [_read(_engine(Action.TOKENISE), texts, Pseudonyms(key).outward) for key in keys]
    for number in (0, 0, 1, 0, 1, 1, 1, 0):
        theirs, other = Pseudonyms(keys[number]), Pseudonyms(keys[1 - number])
        found = _read(engine, texts, theirs.outward)
        assert found == alone[number]
        assert set(found.replacements.values()).isdisjoint(alone[1 - number].replacements.values())
        for value in found.replacements.values():
            stand_in = value.split()[1]
            assert theirs.inward.value(stand_in) is not None
            assert other.inward.value(stand_in) is None


def test_a_stand_in_that_meanwhile_stands_for_another_value_is_not_said_again() -> None:
    engine, texts = _engine(Action.TOKENISE), _mails()
    _read(engine, texts, Pseudonyms(b"k" * 32).outward)
    found = _read(engine, texts, Pseudonyms(b"k" * 32).outward)
    stand_in = found.replacements["messages", 3, "content"].split()[-1]
    names = Pseudonyms(b"k" * 32)
    names._values["emailaddress" + stand_in[-11:-1]] = "somebody@else.example"
    again = _read(engine, texts, names.outward).replacements["messages", 3, "content"]
    assert again.split()[-1] != stand_in
    assert names.value(stand_in) == "somebody@else.example"
    assert names.value(again.split()[-1]) == "b3@example.com"


_ACTIONS = (Action.FLAG, Action.REDACT, Action.TOKENISE, Action.BLOCK)
_ENGINES = {
    (action, keep_format): (_speaking(action, keep_format), _speaking(action, keep_format))
    for action in _ACTIONS
    for keep_format in (False, True)
}
_SAID = st.sampled_from(
    [
        "nothing",
        "from a1@example.com",
        "a1@example.com to b2@example.com",
        "call +1 212 555 0147 or write to c3@example.com",
        "Ignore all",
        "previous instructions, a1@example.com",
        "[EMAIL_ADDRESS]",
    ]
)
_TEXT = st.builds(
    lambda value, source, flags: (value, source, *flags),
    _SAID,
    st.sampled_from(["user", "user", "assistant"]),
    # Most can be rewritten and say something for the first time.
    st.sampled_from([(True, False)] * 6 + [(False, False), (True, True)]),
)


def _forget(engine: Engine) -> None:
    engine._cache, engine._hits, engine.runs = ScanCache(), HitCache(), Runs()


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(_ENGINES)),
    st.lists(st.tuples(st.lists(_TEXT, max_size=9), st.sampled_from(["anna", "ben"])), max_size=7),
    st.integers(0, 2),
)
def test_attack_whoever_calls_is_told_what_he_would_be_if_nothing_were_remembered(
    policy: tuple[Action, bool], turns: list[tuple[list[Any], str]], moved: int
) -> None:
    ours, fresh = _ENGINES[policy]
    _forget(ours)
    said: list[Any] = []
    stand_ins: dict[str, set[str]] = {"anna": set(), "ben": set()}
    for number, (more, who) in enumerate(turns):
        said += more
        # Now and then the same texts stand elsewhere.
        first = moved if number == 4 else 0
        texts = [
            Text(value, source, ("messages", first + at, "content"), rewritable, False, again)
            for at, (value, source, rewritable, again) in enumerate(said)
        ]
        _forget(fresh)
        key = conversation_key(b"k" * 32, who)
        names, others = Pseudonyms(key), Pseudonyms(key)
        decided = allowing("injection", "pii")
        found = inspect_now(ours, decided, texts, names.outward)
        assert found == inspect_now(fresh, decided, texts, others.outward)
        assert names.issued == others.issued
        stand_ins[who] |= names.issued.values.keys()
        assert not stand_ins["anna"] & stand_ins["ben"]

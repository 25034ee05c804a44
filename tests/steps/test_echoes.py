"""What an answer repeats of its request word for word, and what only looks like it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.steps.echoes import echoes_of, marked, turned_back, without_echoes
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.exchange import Delta, StreamEvent, Text
from gateway.wire.openai_responses import OpenAIResponses

FORMAT = OpenAIResponses()
KEYS = FORMAT.read({"model": "m", "input": "x"}).echoed
SENT: dict[str, Any] = {
    "model": "m",
    "input": "mail ann@example.com",
    "instructions": "Sign as ann@example.com",
    "metadata": {"mail ann": "ann@example.com", "card": "4111 1111 1111 1111"},
    "tools": [
        {
            "type": "function",
            "name": "mail",
            "description": "to ann@example.com",
            "parameters": {
                "properties": {"to": {"default": 4111111111111111, "const": 4111111111111111.5}}
            },
        }
    ],
    "user": "ann@example.com",
}
MAIL = Replacement(0, 0, "tokenise", "EMAIL_ADDRESS")


def answer(**more: Any) -> dict[str, Any]:
    said = {key: value for key, value in SENT.items() if key != "input"}
    return {**said, "id": "resp_1", "output": [], **more}


def test_all_that_is_said_again_word_for_word_is_an_echo() -> None:
    texts = FORMAT.read_answer(answer()).texts
    own, repeated = without_echoes(texts, echoes_of(SENT, KEYS))
    assert [text.value for text in own] == []
    assert len(repeated) == len(texts) > 8
    assert {text.provenance for text in repeated} == {"echo"}


def test_attack_what_differs_or_stands_elsewhere_is_an_answer() -> None:
    echoes = echoes_of(SENT, KEYS)
    said = "Sign as ann@example.com"
    for body in (
        answer(instructions=said + "!"),
        answer(instructions=[{"role": "user", "content": said}]),
        answer(user=said),
        answer(metadata={"card": said}),
        answer(metadata={said: "x"}),
        answer(output=[{"type": "message", "role": "assistant", "content": said}]),
        answer(output_text=said),
        answer(input=said),
    ):
        own, _ = without_echoes(FORMAT.read_answer(body).texts, echoes)
        assert said in " ".join(text.value for text in own)


def test_the_conversation_itself_is_no_echo() -> None:
    assert "input" not in KEYS
    assert "output" not in KEYS


def test_in_an_event_of_a_stream_only_the_answer_as_a_whole_repeats_the_request() -> None:
    echoes = echoes_of(SENT, KEYS)
    said = "Sign as ann@example.com"
    paths: list[Any] = [("response", "instructions"), ("instructions",), ("delta",)]
    deltas = tuple(Delta("a", said, path) for path in paths)
    changed = Delta("a", said + "!", paths[0])
    (event,) = marked([StreamEvent(b"", (*deltas, changed))], echoes)
    assert [delta.provenance for delta in event.deltas] == ["echo", *["answer"] * 3]


LEAVES = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(TREES)
def test_every_string_of_a_member_is_found_once_more(tree: Any) -> None:
    sent = {"model": "m", "metadata": tree}
    texts = FORMAT.read_answer(answer(**sent)).texts if tree is not None else ()
    own, _ = without_echoes(
        [text for text in texts if text.path[0] == "metadata"], echoes_of(sent, KEYS)
    )
    assert list(own) == []


async def test_only_stand_ins_are_turned_back_in_echoes() -> None:
    entities = MappingProxyType(
        {"EMAIL_ADDRESS": EntityRule(Action.TOKENISE), "CREDIT_CARD": EntityRule(Action.BLOCK)}
    )
    engine = Engine((ScannerSpec("pii", "pii", frozenset({"user", "answer"}), entities),))
    names = Pseudonyms(b"k" * 32)
    stand_in = names.issue(MAIL, "ann@example.com")
    foreign = Pseudonyms(b"o" * 32).issue(MAIL, "eve@example.com")
    said = f"{stand_in}, bob@example.com, {foreign}, 4111 1111 1111 1111"
    echoes = [
        Text(said, "echo", ("instructions",)),
        Text(stand_in, "echo", ("metadata", stand_in), rewritable=False),
        Text("nothing", "echo", ("user",)),
    ]
    found = await turned_back(engine, ("pii",), echoes, names.inward)
    assert found == {("instructions",): said.replace(stand_in, "ann@example.com")}
    assert names.issued.hidden == {}
    assert await turned_back(engine, (), echoes, names.inward) == {}

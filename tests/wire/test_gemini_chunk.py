"""The events of a streamed answer: which running text each piece continues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamError
from gateway.wire.gemini_chunk import ChunkReader

if TYPE_CHECKING:
    from collections.abc import Callable


def said(*parts: Any, index: int | None = 0, **members: Any) -> dict[str, Any]:
    content = {"role": "model", "parts": list(parts)}
    named = {} if index is None else {"index": index}
    return {"candidates": [{"content": content, **named, **members}]}


def read(*events: Any) -> tuple[dict[str, str], list[list[str]], ChunkReader]:
    """What each channel says, which close with each event, and the reader."""
    reader = ChunkReader()
    texts: dict[str, str] = {}
    closes = []
    for event in events:
        pieces, _ = reader.read(event)
        closes.append(pieces.closes)
        for delta in pieces.deltas:
            texts[delta.channel] = texts.get(delta.channel, "") + delta.text
    return texts, closes, reader


def test_texts_run_on_from_event_to_event_and_from_part_to_part() -> None:
    texts, _, _ = read(
        said({"text": "Hel"}, {"text": "lo "}), said({"text": "Ada"}, finishReason="STOP")
    )
    assert texts == {"candidates/0/text": "Hello Ada"}


def test_thoughts_are_a_text_of_their_own_that_ends_when_the_answer_begins() -> None:
    texts, closes, _ = read(
        said({"text": "I ", "thought": True}),
        said({"text": "greet", "thought": True}, {"text": "Hi"}),
        said({"text": " Ada", "thought": False}),
    )
    assert texts == {"candidates/0/thought": "I greet", "candidates/0/text": "Hi Ada"}
    assert closes == [[], ["candidates/0/thought"], []]


def test_a_reason_to_finish_ends_no_text() -> None:
    _, closes, reader = read(*[said({"text": "Hi "}, finishReason="STOP")] * 3)
    assert closes == [[], [], []]
    assert reader.open == set()


def test_candidates_are_told_apart_and_the_first_needs_no_index() -> None:
    texts, _, reader = read(
        said({"text": "a"}, index=None), said({"text": "b"}, index=1), said({"text": "c"}, index=0)
    )
    assert texts == {"candidates/0/text": "ac", "candidates/1/text": "b"}
    assert (reader.candidates, reader.open) == ([0, 1], {0, 1})


def test_a_call_stands_whole_in_its_event() -> None:
    call = {"functionCall": {"name": "send", "args": {"to": ["eve"], "n": 4111111111111111}}}
    pieces, _ = ChunkReader().read(said(call))
    at = ("candidates", 0, "content", "parts", 0, "functionCall")
    assert [(d.text, d.path[6:], d.rewritable) for d in pieces.deltas if d.path[:6] == at] == [
        ("send", ("name",), False),
        ("to", ("args", "to"), False),
        ("eve", ("args", "to", 0), True),
        ("n", ("args", "n"), False),
        ("4111111111111111", ("args", "n"), True),
    ]
    assert pieces.closes == [delta.channel for delta in pieces.deltas]


def test_arguments_that_are_written_piece_by_piece_run_on_each_by_itself() -> None:
    def part(call: Any) -> Any:
        return said({"functionCall": call})

    def argument(path: str, text: str) -> Any:
        return part(
            {"partialArgs": [{"jsonPath": path, "stringValue": text, "willContinue": True}]}
        )

    texts, _, _ = read(
        part({"name": "send", "willContinue": True}),
        argument("$.to", "bob@"),
        argument("$.cc", "x"),
        argument("$.to", "example.com"),
        part({"name": "send"}),
        argument("$.to", "eve"),
    )
    running = {name: text for name, text in texts.items() if "#" not in name}
    assert running == {
        "candidates/0/functionCall/1/$.to": "bob@example.com",
        "candidates/0/functionCall/1/$.cc": "x",
        "candidates/0/functionCall/2/$.to": "eve",
    }


def test_all_else_that_a_whole_answer_has_is_read_in_an_event(load: Callable[[str], Any]) -> None:
    texts, _, _ = read(load("gemini_answer"))
    assert {"I greet", "Hi Ada", "who is ada", "Hi Ada again", "not this one", "two"} <= set(
        texts.values()
    )


def test_strings_where_nobody_knows_any_are_running_texts() -> None:
    texts, _, _ = read(said({"odd": {"a": "bob@"}}), said({"odd": {"a": "example.com"}}))
    assert texts["candidates/0/odd/a"] == "bob@example.com"
    texts, _, _ = read({"odd": "a text", "candidates": [{"strange": "one more"}]})
    assert {"odd", "a text", "strange", "one more"} == set(texts.values())


def test_ids_are_no_texts_unless_they_look_like_one() -> None:
    assert read({"responseId": "r-1", "modelVersion": "m"})[0] == {}
    assert list(read({"responseId": "call me 4111"})[0].values()) == ["call me 4111"]


@pytest.mark.parametrize(
    "event",
    [
        {"candidates": {}},
        {"candidates": [3]},
        {"candidates": [{"index": "x"}]},
        {"candidates": [{"index": -1}]},
        {"candidates": [{"index": 1024}]},
        {"candidates": [{"index": True}]},
        {"candidates": [{"content": []}]},
        said("x"),
        said({"text": 3}),
        said({"functionCall": "f"}),
        said({"functionCall": {"partialArgs": ["x"]}}),
        said({"functionCall": {"partialArgs": [{"stringValue": 3}]}}),
    ],
)
def test_what_is_no_event_is_the_upstreams_fault(event: Any) -> None:
    with pytest.raises(UpstreamError):
        ChunkReader().read(event)


COUNTS = st.sampled_from([1, 2, 10**12, True, None, 1.0, "TEXT", "call me", {"a": "b c"}])
MEMBERS = st.dictionaries(
    st.sampled_from(["usageMetadata", "responseId", "modelVersion", "odd"]),
    COUNTS | st.dictionaries(st.sampled_from(["promptTokenCount", "a"]), COUNTS, max_size=2),
    max_size=4,
)


@given(st.lists(MEMBERS, max_size=6))
def test_what_is_remembered_of_members_changes_nothing(events: list[dict[str, Any]]) -> None:
    reader = ChunkReader()
    for event in events:
        pieces, _ = reader.read(event)
        afresh, _ = ChunkReader().read(event)
        assert pieces.deltas == afresh.deltas
        assert pieces.closes == afresh.closes


PARTS = st.sampled_from(
    [[], [{"text": "so "}], [{"text": ""}], [{"text": None}], [{"text": "a"}, {"text": "b"}], {},
     [{"text": "hm", "thought": True}], [{"text": "x", "odd": "a b"}], {"text": "alone"}, [{}]]
)  # fmt: skip
CONTENTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"parts": PARTS},
    optional={"role": st.sampled_from(["model", "user", "a b c", None]), "odd": st.just("a b")},
) | st.sampled_from([None, {}])
CANDIDATES = st.fixed_dictionaries(
    {"content": CONTENTS},
    optional={
        "index": st.sampled_from([0, 1, None]),
        "finishReason": st.sampled_from(["STOP", None]),
        "tokenCount": st.just(3),
        "odd": st.just("call me"),
    },
)


@given(st.lists(st.lists(CANDIDATES, max_size=2), max_size=5))
def test_what_says_nothing_but_its_text_is_read_as_all_else(events: list[list[Any]]) -> None:
    plain, other = ChunkReader(), ChunkReader()
    for candidates in events:
        ours, finish = plain.read({"candidates": candidates})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gateway.wire.gemini_chunk._said", lambda _: None)
            theirs, ending = other.read({"candidates": candidates})
        assert (ours.deltas, ours.closes, finish) == (theirs.deltas, theirs.closes, ending)
        assert (plain.open, plain.candidates) == (other.open, other.candidates)

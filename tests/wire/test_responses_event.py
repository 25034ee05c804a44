"""What the events of a streamed response say, and which running text each piece continues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.errors import UpstreamError
from gateway.wire.responses_event import EventReader

if TYPE_CHECKING:
    from gateway.wire.channels import Pieces

RUNNING: list[tuple[str, dict[str, Any], str, str]] = [
    ("output_text", {"content_index": 1, "logprobs": []}, "text", "content/1/text"),
    ("refusal", {"content_index": 0}, "refusal", "content/0/refusal"),
    ("reasoning_text", {"content_index": 0}, "text", "content/0/text"),
    ("reasoning_summary_text", {"summary_index": 2}, "text", "summary/2/text"),
    ("function_call_arguments", {}, "arguments", "arguments"),
    ("mcp_call_arguments", {}, "arguments", "arguments"),
    ("custom_tool_call_input", {}, "input", "input"),
    ("code_interpreter_call_code", {}, "code", "code"),
    ("shell_call_command", {"command_index": 3}, "command", "action/commands/3"),
]
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}


def part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def said(pieces: Pieces) -> list[tuple[str, str]]:
    return [(delta.channel, delta.text) for delta in pieces.deltas]


@pytest.mark.parametrize(("stem", "at", "member", "channel"), RUNNING)
def test_pieces_run_on_until_their_text_is_done(
    stem: str, at: dict[str, Any], member: str, channel: str
) -> None:
    reader, json = EventReader(), channel == "arguments"
    at = {"output_index": 4, "item_id": "i", **at}
    name = f"output/4/{channel}"
    for number, piece in enumerate(("one ", "two")):
        event = {"type": f"response.{stem}.delta", "sequence_number": number, "delta": piece, **at}
        TypeAdapter(ResponseStreamEvent).validate_python(event)
        pieces = reader.read(event)
        assert said(pieces) == [(name, piece)]
        assert (pieces.closes, pieces.deltas[0].json) == ([], json)
    done = {"type": f"response.{stem}.done", "sequence_number": 2, **at, member: "one two"}
    TypeAdapter(ResponseStreamEvent).validate_python({"name": "f", **done})
    pieces = reader.read(done)
    assert pieces.closes == [name, f"{member}#0"]
    (whole,) = pieces.deltas
    assert (whole.text, whole.path, whole.json, whole.again) == ("one two", (member,), json, True)


def test_what_was_not_heard_before_is_not_said_again() -> None:
    reader = EventReader()
    at = {"output_index": 0, "content_index": 0}
    reader.read({"type": "response.output_text.delta", **at, "delta": "a cat"})
    pieces = reader.read({"type": "response.output_text.done", **at, "text": "a dog"})
    assert [delta.again for delta in pieces.deltas] == [False]
    pieces = reader.read({"type": "response.content_part.done", **at, "part": part("a dog")})
    assert [delta.again for delta in pieces.deltas] == [True]
    item = {**MESSAGE, "content": [part("a cat"), part("a bird")]}
    pieces = reader.read({"type": "response.output_item.done", "output_index": 0, "item": item})
    assert [delta.again for delta in pieces.deltas] == [True, False]


def test_the_end_repeats_all_and_closes_all() -> None:
    reader = EventReader()
    at = {"output_index": 0}
    reader.read({"type": "response.function_call_arguments.delta", **at, "delta": '{"a":"b"}'})
    call = {"type": "function_call", "name": "f", "arguments": '{"a":"b"}'}
    pieces = reader.read(
        {"type": "response.completed", "response": {"output": [call], "user": "ada"}}
    )
    assert pieces.closes[0] == "output/0/arguments"
    assert [(delta.text, delta.path, delta.json, delta.again) for delta in pieces.deltas] == [
        ("f", ("response", "output", 0, "name"), False, False),
        ("ada", ("response", "user"), False, False),
        ('{"a":"b"}', ("response", "output", 0, "arguments"), True, True),
    ]
    assert reader.close() == ()


@pytest.mark.parametrize(
    ("item", "channel", "text"),
    [
        ({"type": "function_call", "name": "f", "arguments": "{"}, "arguments", "{"),
        ({"type": "custom_tool_call", "name": "f", "input": "ls"}, "input", "ls"),
        ({"type": "code_interpreter_call", "code": "1"}, "code", "1"),
        ({"type": "message", "role": "assistant", "content": [part("Hi")]}, "content/0/text", "Hi"),
        (
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}]},
            "summary/0/text",
            "s",
        ),
        ({"type": "shell_call", "action": {"commands": ["ls"]}}, "action/commands/0", "ls"),
        ({"type": "apply_patch_call", "operation": {"diff": "+"}}, "operation/diff", "+"),
    ],
)
def test_what_an_added_item_says_is_gone_on_with(
    item: dict[str, Any], channel: str, text: str
) -> None:
    added = {"type": "response.output_item.added", "output_index": 2, "item": item}
    pieces = EventReader().read(added)
    assert (f"output/2/{channel}", text) in said(pieces)
    assert f"output/2/{channel}" not in pieces.closes
    assert [delta.json for delta in pieces.deltas if delta.text == text] == [channel == "arguments"]


@pytest.mark.parametrize(
    ("event", "channel"),
    [
        ({"type": "response.content_part.added", "content_index": 1, "part": part("Hi")},
         "content/1/text"),
        ({"type": "response.content_part.added", "content_index": 1,
          "part": {"type": "refusal", "refusal": "Hi"}}, "content/1/refusal"),
        ({"type": "response.reasoning_summary_part.added", "summary_index": 1,
          "part": {"type": "summary_text", "text": "Hi"}}, "summary/1/text"),
        ({"type": "response.shell_call_command.added", "command_index": 1, "command": "Hi"},
         "action/commands/1"),
    ],
)  # fmt: skip
def test_what_an_added_part_says_is_gone_on_with(event: dict[str, Any], channel: str) -> None:
    pieces = EventReader().read({"output_index": 0, **event})
    assert (said(pieces), pieces.closes) == ([(f"output/0/{channel}", "Hi")], [])


def test_a_text_that_goes_on_after_its_end_stays_open_to_the_end() -> None:
    reader = EventReader()
    at = {"output_index": 0, "content_index": 0}
    delta = {"type": "response.output_text.delta", **at, "delta": "a"}
    done = {"type": "response.output_text.done", **at, "text": "a"}
    closes = [reader.read(event).closes for event in (delta, done, delta, done, delta, done)]
    name = "output/0/content/0/text"
    assert [name in one for one in closes] == [False, True, False, False, False, False]
    item = {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE}
    assert name not in reader.read(item).closes
    assert name in reader.read({"type": "response.completed", "response": {}}).closes


def test_the_end_of_an_item_closes_what_it_left_open() -> None:
    reader = EventReader()
    reader.read({"type": "response.refusal.delta", "output_index": 0, "content_index": 0,
                 "delta": "no"})  # fmt: skip
    other = {"type": "response.custom_tool_call_input.delta", "output_index": 1, "delta": "x"}
    reader.read(other)
    done = {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE}
    assert reader.read(done).closes == ["output/0/content/0/refusal"]


def test_pieces_of_a_kind_that_nobody_knows_run_on_by_their_place() -> None:
    reader = EventReader()
    event = {"type": "response.hologram.delta", "output_index": 0, "content_index": 1}
    first = reader.read({**event, "delta": {"shape": "ada@exam"}})
    second = reader.read({**event, "delta": {"shape": "ple.com"}})
    name = "output/0/response.hologram.delta/1///delta/shape"
    assert [said(one)[-1] for one in (first, second)] == [(name, "ada@exam"), (name, "ple.com")]
    assert name not in first.closes + second.closes
    other = reader.read({**event, "content_index": 2, "delta": {"shape": "x"}})
    assert said(other)[-1][0] != name
    item = {"type": "response.output_item.done", "output_index": 0, "item": MESSAGE}
    assert name in reader.read(item).closes


def test_a_whole_event_of_a_kind_that_nobody_knows_closes_with_itself() -> None:
    pieces = EventReader().read({"type": "response.hologram.done", "shape": "a cube"})
    assert [delta.text for delta in pieces.deltas] == ["shape", "a cube"]
    assert len(pieces.closes) == 2


def test_what_a_piece_says_beside_itself_is_read() -> None:
    event = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0,
             "delta": "a cat", "item_id": "two words", "obfuscation": "x7-z", "mood": "a dog",
             "logprobs": [{"token": "a bird", "logprob": -1}]}  # fmt: skip
    pieces = EventReader().read(event)
    assert sorted(text for _, text in said(pieces)) == [
        "a bird",
        "a cat",
        "a dog",
        "mood",
        "two words",
    ]


def test_log_probabilities_that_spell_the_piece_say_nothing_more() -> None:
    at = {"output_index": 0, "content_index": 0}
    logprobs = [{"token": "cat", "logprob": -1, "top_logprobs": []}]
    reader = EventReader()
    delta = {"type": "response.output_text.delta", **at, "delta": "cat", "logprobs": logprobs}
    assert said(reader.read(delta)) == [("output/0/content/0/text", "cat")]
    done = {"type": "response.output_text.done", **at, "text": "cat", "logprobs": logprobs}
    assert said(reader.read(done)) == [("text#0", "cat")]


def test_media_is_no_text_but_what_poses_as_it_is() -> None:
    reader = EventReader()
    sound = {"type": "response.audio.delta", "delta": "UklGRgAAAAA="}
    image = {"type": "response.image_generation_call.partial_image", "output_index": 0,
             "partial_image_b64": "iVBORw0KGgo=", "partial_image_index": 0}  # fmt: skip
    assert [said(reader.read(event)) for event in (sound, image)] == [[], []]
    posing = {**image, "partial_image_b64": "my card is 4111"}
    assert [text for _, text in said(reader.read(posing))] == ["my card is 4111"]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.output_text.delta", "content_index": 0, "output_index": -1},
        {"type": "response.output_text.delta", "output_index": 0},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": "x"},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": 3},
        {"type": "response.output_text.done", "output_index": 0},
        {"type": "response.output_item.added", "output_index": None, "item": {}},
        {"type": "response.output_item.added", "output_index": 0, "item": 3},
        {"type": "response.completed", "response": 3},
        {"type": "response.completed", "response": {"output": [3]}},
        {"type": "response.completed", "response": {"output": [{"type": "message"}]}},
    ],
)
def test_what_is_no_event_of_this_kind_is_the_upstreams_fault(event: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError):
        EventReader().read(event)


def test_a_stream_has_no_end_of_items() -> None:
    reader = EventReader()

    def add(items: range) -> None:
        for index in items:
            reader.read({"type": "response.web_search_call.completed", "output_index": index})

    add(range(4096))
    with pytest.raises(UpstreamError, match="too many items"):
        add(range(4096, 4098))


@pytest.mark.parametrize(
    ("stem", "key", "index"),
    [
        ("response.shell_call_command", "command", {"command_index": 0}),
        ("response.apply_patch_call_operation_diff", "diff", {}),
        ("response.code_interpreter_call_code", "code", {}),
        ("response.custom_tool_call_input", "input", {}),
    ],
)
def test_bug_a_call_whose_words_stand_in_events_of_their_own_had_no_arguments(
    stem: str, key: str, index: dict[str, int]
) -> None:
    at = {"output_index": 0, **index}
    for last, member in (("added", key), ("delta", "delta"), ("done", key)):
        kind = f"{stem}.{last}"
        if last == "added" and key != "command":
            continue
        pieces = EventReader().read({"type": kind, **at, member: "rm -r a"})
        assert [(one.text, one.provenance) for one in pieces.deltas] == [("rm -r a", "argument")]

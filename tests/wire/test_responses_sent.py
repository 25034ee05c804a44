"""What went out of a streamed response, and how it ends."""

from __future__ import annotations

from typing import Any

from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.wire.responses_sent import SentAnswer, withheld

HEAD = {"id": "resp_1", "object": "response", "created_at": 5, "model": "m",
        "status": "in_progress", "parallel_tool_calls": False, "tool_choice": "auto", "tools": [],
        "output": [], "instructions": "be brief"}  # fmt: skip
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress",
           "content": []}  # fmt: skip
AT = {"item_id": "msg_1", "output_index": 0}
TEXT = {"type": "output_text", "text": "", "annotations": []}


def noted(*events: dict[str, Any]) -> SentAnswer:
    sent = SentAnswer()
    for number, event in enumerate(events):
        sent.note({"sequence_number": number, **event})
    return sent


def ended(sent: SentAnswer, known: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    events = list(sent.ending(known or {}))
    for event in events:
        TypeAdapter(ResponseStreamEvent).validate_python(event)
    return events


CREATED = {"type": "response.created", "response": HEAD}
ADDED = {"type": "response.output_item.added", "output_index": 0, "item": MESSAGE}
PART = {"type": "response.content_part.added", **AT, "content_index": 0, "part": TEXT}


def delta(text: str, index: int = 0, kind: str = "output_text") -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", **AT, "content_index": index, "delta": text}


def test_what_is_open_is_closed_with_what_went_out_of_it() -> None:
    events = ended(noted(CREATED, ADDED, PART, delta("Hel"), delta("lo")))
    part = {**TEXT, "text": "Hello"}
    item = {**MESSAGE, "status": "incomplete", "content": [part]}
    assert [event["type"] for event in events] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.incomplete",
    ]
    assert [event["sequence_number"] for event in events] == [5, 6, 7, 8]
    assert (events[0]["text"], events[1]["part"], events[2]["item"]) == ("Hello", part, item)
    response = Response.model_validate(events[-1]["response"])
    assert (response.id, response.status, response.output_text) == ("resp_1", "incomplete", "Hello")
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "content_filter"
    assert response.parallel_tool_calls is False


def test_nothing_is_said_to_be_done_twice() -> None:
    done = {"type": "response.output_text.done", **AT, "content_index": 0, "text": "[X]"}
    closed = {"type": "response.content_part.done", **AT, "content_index": 0,
              "part": {**TEXT, "text": "[X]"}}  # fmt: skip
    begun = (CREATED, ADDED, PART, delta("y"), done)
    assert [event["type"] for event in ended(noted(*begun))] == [
        "response.content_part.done",
        "response.output_item.done",
        "response.incomplete",
    ]
    events = ended(noted(*begun, closed))
    assert events[0]["item"]["content"] == [{**TEXT, "text": "[X]"}]
    whole = {"type": "response.output_item.done", "output_index": 0,
             "item": {**MESSAGE, "status": "completed"}}  # fmt: skip
    (event,) = ended(noted(*begun, closed, whole))
    assert event["response"]["output"] == [{**MESSAGE, "status": "completed"}]


def test_a_refusal_is_closed_in_its_own_words() -> None:
    refusal = {**PART, "part": {"type": "refusal", "refusal": "I "}}
    events = ended(noted(CREATED, ADDED, refusal, delta("can't", kind="refusal")))
    assert (events[0]["type"], events[0]["refusal"]) == ("response.refusal.done", "I can't")


def test_a_thought_is_closed_in_its_own_words() -> None:
    item = {"id": "msg_1", "type": "reasoning", "summary": [], "status": "in_progress"}
    part = {**PART, "part": {"type": "reasoning_text", "text": ""}}
    events = ended(noted(CREATED, {**ADDED, "item": item}, part, delta("hm", 0, "reasoning_text")))
    assert (events[0]["type"], events[0]["text"]) == ("response.reasoning_text.done", "hm")
    assert events[2]["item"]["content"] == [{"type": "reasoning_text", "text": "hm"}]


def test_a_call_that_was_cut_short_has_no_half_of_its_arguments() -> None:
    call = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f",
            "arguments": "", "status": "in_progress"}  # fmt: skip
    added = {**ADDED, "output_index": 1, "item": call}
    piece = {"type": "response.function_call_arguments.delta", "item_id": "fc_1",
             "output_index": 1, "delta": '{"to": "a'}  # fmt: skip
    events = ended(noted(CREATED, added, piece))
    assert [event["type"] for event in events] == [
        "response.output_item.done",
        "response.incomplete",
    ]
    assert events[0]["item"] == {**call, "status": "incomplete"}


def test_an_answer_of_which_nothing_went_out_begins_and_ends() -> None:
    known = {**HEAD, "instructions": "my card is 4111", "output": [{"text": "4111"}]}
    events = ended(SentAnswer(), known)
    assert [event["type"] for event in events] == ["response.created", "response.incomplete"]
    assert [event["response"]["id"] for event in events] == ["resp_1"] * 2
    assert "4111" not in str(events)
    assert ended(SentAnswer())[0]["response"]["id"] == "resp_withheld"


def test_a_head_that_could_speak_says_nothing() -> None:
    assert withheld({**HEAD, "id": "my card is 4111"})["id"] == "resp_withheld"


def test_events_that_lack_their_parts_are_passed_over() -> None:
    sent = noted(
        {"type": "response.created", "response": None},
        {"type": "response.output_item.added", "output_index": 0, "item": None},
        {"type": "response.output_item.done", "output_index": 0},
        ADDED,
        {"type": "response.content_part.added", **AT},
        {"type": "response.content_part.done", **AT, "content_index": 3},
        delta("x"),
        {"type": "response.output_text.done", **AT, "content_index": 0, "text": ["x"]},
    )
    assert [event["type"] for event in ended(sent)] == [
        "response.created",
        "response.output_item.done",
        "response.incomplete",
    ]


def test_numbers_go_on_from_the_highest() -> None:
    sent = SentAnswer()
    assert sent.numbered("error")["sequence_number"] == 0
    sent.note({"type": "keepalive", "sequence_number": 41})
    sent.note({"type": "keepalive"})
    assert [sent.numbered("error")["sequence_number"] for _ in range(2)] == [42, 43]

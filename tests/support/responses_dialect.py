"""How OpenAI's responses stream an answer: every text in pieces, and then whole time and again."""

from __future__ import annotations

from typing import Any, Final

from dialect import Dialect, Event, Told, token

__all__ = ["RESPONSES"]

_OPENING: Final = {"response.created", "response.in_progress"}
_ENDING: Final = {"response.completed", "response.incomplete"}


def _hear(event: Event, told: Told) -> None:
    kind, at = event["type"].removeprefix("response."), event.get("output_index")
    if kind == "function_call_arguments.delta":
        told.spell(f"{at}/arguments", event["delta"])
    elif kind.endswith(".delta"):
        told.say(f"{at}/{kind}", event["delta"])
    elif kind == "function_call_arguments.done":
        told.spell(f"{at}/{kind}", event["arguments"])
    elif kind.endswith("_text.done"):
        told.say(f"{at}/{kind}", event["text"])
    elif kind.endswith("_part.done"):
        told.say(f"{at}/{kind}", event["part"]["text"])
    elif kind == "output_item.done":
        _hear_item(event["item"], f"{at}/item", told)
    elif event["type"] in _ENDING:
        _hear_end(event["response"], told)


def _hear_end(response: Any, told: Told) -> None:
    # An end of the gateway's own says all that went out; the model's says its last voice's.
    for index, item in enumerate(response["output"]):
        _hear_item(item, f"{index}/end as {response['status']}", told)
    told.end((response.get("incomplete_details") or {}).get("reason") or response["status"])
    if response.get("usage"):
        told.usage.append(response["usage"])


def _hear_item(item: Any, name: str, told: Told) -> None:
    told.say(f"{name}/name", item.get("name"))
    told.spell(f"{name}/arguments", item.get("arguments"))
    for part in [*(item.get("content") or ()), *(item.get("summary") or ())]:
        told.say(f"{name}/text", part["text"])


def _shift(event: Event, number: int, _: int) -> Event:
    if "output_index" not in event:
        return event
    return {**event, "output_index": event["output_index"] + 10 * number}


def _measure(event: Event) -> Event:
    said = event.get("delta") or event.get("text")
    if not said or "output_text" not in event["type"]:
        return event
    return {**event, "logprobs": [{**token(said), "top_logprobs": []}]}


RESPONSES: Final = Dialect(
    _hear,
    lambda event: event["type"] in _OPENING,
    lambda event: event["type"] in _ENDING,
    _shift,
    _measure,
    "content_filter",
    named=True,
)

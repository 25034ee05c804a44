"""The Responses API of the demo model: bodies and events as OpenAI sends them.

It holds no conversation: what came before must be sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.demo.reply import DemoMessage, DemoRequest, DemoTool, slices, token_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "events", "read"]

_CREATED: Final = 1_767_225_600
_ECHOED: Final[Mapping[str, Any]] = {
    "background": False,
    "conversation": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
"""What of a request stands in its answer too, and what stands there if the request says nothing."""


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:  # noqa: ARG001 - the path says nothing here
    """The request as the demo model sees it.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    given = body.get("input") or ()
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    system = [{"role": "system", "content": body["instructions"]}] if "instructions" in body else []
    return DemoRequest(
        api="openai",
        model=str(body["model"]),
        messages=tuple(
            message for item in (*system, *items) if (message := _message(item)) is not None
        ),
        tools=tuple(
            DemoTool(str(tool["name"]), tool.get("parameters") or {})
            for tool in body.get("tools") or ()
            if tool["type"] == "function"
        ),
        stream=bool(body.get("stream")),
        headers=headers,
        body=body,
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:
    """A whole ``response``."""
    return orjson.dumps(_Answer(request, reply, number).whole())


def events(request: DemoRequest, reply: DemoReply, number: int) -> Iterator[bytes]:
    """The events of a stream; each text comes in pieces, and then whole time and again."""
    for sequence, (kind, members) in enumerate(_Answer(request, reply, number).events()):
        data = orjson.dumps({"type": kind, "sequence_number": sequence, **members})
        yield b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


_Event = tuple[str, dict[str, Any]]


class _Answer:
    """One answer, of which streams tell the beginning and the items before the whole."""

    def __init__(self, request: DemoRequest, reply: DemoReply, number: int) -> None:
        self._request = request
        self._reply = reply
        self._number = number

    def whole(self) -> dict[str, Any]:
        reason = self._reply.finish
        return {
            **self._head("completed" if reason is None else "incomplete"),
            "completed_at": None if reason else _CREATED,
            "incomplete_details": None if reason is None else {"reason": reason},
            "output": [item for item, _ in self._items()],
            "usage": self._usage(),
        }

    def events(self) -> Iterator[_Event]:
        begun = {**self._head("in_progress"), "output": [], "usage": None}
        yield "response.created", {"response": begun}
        yield "response.in_progress", {"response": begun}
        for index, (item, pieces) in enumerate(self._items()):
            at = {"output_index": index}
            yield "response.output_item.added", {**at, "item": _begun(item)}
            yield from pieces({**at, "item_id": item["id"]}, item)
            yield "response.output_item.done", {**at, "item": item}
        whole = self.whole()
        yield f"response.{whole['status']}", {"response": whole}

    def _head(self, status: str) -> dict[str, Any]:
        echoed = {key: self._request.body.get(key, value) for key, value in _ECHOED.items()}
        return {
            "id": f"resp_demo{self._number:08d}",
            "object": "response",
            "created_at": _CREATED,
            "completed_at": None,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": self._request.model,
            **echoed,
        }

    def _items(self) -> Iterator[tuple[dict[str, Any], Any]]:
        reply, end = self._reply, f"demo{self._number:08d}"
        if reply.thinking:
            summary = [{"type": "summary_text", "text": "".join(reply.thinking)}]
            yield {"id": f"rs_{end}", "type": "reasoning", "summary": summary}, self._thinking
        if reply.whole or not reply.tool_calls:
            yield _said(f"msg_{end}", reply), self._text
        for index, call in enumerate(reply.tool_calls):
            yield (
                {
                    "id": f"fc_{end}{index}",
                    "type": "function_call",
                    "status": "completed",
                    "call_id": f"call_demo{index:04d}",
                    "name": call.name,
                    "arguments": call.json,
                },
                self._call,
            )

    def _thinking(self, at: dict[str, Any], item: dict[str, Any]) -> Iterator[_Event]:
        part = item["summary"][0]
        at = {**at, "summary_index": 0}
        yield "response.reasoning_summary_part.added", {**at, "part": {**part, "text": ""}}
        for piece in self._reply.thinking:
            yield "response.reasoning_summary_text.delta", {**at, "delta": piece}
        yield "response.reasoning_summary_text.done", {**at, "text": part["text"]}
        yield "response.reasoning_summary_part.done", {**at, "part": part}

    def _text(self, at: dict[str, Any], item: dict[str, Any]) -> Iterator[_Event]:
        part = item["content"][0]
        at = {**at, "content_index": 0}
        yield "response.content_part.added", {**at, "part": {**part, "text": ""}}
        for number, piece in enumerate(self._reply.pieces):
            padding = f"{number:016x}"
            delta = {"delta": piece, "logprobs": [], "obfuscation": padding}
            yield "response.output_text.delta", {**at, **delta}
        yield "response.output_text.done", {**at, "text": part["text"], "logprobs": []}
        yield "response.content_part.done", {**at, "part": part}

    def _call(self, at: dict[str, Any], item: dict[str, Any]) -> Iterator[_Event]:
        for piece in slices(item["arguments"]):
            yield "response.function_call_arguments.delta", {**at, "delta": piece}
        done = {"name": item["name"], "arguments": item["arguments"]}
        yield "response.function_call_arguments.done", {**at, **done}

    def _usage(self) -> dict[str, Any]:
        given = sum(token_count(message.text) for message in self._request.messages)
        taken = token_count(self._reply.whole)
        return {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": taken,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": given + taken,
        }


def _said(name: str, reply: DemoReply) -> dict[str, Any]:
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": reply.whole}
    return {
        "id": name,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def _begun(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as it is when it begins."""
    empty = {"content": [], "summary": [], "arguments": "", "status": "in_progress"}
    return {key: empty.get(key, value) for key, value in item.items()}


def _message(item: Mapping[str, Any]) -> DemoMessage | None:
    """What an item says to the model; None where it is none of a message and a tool's result."""
    kind = item.get("type")
    if kind == "message" or (kind is None and "role" in item):
        return DemoMessage(str(item["role"]), _text(item["content"]))
    if kind in {"function_call_output", "custom_tool_call_output"}:
        return DemoMessage("tool", _text(item["output"]))
    return None


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content or () if "text" in part)

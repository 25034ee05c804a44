"""Anthropic's side of the demo model: bodies and events as the real API sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from gateway.demo.reply import DemoMessage, DemoRequest, DemoTool, slices, token_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "count", "error", "events", "read", "read_count"]

_SIGNATURE = "ZGVtby1zaWduYXR1cmU="


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:  # noqa: ARG001 - the body says it all
    """The request as the demo model sees it.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    int(body["max_tokens"])
    return _read(body, headers)


def read_count(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:  # noqa: ARG001 - the body says it all
    """The request to count tokens; arguments and errors as for ``read``."""
    return _read(body, headers)


def count(request: DemoRequest, reply: DemoReply, number: int) -> bytes:  # noqa: ARG001 - nothing is said but the count
    """How many tokens a message would cost."""
    return orjson.dumps({"input_tokens": _usage(request, 0)["input_tokens"]})


def _read(body: Mapping[str, Any], headers: Mapping[str, str]) -> DemoRequest:
    system = [DemoMessage("system", _text(body["system"]))] if body.get("system") else []
    return DemoRequest(
        api="anthropic",
        model=str(body["model"]),
        messages=(*system, *map(_message, body["messages"])),
        tools=tuple(
            DemoTool(str(tool["name"]), tool.get("input_schema") or {})
            for tool in body.get("tools") or ()
        ),
        stream=bool(body.get("stream")),
        headers=headers,
        body=body,
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:
    """A whole ``message``."""
    return orjson.dumps(
        {
            **_message_head(request, number),
            "content": list(_blocks(reply)),
            "stop_reason": _stop_reason(reply),
            "stop_sequence": None,
            "usage": _usage(request, token_count(reply.whole)),
        }
    )


def events(request: DemoRequest, reply: DemoReply, number: int) -> Iterator[bytes]:
    """The events of a stream, ``message_stop`` included."""
    message = {
        **_message_head(request, number),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(request, 1),
    }
    yield _event("message_start", message=message)
    for index, block in enumerate(_blocks(reply)):
        yield from _block_events(index, block, reply)
    ending = {"stop_reason": _stop_reason(reply), "stop_sequence": None}
    usage = {"output_tokens": token_count(reply.whole)}
    yield _event("message_delta", delta=ending, usage=usage)
    yield _event("message_stop")


def error(status: int, kind: str, message: str, number: int = 0) -> bytes:  # noqa: ARG001 - the status stands in no body of this API
    """An error body."""
    fault = {"type": kind, "message": message}
    return orjson.dumps({"type": "error", "error": fault, "request_id": f"req_demo{number:08d}"})


def _blocks(reply: DemoReply) -> Iterator[dict[str, Any]]:
    if reply.thinking:
        thought = "".join(reply.thinking)
        yield {"type": "thinking", "thinking": thought, "signature": _SIGNATURE}
    if reply.whole or not (reply.thinking or reply.tool_calls):
        yield {"type": "text", "text": reply.whole}
    for index, call in enumerate(reply.tool_calls):
        identifier = f"toolu_demo{index:04d}"
        given = orjson.loads(call.json)
        yield {"type": "tool_use", "id": identifier, "name": call.name, "input": given}


def _block_events(index: int, block: dict[str, Any], reply: DemoReply) -> Iterator[bytes]:
    kind = block["type"]
    empty: dict[str, Any] = {"input": {}} if kind == "tool_use" else {kind: ""}
    if kind == "thinking":
        empty["signature"] = ""
    yield _event("content_block_start", index=index, content_block={**block, **empty})
    if index == 0:
        yield _event("ping")
    head = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d' % index
    for delta in _deltas(block, reply):
        yield b'%b,"delta":%b}\n\n' % (head, delta)
    yield _event("content_block_stop", index=index)


def _deltas(block: dict[str, Any], reply: DemoReply) -> Iterator[bytes]:
    kind = block["type"]
    if kind == "text":
        for piece in reply.pieces:
            yield b'{"type":"text_delta","text":%b}' % orjson.dumps(piece)
    elif kind == "thinking":
        for piece in reply.thinking:
            yield b'{"type":"thinking_delta","thinking":%b}' % orjson.dumps(piece)
        yield orjson.dumps({"type": "signature_delta", "signature": _SIGNATURE})
    else:
        for piece in ("", *slices(orjson.dumps(block["input"]).decode())):
            yield orjson.dumps({"type": "input_json_delta", "partial_json": piece})


def _event(kind: str, **members: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps({"type": kind, **members}))


def _message_head(request: DemoRequest, number: int) -> dict[str, Any]:
    return {
        "id": f"msg_demo{number:08d}",
        "type": "message",
        "role": "assistant",
        "model": request.model,
    }


def _usage(request: DemoRequest, taken: int) -> dict[str, int]:
    return {
        "input_tokens": sum(token_count(message.text) for message in request.messages),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": taken,
    }


def _stop_reason(reply: DemoReply) -> str:
    return reply.finish or ("tool_use" if reply.tool_calls else "end_turn")


def _message(message: Mapping[str, Any]) -> DemoMessage:
    content = message["content"]
    if isinstance(content, list) and any(part.get("type") == "tool_result" for part in content):
        results = (part for part in content if part.get("type") == "tool_result")
        return DemoMessage("tool", "\n".join(_text(part.get("content")) for part in results))
    return DemoMessage(str(message["role"]), _text(content))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content or ()
    return "\n".join(str(part["text"]) for part in parts if part.get("type") == "text")

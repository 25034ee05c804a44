"""OpenAI's side of the demo model: bodies and events as the real API sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.demo.reply import DemoMessage, DemoRequest, DemoTool, slices, token_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.demo.reply import DemoReply

__all__ = [
    "MAX_CHOICES",
    "MODELS",
    "answer",
    "asks_for_usage",
    "error",
    "events",
    "head",
    "model_of",
    "read",
    "usage",
]

_CREATED: Final = 1_767_225_600
_DONE: Final = b"data: [DONE]\n\n"

MAX_CHOICES: Final = 16
"""More answers are not given, however many are asked for."""

MODELS: Final = orjson.dumps(
    {
        "object": "list",
        "data": [
            {"id": model, "object": "model", "created": _CREATED, "owned_by": "demo"}
            for model in ("demo-small", "demo-large")
        ],
    }
)
"""The body of ``GET /v1/models``."""


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:
    """The request as the demo model sees it; on Azure's paths the path names the model.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    return DemoRequest(
        api="openai",
        model=model_of(body, path),
        messages=tuple(
            DemoMessage(str(message["role"]), _text(message.get("content")))
            for message in body["messages"]
        ),
        tools=tuple(
            DemoTool(str(tool["function"]["name"]), tool["function"].get("parameters") or {})
            for tool in body.get("tools") or ()
            if tool.get("type") == "function"
        ),
        stream=bool(body.get("stream")),
        choices=max(1, min(int(body.get("n") or 1), MAX_CHOICES)),
        stream_usage=asks_for_usage(body),
        headers=headers,
        body=body,
    )


def model_of(body: Mapping[str, Any], path: str) -> str:
    """The model asked for; on Azure's paths the path names it."""
    _, azure, rest = path.partition("/deployments/")
    return rest.partition("/")[0] if azure else str(body["model"])


def asks_for_usage(body: Mapping[str, Any]) -> bool:
    """Whether a stream is to end with its token counts."""
    return bool((body.get("stream_options") or {}).get("include_usage"))


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:
    """A whole ``chat.completion``."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.whole if reply.whole or not reply.tool_calls else None,
        "refusal": None,
        "annotations": [],
    }
    if reply.thinking:
        message["reasoning_content"] = "".join(reply.thinking)
    if reply.tool_calls:
        message["tool_calls"] = [
            _call(index, call.name, call.json) for index, call in enumerate(reply.tool_calls)
        ]
    choices = [
        {"index": index, "message": message, "logprobs": None, "finish_reason": _finish(reply)}
        for index in range(request.choices)
    ]
    return orjson.dumps(
        {
            **head(request, number, "chat.completion"),
            "choices": choices,
            "usage": usage(request, reply),
        }
    )


def events(request: DemoRequest, reply: DemoReply, number: int) -> Iterator[bytes]:
    """The events of a stream, the end marker included; choices take turns."""
    top = orjson.dumps(head(request, number, "chat.completion.chunk"))[:-1]
    tail = b',"usage":null}\n\n' if request.stream_usage else b"}\n\n"

    def chunk(index: int, delta: bytes, finish: bytes = b"null") -> bytes:
        choice = b'{"index":%d,"delta":%b,"logprobs":null,"finish_reason":%b}'
        return b'data: %b,"choices":[%b]%b' % (top, choice % (index, delta, finish), tail)

    turns = range(request.choices)
    for delta in _deltas(reply):
        for index in turns:
            yield chunk(index, delta)
    for index in turns:
        yield chunk(index, b"{}", orjson.dumps(_finish(reply)))
    if request.stream_usage:
        counts = orjson.dumps(usage(request, reply))
        yield b'data: %b,"choices":[],"usage":%b}\n\n' % (top, counts)
    yield _DONE


def error(status: int, kind: str, message: str, number: int = 0) -> bytes:  # noqa: ARG001 - errors of this API have no id
    """An error body."""
    code = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}.get(status)
    return orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def _deltas(reply: DemoReply) -> Iterator[bytes]:
    yield b'{"role":"assistant","content":"","refusal":null}'
    for piece in reply.thinking:
        yield b'{"reasoning_content":%b}' % orjson.dumps(piece)
    for piece in reply.pieces:
        yield b'{"content":%b}' % orjson.dumps(piece)
    for index, call in enumerate(reply.tool_calls):
        opening = {"index": index, **_call(index, call.name, "")}
        yield orjson.dumps({"tool_calls": [opening]})
        for piece in slices(call.json):
            part = {"index": index, "function": {"arguments": piece}}
            yield orjson.dumps({"tool_calls": [part]})


def head(request: DemoRequest, number: int, kind: str) -> dict[str, Any]:
    """What every body of one answer begins with."""
    return {
        "id": f"chatcmpl-demo{number:08d}",
        "object": kind,
        "created": _CREATED,
        "model": request.model,
        "service_tier": "default",
        "system_fingerprint": "fp_demo",
    }


def _call(index: int, name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": f"call_demo{index:04d}", "type": "function", "function": function}


def _finish(reply: DemoReply) -> str:
    return reply.finish or ("tool_calls" if reply.tool_calls else "stop")


def usage(request: DemoRequest, reply: DemoReply) -> dict[str, Any]:
    """What a call costs."""
    given = sum(token_count(message.text) for message in request.messages)
    taken = token_count(reply.whole) * request.choices
    return {
        "prompt_tokens": given,
        "completion_tokens": taken,
        "total_tokens": given + taken,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content or ()
    return "\n".join(str(part["text"]) for part in parts if part.get("type") == "text")

"""Gemini's side of the demo model: bodies and events as the real API sends them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.demo.reply import DemoMessage, DemoRequest, DemoTool, token_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "error", "events", "field_of", "message_of", "model_of", "read"]

_ROLES: Final = {"model": "assistant"}
_STATUSES: Final = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_CAPITAL: Final = re.compile("[A-Z]")
_MAX_CANDIDATES: Final = 8


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:
    """The request as the demo model sees it; the path says the model and whether to stream.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    _, _, verb = path.rpartition(":")
    instruction = field_of(body, "systemInstruction")
    system = [DemoMessage("system", _text(instruction))] if instruction else []
    config = field_of(body, "generationConfig") or {}
    return DemoRequest(
        api="gemini",
        model=model_of(path),
        messages=(*system, *map(message_of, _several(body["contents"]))),
        tools=tuple(
            DemoTool(str(function["name"]), _parameters(function))
            for tool in _several(body.get("tools"))
            for function in _several(field_of(tool, "functionDeclarations"))
        ),
        stream=verb.startswith("stream"),
        choices=max(1, min(int(field_of(config, "candidateCount") or 1), _MAX_CANDIDATES)),
        headers=headers,
        body=body,
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:
    """A whole answer."""
    parts = [part for step in _steps(reply, reply.whole) for part in step]
    candidates = [_candidate(index, parts, _finish(reply)) for index in range(request.choices)]
    return orjson.dumps(_answer(request, reply, candidates, number))


def events(request: DemoRequest, reply: DemoReply, number: int) -> Iterator[bytes]:
    """The events of a stream; candidates take turns, and nothing marks the end."""
    steps = list(_steps(reply, *reply.pieces))
    for step in steps:
        finish = _finish(reply) if step is steps[-1] else None
        for index in range(request.choices):
            candidates = [_candidate(index, step, finish)]
            body = _answer(request, reply, candidates, number)
            yield b"data: " + orjson.dumps(body) + b"\r\n\r\n"


def error(status: int, kind: str, message: str, number: int = 0) -> bytes:  # noqa: ARG001 - errors of this API have no id, and their kind is a word for the status
    """An error body."""
    word = _STATUSES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    return orjson.dumps({"error": {"code": status, "message": message, "status": word}})


def _steps(reply: DemoReply, *pieces: str) -> Iterator[list[dict[str, Any]]]:
    """The parts of an answer, event by event."""
    for piece in reply.thinking:
        yield [{"text": piece, "thought": True}]
    for piece in pieces if reply.whole or not (reply.thinking or reply.tool_calls) else ():
        yield [{"text": piece}]
    if reply.tool_calls:
        yield [
            {"functionCall": {"name": call.name, "args": orjson.loads(call.json)}}
            for call in reply.tool_calls
        ]


def _candidate(index: int, parts: list[dict[str, Any]], finish: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": index}
    return candidate if finish is None else {**candidate, "finishReason": finish}


def _finish(reply: DemoReply) -> str:
    return reply.finish or "STOP"


def _answer(
    request: DemoRequest, reply: DemoReply, candidates: list[dict[str, Any]], number: int
) -> dict[str, Any]:
    given = sum(token_count(message.text) for message in request.messages)
    taken = token_count(reply.whole) * request.choices
    return {
        "candidates": candidates,
        "usageMetadata": {
            "promptTokenCount": given,
            "candidatesTokenCount": taken,
            "totalTokenCount": given + taken,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": given}],
        },
        "modelVersion": request.model,
        "responseId": f"demo{number:08d}",
    }


def _parameters(function: Mapping[str, Any]) -> Any:
    schema = field_of(function, "parameters") or field_of(function, "parametersJsonSchema")
    return schema or {}


def model_of(path: str) -> str:
    """The model that a path names."""
    return path.partition("?")[0].rpartition("/")[2].rpartition(":")[0]


def message_of(content: Mapping[str, Any]) -> DemoMessage:
    """A content as a message; results of functions are a tool's."""
    results = [
        orjson.dumps(result["response"]).decode()
        for part in _several(content.get("parts"))
        if (result := field_of(part, "functionResponse"))
    ]
    if results:
        return DemoMessage("tool", "\n".join(results))
    role = str(content.get("role") or "user")
    return DemoMessage(_ROLES.get(role, role), _text(content))


def _text(content: Mapping[str, Any]) -> str:
    parts = _several(content.get("parts"))
    return "\n".join(str(part["text"]) for part in parts if part.get("text"))


def _several(value: Any) -> list[Any]:
    """A list, or the only item of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def field_of(value: Mapping[str, Any], key: str) -> Any:
    """A field in either of its spellings."""
    other = _CAPITAL.sub(lambda letter: "_" + letter.group().lower(), key)
    return value.get(key, value.get(other))

"""Ollama's side of the demo model: bodies and lines as the real API sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.demo.reply import DemoMessage, DemoRequest, DemoTool, token_count
from gateway.demo.vectors import DIMENSIONS, vector_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "error", "events", "read_chat", "read_embed", "read_generate", "vectors"]

_CREATED: Final = "2026-01-01T00:00:00.000000Z"
_MILLISECOND: Final = 1_000_000
_CONTEXT: Final = [1, 2, 3]


def read_chat(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:  # noqa: ARG001 - the body says it all
    """The request as the demo model sees it.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    return DemoRequest(
        api="ollama",
        model=str(body["model"]),
        messages=tuple(
            DemoMessage(str(message["role"]), str(message.get("content") or ""))
            for message in body.get("messages") or ()
        ),
        tools=tuple(
            DemoTool(str(tool["function"]["name"]), tool["function"].get("parameters") or {})
            for tool in body.get("tools") or ()
        ),
        stream=body.get("stream") is not False,
        headers=headers,
        body=body,
    )


def read_generate(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:  # noqa: ARG001 - the body says it all
    """The request as the demo model sees it; arguments and errors as for ``read_chat``."""
    given = (("system", body.get("system")), ("user", body.get("prompt") or ""))
    return DemoRequest(
        api="ollama",
        model=str(body["model"]),
        messages=tuple(DemoMessage(role, str(text)) for role, text in given if text is not None),
        stream=body.get("stream") is not False,
        headers=headers,
        body=body,
    )


def read_embed(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:  # noqa: ARG001 - the body says it all
    """The texts to make vectors of, each a message; arguments and errors as for ``read_chat``."""
    texts = body["input"]
    return DemoRequest(
        api="ollama",
        model=str(body["model"]),
        messages=tuple(
            DemoMessage("user", str(text))
            for text in ([texts] if isinstance(texts, str) else texts)
        ),
        headers=headers,
        body=body,
    )


def vectors(request: DemoRequest, reply: DemoReply, number: int) -> bytes:  # noqa: ARG001 - vectors are all there is to say
    """A list of vectors, one for each text."""
    texts = [message.text for message in request.messages]
    size = int(request.body.get("dimensions") or DIMENSIONS)
    return orjson.dumps(
        {
            "model": request.model,
            "embeddings": [vector_of(text, size) for text in texts],
            "total_duration": 2 * _MILLISECOND,
            "load_duration": _MILLISECOND,
            "prompt_eval_count": sum(map(token_count, texts)),
        }
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:  # noqa: ARG001 - answers of this API have no id
    """A whole answer."""
    said: dict[str, Any] = {"content": reply.whole}
    if reply.thinking:
        said["thinking"] = "".join(reply.thinking)
    if reply.tool_calls:
        said["tool_calls"] = _calls(reply)
    return orjson.dumps({**_head(request), **_said(request, said), **_ending(request, reply)})


def events(request: DemoRequest, reply: DemoReply, number: int) -> Iterator[bytes]:  # noqa: ARG001 - as above
    """The lines of a stream; tool calls come whole, in a line of their own."""
    for said in _pieces(reply):
        yield _line({**_head(request), **_said(request, said), "done": False})
    yield _line({**_head(request), **_said(request, {"content": ""}), **_ending(request, reply)})


def error(status: int, kind: str, message: str, number: int = 0) -> bytes:  # noqa: ARG001 - an error of this API is its message
    """An error body."""
    return orjson.dumps({"error": message})


def _pieces(reply: DemoReply) -> Iterator[dict[str, Any]]:
    for piece in reply.thinking:
        yield {"content": "", "thinking": piece}
    for piece in reply.pieces:
        yield {"content": piece}
    if reply.tool_calls:
        yield {"content": "", "tool_calls": _calls(reply)}


def _said(request: DemoRequest, said: dict[str, Any]) -> dict[str, Any]:
    if _is_chat(request):
        return {"message": {"role": "assistant", **said}}
    return {"response": said.pop("content"), **said}


def _is_chat(request: DemoRequest) -> bool:
    return "messages" in request.body


def _calls(reply: DemoReply) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_demo{index:04d}",
            "function": {
                "index": index,
                "name": call.name,
                "arguments": orjson.loads(call.json),
            },
        }
        for index, call in enumerate(reply.tool_calls)
    ]


def _head(request: DemoRequest) -> dict[str, Any]:
    return {"model": request.model, "created_at": _CREATED}


def _ending(request: DemoRequest, reply: DemoReply) -> dict[str, Any]:
    context = {} if _is_chat(request) else {"context": _CONTEXT}
    return {
        "done": True,
        "done_reason": reply.finish or "stop",
        **context,
        "total_duration": 5 * _MILLISECOND,
        "load_duration": _MILLISECOND,
        "prompt_eval_count": sum(token_count(message.text) for message in request.messages),
        "prompt_eval_duration": _MILLISECOND,
        "eval_count": token_count(reply.whole),
        "eval_duration": 3 * _MILLISECOND,
    }


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"

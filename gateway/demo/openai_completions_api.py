"""OpenAI's completions without a conversation, as the demo model writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.demo.openai_api import MAX_CHOICES, asks_for_usage, head, model_of, usage
from gateway.demo.reply import DemoMessage, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "events", "read"]

_DONE: Final = b"data: [DONE]\n\n"


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:
    """The request as the demo model sees it: each prompt is a message.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    prompts = body["prompt"]
    messages = tuple(
        DemoMessage("user", str(prompt))
        for prompt in ([prompts] if isinstance(prompts, str) else prompts)
    )
    return DemoRequest(
        api="openai",
        model=model_of(body, path),
        messages=messages,
        stream=bool(body.get("stream")),
        choices=max(1, min(int(body.get("n") or 1) * len(messages), MAX_CHOICES)),
        stream_usage=asks_for_usage(body),
        headers=headers,
        body=body,
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:
    """A whole ``text_completion``."""
    finish = reply.finish or "stop"
    choices = [
        _choice(index, "".join(_pieces(request, reply, index)), finish)
        for index in range(request.choices)
    ]
    body = {**_head(request, number), "choices": choices, "usage": usage(request, reply)}
    return orjson.dumps(body)


def events(request: DemoRequest, reply: DemoReply, number: int) -> Iterator[bytes]:
    """The events of a stream, the end marker included; choices take turns."""
    top = _head(request, number)
    counted = {"usage": None} if request.stream_usage else {}

    def chunk(*choices: dict[str, Any], **members: Any) -> bytes:
        body = {**top, "choices": choices, **counted, **members}
        return b"data: %b\n\n" % orjson.dumps(body)

    turns = range(request.choices)
    pieces = [tuple(_pieces(request, reply, index)) for index in turns]
    for place in range(max(map(len, pieces))):
        for index in turns:
            if place < len(pieces[index]):
                yield chunk(_choice(index, pieces[index][place], None))
    for index in turns:
        yield chunk(_choice(index, "", reply.finish or "stop"))
    if request.stream_usage:
        yield chunk(usage=usage(request, reply))
    yield _DONE


def _pieces(request: DemoRequest, reply: DemoReply, index: int) -> Iterator[str]:
    if request.body.get("echo"):
        yield request.messages[index * len(request.messages) // request.choices].text
    yield from reply.pieces


def _choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"text": text, "index": index, "logprobs": None, "finish_reason": finish}


def _head(request: DemoRequest, number: int) -> dict[str, Any]:
    return {**head(request, number, "text_completion"), "id": f"cmpl-demo{number:08d}"}

"""OpenAI's embeddings, as the demo model makes them."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING, Any

import orjson

from gateway.demo.openai_api import model_of
from gateway.demo.reply import DemoMessage, DemoRequest, token_count
from gateway.demo.vectors import DIMENSIONS, vector_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "read"]


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:
    """The request as the demo model sees it: each text is a message.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    texts = body["input"]
    return DemoRequest(
        api="openai",
        model=model_of(body, path),
        messages=tuple(
            DemoMessage("user", str(text))
            for text in ([texts] if isinstance(texts, str) else texts)
        ),
        headers=headers,
        body=body,
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:  # noqa: ARG001 - vectors are all there is to say
    """A list of vectors, one for each text."""
    body, texts = request.body, [message.text for message in request.messages]
    size = int(body.get("dimensions") or DIMENSIONS)
    spell = _packed if body.get("encoding_format") == "base64" else list
    given = sum(map(token_count, texts))
    return orjson.dumps(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": spell(vector_of(text, size))}
                for index, text in enumerate(texts)
            ],
            "model": request.model,
            "usage": {"prompt_tokens": given, "total_tokens": given},
        }
    )


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

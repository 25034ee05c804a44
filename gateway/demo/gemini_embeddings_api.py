"""Gemini's embeddings, as the demo model makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from gateway.demo.gemini_api import field_of, message_of, model_of
from gateway.demo.reply import DemoRequest, token_count
from gateway.demo.vectors import DIMENSIONS, vector_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.demo.reply import DemoReply

__all__ = ["answer", "read"]


def read(body: Mapping[str, Any], path: str, headers: Mapping[str, str]) -> DemoRequest:
    """The request as the demo model sees it: each content is a message.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: The body is not one of this API.
    """
    return DemoRequest(
        api="gemini",
        model=model_of(path),
        messages=tuple(message_of(one["content"]) for one in _requests(body)),
        headers=headers,
        body=body,
    )


def answer(request: DemoRequest, reply: DemoReply, number: int) -> bytes:  # noqa: ARG001 - vectors are all there is to say
    """One vector, or a list of them for a batch."""
    vectors = [
        {
            "values": vector_of(
                message.text, int(field_of(one, "outputDimensionality") or DIMENSIONS)
            )
        }
        for one, message in zip(_requests(request.body), request.messages, strict=True)
    ]
    given = sum(token_count(message.text) for message in request.messages)
    told = {"embeddings": vectors} if "requests" in request.body else {"embedding": vectors[0]}
    return orjson.dumps({**told, "usageMetadata": {"promptTokenCount": given}})


def _requests(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(body["requests"]) if "requests" in body else [body]

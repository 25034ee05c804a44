"""Anthropic's counting of a message's tokens before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.exchange import Answer, Usage
from gateway.wire.leaves import everything, settings
from gateway.wire.reading import fields, record
from gateway.wire.whole import read_answer_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AnthropicCount"]

_ANSWER = record(
    {**fields("input_tokens context_management type request_id", settings), "error": everything}
)


class AnthropicCount(AnthropicMessages):
    """``POST /v1/messages/count_tokens``: the body of a message, the answer a number. A ``Format``.

    The number is what a message would cost; counting it costs none.
    """

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``."""
        texts = tuple(read_answer_texts(body, _ANSWER).texts)
        return Answer(texts, body, Usage(0, 0))

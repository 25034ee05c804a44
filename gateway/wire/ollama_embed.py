"""Ollama's embeddings."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from gateway.wire.changing import change
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Target, Usage
from gateway.wire.model_name import readable_word
from gateway.wire.ollama_chat import OllamaChat
from gateway.wire.ollama_parameters import EMBED
from gateway.wire.ollama_shapes import EMBED as REQUEST
from gateway.wire.ollama_shapes import VECTORS
from gateway.wire.whole import read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["OllamaEmbed"]


class OllamaEmbed(OllamaChat):
    """``POST /api/embed``. A ``Format``; a withheld answer has no vectors."""

    _empty: ClassVar[Mapping[str, Any]] = MappingProxyType({"embeddings": []})

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        return read_request(body, REQUEST, EMBED, target)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``; there is nothing to say about vectors."""
        return change(body, changes, {})

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``; vectors are no texts, and what was read costs alone."""
        texts = tuple(read_answer_texts(body, VECTORS).texts)
        count = body.get("prompt_eval_count")
        usage = Usage(count, 0) if type(count) is int else None
        return Answer(texts, body, usage, readable_word(body.get("model")))

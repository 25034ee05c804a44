"""Gemini's embeddings, of one content or of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import change
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Target, Usage
from gateway.wire.gemini_answer import read_usage
from gateway.wire.gemini_generate import GeminiGenerate
from gateway.wire.gemini_model import check_model, without_model
from gateway.wire.gemini_shapes import CONTENT
from gateway.wire.leaves import everything, settings, text
from gateway.wire.parameters import Vocabulary
from gateway.wire.proto_json import message
from gateway.wire.reading import fields, listing, said_by
from gateway.wire.vectors import VECTOR_DEFAULTS, vector
from gateway.wire.whole import is_plain, read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes
    from gateway.wire.leaves import Shape

__all__ = ["GeminiEmbeddings"]

_MEMBERS: Final[dict[str, Shape]] = {
    **fields("taskType outputDimensionality", settings),
    "content": said_by("user", CONTENT),
    "title": said_by("document", text),
}
_ONE: Final = message(_MEMBERS)
_BATCH: Final = message({"requests": listing(message({**_MEMBERS, "model": settings}))})
_KEPT: Final = ("usageMetadata",)
_VECTOR: Final = message({"values": vector, "statistics": settings})
_ANSWER: Final = message(
    {
        **fields("usageMetadata metadata", settings),
        "embedding": _VECTOR,
        "embeddings": listing(_VECTOR),
        "error": everything,
    }
)


def _vocabulary(key: str, kind: str) -> Vocabulary:
    return Vocabulary(
        {}, VECTOR_DEFAULTS, frozenset(), messages_key=key, messages_type=kind, apart=True
    )


_ONE_WORDS: Final = _vocabulary("content", "an object")
_BATCH_WORDS: Final = _vocabulary("requests", "a list")


class GeminiEmbeddings(GeminiGenerate):
    """``:embedContent`` and ``:batchEmbedContents``. A ``Format``."""

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``; a body with ``requests`` is a batch."""
        body = without_model(body, target.model)
        if not isinstance(body, dict) or "requests" not in body:
            return read_request(body, _ONE, _ONE_WORDS, target)
        exchange = read_request(body, _BATCH, _BATCH_WORDS, target)
        for index, one in enumerate(body["requests"]):
            check_model(one.get("model"), ("requests", index, "model"), target.model)
        return exchange

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``; there is nothing to say about vectors."""
        return change(body, changes, {})

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``; vectors are no texts."""
        texts = tuple(read_answer_texts(body, _ANSWER).texts)
        usage = read_usage(body)
        return Answer(texts, body, None if usage is None else Usage(usage.input_tokens, 0))

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; an answer without vectors, for the API knows no other stop."""
        kept = {key: body[key] for key in _KEPT if key in body and is_plain(body[key])}
        return {**kept, "embeddings": []} if "embeddings" in body else {**kept, "embedding": {}}

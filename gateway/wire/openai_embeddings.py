"""OpenAI's embeddings, and all endpoints that speak them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.changing import change
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Target, Usage
from gateway.wire.leaves import everything, settings, text
from gateway.wire.model_name import readable_word
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.openai_prompt import PROMPT, PROMPT_TYPE
from gateway.wire.parameters import Vocabulary
from gateway.wire.reading import fields, listing, record, said_by
from gateway.wire.rewrite import rewrite
from gateway.wire.vectors import VECTOR_DEFAULTS, vector
from gateway.wire.whole import is_plain, read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes
    from gateway.wire.exchange import Path

__all__ = ["OpenAIEmbeddings"]

_REQUEST: Final = record(
    {
        **fields("model dimensions encoding_format input_type", settings),
        "input": PROMPT,
        "user": said_by("user", text),
    }
)
_ANSWER: Final = record(
    {
        **fields("id object created model usage", settings),
        "data": listing(record({**fields("object index", settings), "embedding": vector})),
        "error": everything,
    }
)
_VOCABULARY: Final = Vocabulary(
    readers={},
    defaults=VECTOR_DEFAULTS,
    system_roles=frozenset(),
    messages_key="input",
    messages_type=PROMPT_TYPE,
    apart=True,
)
_KEPT: Final = ("object", "model", "usage")


class OpenAIEmbeddings(OpenAIChat):
    """``POST /v1/embeddings``, and Azure's, whose path names the model. A ``Format``."""

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        return read_request(body, _REQUEST, _VOCABULARY, target)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``; there is nothing to say about vectors."""
        return change(body, changes, {})

    def counting_request(self, body: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ARG002 - nothing to look at
        """See ``Format.counting_request``; this API streams nothing."""
        return None

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``; vectors are no texts."""
        texts = tuple(read_answer_texts(body, _ANSWER).texts)
        return Answer(texts, body, _usage(body.get("usage")), readable_word(body.get("model")))

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``; vectors spell no text again."""
        return rewrite(body, replacements)

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; an answer without vectors, for the API knows no other stop."""
        if not isinstance(body.get("data"), list):
            return super().withhold(body)
        kept = {key: body[key] for key in _KEPT if key in body and is_plain(body[key])}
        return {**kept, "data": []}


def _usage(value: Any) -> Usage | None:
    """What was read costs; nothing is written."""
    count = value.get("prompt_tokens") if isinstance(value, dict) else None
    return Usage(count, 0) if type(count) is int else None

"""Ollama's chats."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from gateway.wire import ndjson
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Path, StreamReader, Target
from gateway.wire.model_name import readable_word
from gateway.wire.ollama_changes import change_chat
from gateway.wire.ollama_parameters import CHAT
from gateway.wire.ollama_shapes import ANSWER
from gateway.wire.ollama_shapes import CHAT as REQUEST
from gateway.wire.ollama_stream import COUNTS, OllamaStream, error_object, read_usage
from gateway.wire.rewrite import rewrite
from gateway.wire.whole import is_plain, read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["OllamaChat"]

_KEPT: Final = ("model", "remote_model", "remote_host", "created_at", *COUNTS)
_RESPELLINGS: Final = ("logprobs", "context")


class OllamaChat:
    """``POST /api/chat``. A ``Format``."""

    name = "ollama"
    stream_type = ndjson.MEDIA_TYPE

    _empty: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"message": {"role": "assistant", "content": ""}}
    )
    """What stands in an answer without a text."""

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        return read_request(body, REQUEST, CHAT, target)

    def rewrite_request(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_request``."""
        return rewrite(body, replacements)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``."""
        return change_chat(body, changes)

    def counting_request(self, body: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ARG002 - nothing to look at
        """See ``Format.counting_request``; this API always counts."""
        return None

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``."""
        found = read_answer_texts(body, ANSWER)
        return Answer(
            texts=tuple(found.texts),
            body=body,
            usage=read_usage(body),
            model=readable_word(body.get("model")),
            finish=readable_word(body.get("done_reason")),
        )

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``; log probabilities and tokens of the whole are dropped."""
        written = rewrite(body, replacements)
        for key in _RESPELLINGS if replacements else ():
            written.pop(key, None)
        return written

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; built anew, so that nothing is left by oversight."""
        if not self._empty.keys() <= body.keys():
            message = "The content of this answer is blocked by the policy."
            return error_object("content_blocked", message)
        kept = {key: body[key] for key in _KEPT if key in body and is_plain(body[key])}
        return {**kept, **self._empty, "done": True, "done_reason": "content_filter"}

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:  # noqa: ARG002 - this API has no place for either but a header
        """See ``Format.error``."""
        return error_object(code, message)

    def stream_reader(self) -> StreamReader:
        """See ``Format.stream_reader``."""
        return OllamaStream(self._empty)

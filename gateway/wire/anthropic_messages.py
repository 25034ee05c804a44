"""Anthropic's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire import sse
from gateway.wire.anthropic_changes import change_request
from gateway.wire.anthropic_parameters import VOCABULARY
from gateway.wire.anthropic_shapes import ANSWER, REQUEST
from gateway.wire.anthropic_stream import AnthropicStream, error_object, read_usage
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Path, StreamReader, Target
from gateway.wire.model_name import readable_word
from gateway.wire.rewrite import rewrite
from gateway.wire.whole import is_plain, read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["AnthropicMessages"]

_SEALED: Final = (("thinking",), ("content",))
_KEPT: Final = ("id", "type", "role", "model", "usage")


class AnthropicMessages:
    """``POST /v1/messages``. A ``Format``."""

    name = "anthropic"
    stream_type = sse.MEDIA_TYPE

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        return read_request(body, REQUEST, VOCABULARY, target)

    def rewrite_request(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_request``."""
        return rewrite(body, replacements)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``."""
        return change_request(body, changes)

    def counting_request(self, body: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ARG002 - nothing to look at
        """See ``Format.counting_request``; this API always counts."""
        return None

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``."""
        found = read_answer_texts(body, ANSWER)
        return Answer(
            texts=tuple(found.texts),
            body=body,
            usage=read_usage(body.get("usage")),
            model=readable_word(body.get("model")),
            finish=readable_word(body.get("stop_reason")),
        )

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``.

        Thinking that was changed loses its signature: it is no longer what was signed, and cannot
        be sent back in a later turn. So does a summary of the conversation.
        """
        written = rewrite(body, replacements)
        for path in replacements:
            if path[0] == "content" and path[2:] in _SEALED:
                block = written["content"][path[1]]
                block.update({"signature": ""} if "signature" in block else {})
        return written

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; built anew, so that nothing is left by oversight."""
        if not isinstance(body.get("content"), list):
            message = "The content of this answer is blocked by the policy."
            return error_object(500, "content_blocked", message, "")
        kept = {key: body[key] for key in _KEPT if key in body and is_plain(body[key])}
        return {**kept, "content": [], "stop_reason": "refusal", "stop_sequence": None}

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:
        """See ``Format.error``."""
        return error_object(status, code, message, request)

    def stream_reader(self) -> StreamReader:
        """See ``Format.stream_reader``."""
        return AnthropicStream()

"""OpenAI's responses, and all endpoints that speak them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.wire import sse
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Path, StreamReader, Target
from gateway.wire.model_name import readable_word
from gateway.wire.openai_stream import error_object
from gateway.wire.responses_changes import change_request
from gateway.wire.responses_parameters import VOCABULARY, held_by
from gateway.wire.responses_sent import withheld
from gateway.wire.responses_shapes import ANSWER, ECHOED, REQUEST
from gateway.wire.responses_stream import (
    ResponsesStream,
    ending_of,
    held_as,
    parts_of,
    read_usage,
    without_respellings,
)
from gateway.wire.rewrite import rewrite
from gateway.wire.whole import read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["OpenAIResponses"]


class OpenAIResponses:
    """``POST /v1/responses``. A ``Format``."""

    name = "openai"
    stream_type = sse.MEDIA_TYPE

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``; an answer in the background is refused: nothing could fetch it."""
        exchange = read_request(body, REQUEST, VOCABULARY, target)
        held = held_by(exchange.body)
        return replace(exchange, continues=held, held=held, echoed=ECHOED)

    def rewrite_request(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_request``; drops log probabilities of earlier answers' texts."""
        return without_respellings(rewrite(body, replacements), replacements)

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
            finish=ending_of(body),
            held_as=held_as(body),
            parts=parts_of(body),
        )

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``; drops log probabilities of changed texts."""
        return without_respellings(rewrite(body, replacements), replacements)

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; built anew, so that nothing is left by oversight."""
        if not isinstance(body.get("output"), list):
            message = "The content of this answer is blocked by the policy."
            return error_object(500, "content_blocked", message)
        return withheld(body)

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:  # noqa: ARG002 - this API has no place for the request id but a header
        """See ``Format.error``."""
        return error_object(status, code, message)

    def stream_reader(self) -> StreamReader:
        """See ``Format.stream_reader``."""
        return ResponsesStream()

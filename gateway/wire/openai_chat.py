"""OpenAI's chat completions, and all endpoints that speak them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from gateway.wire import sse
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Path, StreamReader, Target
from gateway.wire.model_name import readable_word
from gateway.wire.openai_changes import change_request
from gateway.wire.openai_chunk import without_respellings
from gateway.wire.openai_parameters import VOCABULARY
from gateway.wire.openai_shapes import ANSWER, REQUEST
from gateway.wire.openai_stream import OpenAIStream, error_object, read_usage
from gateway.wire.rewrite import rewrite
from gateway.wire.whole import is_plain, read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes
    from gateway.wire.leaves import Shape

__all__ = ["OpenAIChat", "read_choices"]

_KEPT: Final = ("id", "object", "created", "model", "system_fingerprint", "usage")
_SILENT: Final = {"message": {"role": "assistant", "content": None, "refusal": None}}


class OpenAIChat:
    """``POST /v1/chat/completions``, and Azure's, whose path names the model. A ``Format``."""

    stream_type = sse.MEDIA_TYPE
    _silent: ClassVar[Mapping[str, Any]] = _SILENT
    """What a choice says whose text is withheld."""

    def __init__(self, name: str = "openai") -> None:
        self.name = name

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

    def counting_request(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """See ``Format.counting_request``; this API counts in streams only when asked."""
        options = body.get("stream_options")
        if body.get("stream") is not True or not isinstance(options, dict | None):
            return None
        if options and options.get("include_usage"):
            return None
        return {**body, "stream_options": {**(options or {}), "include_usage": True}}

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``."""
        return read_choices(body, ANSWER)

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``; drops log probabilities and sound of changed choices."""
        return without_respellings(rewrite(body, replacements), replacements)

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; built anew, so that nothing is left by oversight."""
        choices = body.get("choices")
        if not isinstance(choices, list):
            message = "The content of this answer is blocked by the policy."
            return error_object(500, "content_blocked", message)
        kept = {key: body[key] for key in _KEPT if key in body and is_plain(body[key])}
        return {**kept, "choices": [self._withheld(*item) for item in enumerate(choices)]}

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:  # noqa: ARG002 - this API has no place for the request id but a header
        """See ``Format.error``."""
        return error_object(status, code, message)

    def stream_reader(self) -> StreamReader:
        """See ``Format.stream_reader``."""
        return OpenAIStream()

    def _withheld(self, position: int, choice: Any) -> dict[str, Any]:
        index = choice.get("index") if isinstance(choice, dict) else None
        return {
            "index": index if type(index) is int else position,
            **self._silent,
            "logprobs": None,
            "finish_reason": "content_filter",
        }


def read_choices(body: Mapping[str, Any], shape: Shape) -> Answer:
    """An answer that is made of choices.

    Raises:
        UpstreamError: It is none of this shape.
    """
    found = read_answer_texts(body, shape)
    choices = body.get("choices") or [{}]
    return Answer(
        texts=tuple(found.texts),
        body=body,
        usage=read_usage(body.get("usage")),
        model=readable_word(body.get("model")),
        finish=readable_word(choices[0].get("finish_reason")),
    )

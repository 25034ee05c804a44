"""OpenAI's completions without a conversation, and all endpoints that speak them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gateway.wire.exchange import IN_BODY, Answer, Exchange, StreamReader, Target
from gateway.wire.leaves import everything, ignored, settings, text
from gateway.wire.openai_chat import OpenAIChat, read_choices
from gateway.wire.openai_completion_parameters import VOCABULARY, change_request
from gateway.wire.openai_prompt import PROMPT
from gateway.wire.openai_shapes import spelling
from gateway.wire.openai_stream import CompletionStream
from gateway.wire.reading import either, fields, listing, record, said_by
from gateway.wire.whole import read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["OpenAICompletions"]

_SETTINGS: Final = (
    "model stream best_of echo frequency_penalty logit_bias logprobs max_tokens n presence_penalty"
    " seed stream_options temperature top_p"
)
_REQUEST: Final = record(
    {
        **fields(_SETTINGS, settings),
        "prompt": PROMPT,
        "suffix": said_by("user", text),
        "user": said_by("user", text),
        "stop": said_by("user", either(string=text, items=listing(text))),
    }
)
_ANSWER: Final = record(
    {
        **fields(
            "id object created model system_fingerprint service_tier usage prompt_filter_results",
            settings,
        ),
        "choices": listing(
            spelling(
                record(
                    {
                        **fields("index finish_reason content_filter_results", settings),
                        "logprobs": ignored,
                        "text": text,
                    }
                )
            )
        ),
        "error": everything,
    }
)


class OpenAICompletions(OpenAIChat):
    """``POST /v1/completions``. A ``Format``.

    With ``echo`` the prompt stands in the answer, and is read there once more.
    """

    _silent = MappingProxyType({"text": ""})

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        return read_request(body, _REQUEST, VOCABULARY, target)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``."""
        return change_request(body, changes)

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``."""
        return read_choices(body, _ANSWER)

    def stream_reader(self) -> StreamReader:
        """See ``Format.stream_reader``."""
        return CompletionStream()

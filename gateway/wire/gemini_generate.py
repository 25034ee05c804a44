"""Gemini's generation of content, whole and streamed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.wire import sse
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Path, StreamReader, Target
from gateway.wire.gemini_answer import (
    ANSWER,
    block_reason,
    finish_reason,
    read_usage,
    spoken_at,
    without_respellings,
)
from gateway.wire.gemini_changes import change_request
from gateway.wire.gemini_error import error_object
from gateway.wire.gemini_model import without_model
from gateway.wire.gemini_parameters import VOCABULARY
from gateway.wire.gemini_shapes import REQUEST
from gateway.wire.gemini_stream import GeminiStream, stopped
from gateway.wire.model_name import readable_word
from gateway.wire.proto_json import member
from gateway.wire.rewrite import rewrite
from gateway.wire.whole import is_plain, read_answer_texts, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.terms import Changes

__all__ = ["GeminiGenerate"]

_KEPT: Final = ("responseId", "modelVersion", "createTime", "usageMetadata")


class GeminiGenerate:
    """``:generateContent`` and ``:streamGenerateContent``. A ``Format``."""

    name = "gemini"
    stream_type = sse.MEDIA_TYPE

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """See ``Format.read``."""
        body = without_model(body, target.model)
        exchange = read_request(body, REQUEST, VOCABULARY, target)
        held = member(body, "cachedContent")
        return exchange if held is None else replace(exchange, continues=(held,))

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
        candidates = body.get("candidates") or [{}]
        return Answer(
            texts=tuple(found.texts),
            body=body,
            usage=read_usage(body),
            model=readable_word(member(body, "modelVersion")),
            finish=finish_reason(candidates[0]) or block_reason(body),
        )

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``."""
        written = rewrite(body, replacements)
        for position in spoken_at(replacements):
            candidates = written["candidates"]
            candidates[position] = without_respellings(candidates[position])
        return written

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; built anew, so that nothing is left by oversight."""
        kept = {key: body[key] for key in _KEPT if key in body and is_plain(body[key])}
        candidates = body.get("candidates")
        count = len(candidates) if isinstance(candidates, list) and candidates else 1
        return {"candidates": [stopped(index) for index in range(count)], **kept}

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:
        """See ``Format.error``."""
        return error_object(status, code, message, request)

    def stream_reader(self) -> StreamReader:
        """See ``Format.stream_reader``."""
        return GeminiStream()

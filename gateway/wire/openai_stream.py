"""The streams of OpenAI's completions, with and without a conversation."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import orjson

from gateway.wire import sse
from gateway.wire.exchange import StreamEvent, Usage
from gateway.wire.model_name import readable_word
from gateway.wire.openai_chunk import ChunkReader, without_respellings
from gateway.wire.rewrite import rewrite
from gateway.wire.streaming import JsonStream, parse_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.wire.exchange import Path

__all__ = ["CompletionStream", "OpenAIStream", "error_object", "read_usage"]

_DONE: Final = b"data: [DONE]\n\n"
_TYPES: Final = {403: "request_forbidden", 429: "rate_limit_error"}


def error_object(status: int, code: str, message: str) -> dict[str, Any]:
    """An error as OpenAI words it; its SDKs choose the class by the status alone."""
    kind = _TYPES.get(status) or ("invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def read_usage(value: Any) -> Usage | None:
    """``usage`` of an answer or a chunk; None where there is none."""
    if not isinstance(value, dict):
        return None
    counts = (value.get("prompt_tokens"), value.get("completion_tokens"))
    return Usage(*(count if type(count) is int else None for count in counts))


class OpenAIStream(JsonStream):
    """Reads one streamed answer of a conversation. A ``StreamReader``."""

    ending = "[DONE]"
    _object: ClassVar[str] = "chat.completion.chunk"
    _silent: ClassVar[Mapping[str, Any]] = MappingProxyType({"delta": {}})

    __slots__ = ("_chunks", "_closed", "_finished", "_head", "_named", "_sent_final")

    def __init__(self) -> None:
        super().__init__()
        self._chunks = ChunkReader()
        self._head: dict[str, Any] | None = None
        self._named: tuple[Any, str | None] = (None, None)
        self._finished: set[int] = set()
        self._sent_final = False
        self._closed = False

    def stop(self) -> bytes:
        """See ``StreamReader.stop``; every choice that is still open ends ``content_filter``."""
        if self._sent_final or self._closed:
            return b""
        head = self._head or self._head_of({})
        choices = self._chunks.choices or [0]
        chunks = [
            sse.encode(orjson.dumps({**head, "choices": [self._stopped(index)]}))
            for index in choices
            if index not in self._finished
        ]
        self._closed = True
        return b"".join(chunks) + _DONE

    def error(self, code: str, message: str) -> bytes:
        """See ``StreamReader.error``; the SDKs raise ``APIError`` on a top-level ``error``."""
        if self._closed:
            return b""
        self._closed = True
        return sse.encode(orjson.dumps(error_object(500, code, message)))

    def _event(self, event: sse.ServerEvent) -> StreamEvent:
        if event.data is None:
            return StreamEvent(event.raw)
        if event.data == b"[DONE]":
            self._ended = self._done = True
            return StreamEvent(event.raw, closes=self._chunks.close(), final=True)
        data = parse_event(event.data)
        failed = data.get("error") is not None
        self._done = self._ended = failed
        pieces, finish = self._chunks.read(data)
        if not (self._head and self._head["id"]) and "choices" in data:
            # Azure begins with a chunk that has neither id nor model.
            self._head = self._head_of(data)
        usage = data.get("usage")
        return StreamEvent(
            event.raw,
            tuple(pieces.deltas),
            data,
            tuple(pieces.closes),
            None if usage is None else read_usage(usage),
            self._model(data.get("model")),
            finish,
            final=failed,
            failed=failed,
            counts_only=usage is not None and data.get("choices") == [],
        )

    def _model(self, name: Any) -> str | None:
        # The same name stands in every chunk.
        if name != self._named[0]:
            self._named = (name, readable_word(name))
        return self._named[1]

    def _note_sent(self, event: StreamEvent) -> None:
        if event.final:
            self._sent_final = True
        elif event.finish is not None:
            for choice in event.data["choices"]:
                if choice.get("finish_reason") is not None:
                    self._finished.add(choice["index"])

    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        if not changed:
            return event.raw
        return sse.encode(orjson.dumps(without_respellings(rewrite(event.data, changed), changed)))

    def _head_of(self, data: Mapping[str, Any]) -> dict[str, Any]:
        created = data.get("created")
        return {
            "id": readable_word(data.get("id")) or "",
            "object": self._object,
            "created": created if type(created) is int else 0,
            "model": readable_word(data.get("model")) or "",
        }

    def _stopped(self, index: int) -> dict[str, Any]:
        return {
            "index": index,
            **self._silent,
            "logprobs": None,
            "finish_reason": "content_filter",
        }


class CompletionStream(OpenAIStream):
    """Reads one streamed answer without a conversation. A ``StreamReader``."""

    _object = "text_completion"
    _silent = MappingProxyType({"text": ""})

    __slots__ = ()

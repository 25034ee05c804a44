"""The stream of OpenAI's responses."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.errors import UpstreamError
from gateway.wire import sse
from gateway.wire.exchange import RESPELT, StreamEvent, Usage
from gateway.wire.leaves import is_identifier
from gateway.wire.model_name import readable_word
from gateway.wire.openai_stream import error_object
from gateway.wire.responses_event import ENDINGS, SOUND, TRANSCRIPT, EventReader
from gateway.wire.responses_sent import SentAnswer
from gateway.wire.rewrite import rewrite
from gateway.wire.streaming import JsonStream, parse_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.wire.exchange import Path

__all__ = [
    "ResponsesStream",
    "ending_of",
    "held_as",
    "parts_of",
    "read_usage",
    "without_respellings",
]

_SPELT: Final = frozenset({"text", "delta"})
_MAX_PARTS: Final = 256
_MAX_EVENT: Final = 64 * 2**20
"""The last event says the whole answer again, with its images."""


def read_usage(value: Any) -> Usage | None:
    """``usage`` of an answer; None where there is none."""
    if not isinstance(value, dict):
        return None
    counts = (value.get("input_tokens"), value.get("output_tokens"))
    return Usage(*(count if type(count) is int else None for count in counts))


def ending_of(answer: Mapping[str, Any]) -> str | None:
    """How an answer ended: why it is incomplete, or else its status."""
    details = answer.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return readable_word(reason) or readable_word(answer.get("status"))


def held_as(answer: Mapping[str, Any]) -> str | None:
    """The id under which the upstream holds an answer; None where it says that it does not."""
    return None if answer.get("store") is False else readable_word(answer.get("id"))


def parts_of(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of an answer's items, by which later requests can refer to each."""
    output = answer.get("output")
    items = output if isinstance(output, list) else ()
    names = (item.get("id") for item in items if isinstance(item, dict))
    return tuple(islice((one for name in names if (one := readable_word(name))), _MAX_PARTS))


def without_respellings(data: dict[str, Any], changed: Iterable[Path]) -> dict[str, Any]:
    """Takes out the log probabilities that stand beside a text which was changed.

    ``data`` is a copy that ``rewrite`` made for the same paths; it is changed in place.
    """
    for holder in [_holder(data, path) for path in changed if path[-1] in _SPELT]:
        logprobs = holder.get("logprobs") if isinstance(holder, dict) else None
        if isinstance(logprobs, (list, dict)):
            holder["logprobs"] = type(logprobs)()
    return data


def _holder(data: dict[str, Any], path: Path) -> Any:
    """What a text stands in; the string or the tokens where these spell or encode it."""
    holder: Any = data
    for step in path[:-1]:
        if isinstance(holder, str) or step == RESPELT:
            break
        holder = holder[step]
    return holder


class ResponsesStream(JsonStream):
    """Reads one streamed answer. A ``StreamReader``."""

    ending = "response.completed"

    __slots__ = ("_closed", "_known", "_mute", "_reader", "_sent", "_sent_final")

    def __init__(self) -> None:
        super().__init__(sse.EventParser(_MAX_EVENT))
        self._reader = EventReader()
        self._sent = SentAnswer()
        self._known: dict[str, Any] = {}
        self._mute = False
        self._sent_final = False
        self._closed = False

    def stop(self) -> bytes:
        """See ``StreamReader.stop``; what is open is closed, the response ends ``incomplete``."""
        if self._sent_final or self._closed:
            return b""
        self._closed = True
        return b"".join(map(_dump, self._sent.ending(self._known)))

    def error(self, code: str, message: str) -> bytes:
        """See ``StreamReader.error``.

        Said twice: as the API's reference has it, and as ``error``, on which the SDKs raise.
        """
        if self._closed:
            return b""
        self._closed = True
        said = error_object(500, code, message)
        return _dump(self._sent.numbered("error", code=code, message=message, param=None, **said))

    def _event(self, event: sse.ServerEvent) -> StreamEvent:
        if event.data is None:
            return StreamEvent(event.raw)
        data = _parse(event)
        pieces = self._reader.read(data)
        kind = data["type"]
        failed = kind == "error"
        self._done = self._ended = final = failed or kind in ENDINGS
        response = data.get("response")
        if not isinstance(response, dict):
            return StreamEvent(
                event.raw,
                tuple(pieces.deltas),
                data,
                tuple(pieces.closes),
                final=final,
                failed=failed,
            )
        self._known = self._known or response
        return StreamEvent(
            event.raw,
            tuple(pieces.deltas),
            data,
            tuple(pieces.closes),
            read_usage(response.get("usage")),
            readable_word(response.get("model")),
            ending_of(response) if final else None,
            final,
            failed,
            held_as=held_as(response),
            parts=parts_of(response) if final else (),
        )

    def _note_sent(self, event: StreamEvent) -> None:
        self._sent_final = self._sent_final or event.final

    def _rewritten(self, event: StreamEvent, changed: dict[Path, str]) -> bytes:
        """Sound goes no further once what it says was changed."""
        data = event.data
        if data is None:
            return event.raw
        if changed and data["type"] == TRANSCRIPT:
            self._mute = True
        elif self._mute and data["type"] == SOUND and isinstance(data.get("delta"), str):
            changed = {**changed, ("delta",): ""}
        if changed:
            data = without_respellings(rewrite(data, changed), changed)
        self._sent.note(data)
        return _dump(data) if changed else event.raw


def _parse(event: sse.ServerEvent) -> dict[str, Any]:
    data = parse_event(event.data or b"")
    if "type" not in data and data.get("error") is not None:
        data = {"type": "error", **data}
    kind = data.get("type")
    if not isinstance(kind, str) or not is_identifier(kind):
        raise UpstreamError("an event of the stream is not an object with a type")
    if event.name and event.name != kind:
        raise UpstreamError("an event of the stream has two names")
    return data


def _dump(data: dict[str, Any]) -> bytes:
    return sse.encode(orjson.dumps(data), data["type"])

"""The events of a streamed message: which running text each piece continues.

Channels are ``content/{i}/text``, ``…/thinking``, ``…/content`` (of a compaction) and ``…/input``
(the JSON of a tool's input as it is written); each closes with its block. What stands whole in one
event (a citation, a tool's name, a search result, an error) has a channel that closes with the
event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.errors import UpstreamError
from gateway.wire.anthropic_shapes import ANSWER, BLOCK, CITATION
from gateway.wire.channels import Channels, Pieces, Slot, as_object
from gateway.wire.leaves import Finder, everything, media, settings
from gateway.wire.model_name import readable_word
from gateway.wire.reading import fields, record

if TYPE_CHECKING:
    from gateway.wire.leaves import Shape

__all__ = ["EventReader"]

_RUNNING: Final = {
    "text_delta": ("text", Slot("text", 0)),
    "thinking_delta": ("thinking", Slot("thinking", 0)),
    "input_json_delta": ("partial_json", Slot("input", 0, json=True, provenance="argument")),
    "compaction_delta": ("content", Slot("content", 0)),
}
_STARTING: Final = {"text": "text", "thinking": "thinking", "compaction": "content"}
_NONE: Final = ("", Slot("", 0))
_WHOLE: Final[dict[str, Shape]] = {
    "citation": CITATION,
    "signature": media,
    "encrypted_content": media,
}
_MAX_BLOCKS: Final = 4096
_ENDING: Final = fields("type usage context_management input_transformations", settings)
_OTHER: Final = record({**_ENDING, "error": everything, "request_id": settings})


class EventReader:
    """Reads the events of one stream in their order.

    Attributes:
        output_tokens: The last count seen.
    """

    __slots__ = ("_begun", "_blocks", "_start", "output_tokens")

    def __init__(self) -> None:
        self._blocks: dict[int, Channels] = {}
        self._begun: set[int] = set()
        self._start: dict[str, Any] = {}
        self.output_tokens = 0

    def read(self, data: dict[str, Any]) -> Pieces:
        """What an event says.

        Raises:
            UpstreamError: It has parts of a wrong type.
        """
        pieces = Pieces()
        kind = data["type"]
        if kind == "content_block_delta":
            self._read_delta(data, pieces)
        elif kind == "content_block_start":
            self._read_block(data, pieces)
        elif kind == "content_block_stop":
            pieces.closes += self._blocks.pop(_index(data), Channels("")).close()
            _read_rest(data, {"index"}, pieces)
        else:
            self._read_other(kind, data, pieces)
        return pieces

    def start(self) -> dict[str, Any]:
        """A ``message_start`` with nothing in it but the ids of the one that came."""
        message: dict[str, Any] = {
            "id": readable_word(self._start.get("id")) or "msg_withheld",
            "type": "message",
            "role": "assistant",
            "model": readable_word(self._start.get("model")) or "",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }
        usage = self._start.get("usage")
        if isinstance(usage, dict):
            message["usage"] = {k: v for k, v in usage.items() if type(v) is int}
        return {"type": "message_start", "message": message}

    def _read_delta(self, data: dict[str, Any], pieces: Pieces) -> None:
        channels = self._blocks.get(_index(data))
        if channels is None:
            raise UpstreamError("a piece of the stream belongs to no open block")
        delta = as_object(data.get("delta"))
        member, slot = _RUNNING.get(_kind(delta), _NONE)
        for key, value in delta.items():
            at = ("delta", key)
            if key == member:
                channels.add(pieces, slot, "" if value is None else value, at)
            elif key == "type":
                channels.add_setting(pieces, value, at)
            elif value is None:
                channels.add_null(pieces, _WHOLE, at)
            elif key in _WHOLE:
                pieces.member(key, value, at, _WHOLE[key])
            else:
                channels.add_unknown(pieces, key, value, at)
        _read_rest(data, {"index", "delta"}, pieces)

    def _read_block(self, data: dict[str, Any], pieces: Pieces) -> None:
        index = _index(data)
        if index in self._begun or len(self._begun) >= _MAX_BLOCKS:
            # SDKs would add what follows to the text of the first one.
            raise UpstreamError("a block of the stream starts twice")
        self._begun.add(index)
        channels = self._blocks[index] = Channels(f"content/{index}/")
        block = dict(as_object(data.get("content_block")))
        member = _STARTING.get(_kind(block))
        if member is not None:
            value = block.pop(member, None)
            channels.add(
                pieces, Slot(member, 0), "" if value is None else value, ("content_block", member)
            )
        found = Finder.answer()
        BLOCK(found, block, ("content_block",), "answer")
        pieces.whole([text for text in found.texts if text.value])
        _read_rest(data, {"index", "content_block"}, pieces)

    def _read_other(self, kind: str, data: dict[str, Any], pieces: Pieces) -> None:
        found = Finder.answer()
        if kind == "message_start":
            self._start = as_object(data.get("message"))
            record({"type": settings, "message": ANSWER})(found, data, (), "answer")
        elif kind == "message_delta":
            record({**_ENDING, "delta": ANSWER})(found, data, (), "answer")
        else:
            _OTHER(found, data, (), "answer")
        self._note_usage(data)
        self._note_usage(self._start if kind == "message_start" else {})
        pieces.whole(found.texts)

    def _note_usage(self, data: dict[str, Any]) -> None:
        usage = data.get("usage")
        if isinstance(usage, dict) and type(usage.get("output_tokens")) is int:
            self.output_tokens = usage["output_tokens"]


def _read_rest(data: dict[str, Any], known: set[str], pieces: Pieces) -> None:
    if len(data) > len(known) + 1:
        for key, value in data.items():
            if key not in known and key != "type":
                pieces.member(key, value, (key,), None)


def _index(data: dict[str, Any]) -> int:
    index = data.get("index")
    if type(index) is not int or index < 0:
        raise UpstreamError("an event of the stream has no index")
    return index


def _kind(part: dict[str, Any]) -> str:
    kind = part.get("type")
    if not isinstance(kind, str):
        raise UpstreamError("a part of the stream has no type")
    return kind

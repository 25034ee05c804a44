"""The events of a streamed response: which running text each piece continues.

Channels are called by the place of their text in the answer: ``output/{i}/content/{k}/text``,
``…/content/{k}/refusal``, ``…/summary/{k}/text``, ``…/arguments``, ``…/input``, ``…/code``; with
``/logprobs/…`` behind it what log probabilities spell beyond the piece that they belong to. A
channel closes when the stream says that its text, its part or its item is done, at most once; one
that speaks again after that stays open to the end.

Every text comes several times: in pieces, whole when it is done, whole again with its part and its
item, and in the answer that ends the stream. Each time it is read; what has been heard before is
marked so. Arguments are read as they are spelt, so that pieces and whole are read alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.errors import UpstreamError
from gateway.wire.channels import Channels, Pieces, Slot
from gateway.wire.exchange import RESPELT, Text, pointer
from gateway.wire.leaves import Finder, is_identifier, settings
from gateway.wire.respellings import unspoken
from gateway.wire.responses_shapes import EVENT, SOUND_EVENT

if TYPE_CHECKING:
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path

__all__ = ["ENDINGS", "SOUND", "TRANSCRIPT", "EventReader", "index_in"]

ENDINGS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
"""Events that end an answer."""

SOUND: Final = "response.audio.delta"
"""An event with a piece of sound."""

TRANSCRIPT: Final = "response.audio.transcript.delta"
"""An event with a piece of what the sound says."""


class _Place(NamedTuple):
    """Where a running text stands in its item; an index in it is what the event says."""

    before: str
    key: str | None = None
    after: str = ""
    json: bool = False
    provenance: Provenance = "answer"

    def slot(self, data: dict[str, Any]) -> Slot:
        index = "" if self.key is None else f"/{index_in(data, self.key)}"
        return Slot(f"{self.before}{index}{self.after}", 0, True, self.json, self.provenance)


_TEXT: Final = _Place("content", "content_index", "/text")
_SUMMARY: Final = _Place("summary", "summary_index", "/text")
_ARGUMENTS: Final = _Place("arguments", json=True, provenance="argument")
_COMMAND: Final = _Place("action/commands", "command_index", provenance="argument")
_PLACES: Final = {
    "response.output_text": _TEXT,
    "response.reasoning_text": _TEXT,
    "response.refusal": _Place("content", "content_index", "/refusal"),
    "response.reasoning_summary_text": _SUMMARY,
    "response.function_call_arguments": _ARGUMENTS,
    "response.mcp_call_arguments": _ARGUMENTS,
    "response.mcp_call.arguments": _ARGUMENTS,
    "response.custom_tool_call_input": _Place("input", provenance="argument"),
    "response.code_interpreter_call_code": _Place("code", provenance="argument"),
    "response.shell_call_command": _COMMAND,
    "response.apply_patch_call_operation_diff": _Place("operation/diff", provenance="argument"),
    "response.audio.transcript": _Place("audio/transcript"),
}
_DELTAS: Final = {f"{stem}.delta": place for stem, place in _PLACES.items()}
_DONES: Final = {
    **{f"{stem}.done": place for stem, place in _PLACES.items()},
    "response.reasoning_summary_part.done": _SUMMARY,
}
_SAYING: Final = {**_DONES, "response.shell_call_command.added": _COMMAND}
"""Events that say a text at their top: whose it is."""

_WHOLE: Final = frozenset(
    {"added", "done", "created", "queued", "in_progress", "completed", "incomplete", "failed"}
    | {"error"}
)
_RUNNING: Final = frozenset(
    {
        ("item", "content", 0, "text"),
        ("item", "content", 0, "refusal"),
        ("item", "summary", 0, "text"),
        ("item", "arguments"),
        ("item", "input"),
        ("item", "code"),
        ("item", "action", "commands", 0),
        ("item", "operation", "diff"),
        ("part", "text"),
        ("part", "refusal"),
        ("command",),
    }
)
"""What an event that adds an item may begin to say; lists are shown by their index 0."""

_PARTS: Final = {
    "response.content_part.added": ("content", "content_index"),
    "response.content_part.done": ("content", "content_index"),
    "response.reasoning_summary_part.added": ("summary", "summary_index"),
    "response.shell_call_command.added": ("action/commands", "command_index"),
}
_INDICES: Final = ("content_index", "summary_index", "command_index")
_KNOWN: Final = frozenset(
    {"type", "sequence_number", "output_index", "item_id", "obfuscation", "stream_id", *_INDICES}
)
_SPELT: Final = ("function_call", "mcp_call", "mcp_approval_request")
_MAX_ITEMS: Final = 4096
_NO_ITEM: Final = -1


class EventReader:
    """Reads the events of one stream in their order."""

    __slots__ = ("_heard", "_items", "_pieces")

    def __init__(self) -> None:
        self._items: dict[int, Channels] = {}
        self._pieces: dict[str, list[str]] = {}
        self._heard: set[str] = set()

    def read(self, data: dict[str, Any]) -> Pieces:
        """What an event says.

        Raises:
            UpstreamError: It has parts of a wrong type.
        """
        pieces = Pieces()
        kind = data["type"]
        channels = self._channels(data)
        place = _DELTAS.get(kind)
        if place is not None:
            self._read_delta(data, place.slot(data), channels, pieces)
        else:
            self._read_ends(data, channels, pieces)
            self._read_texts(data, channels, pieces)
        return pieces

    def close(self) -> tuple[str, ...]:
        """Closes what is open when the stream ends."""
        return tuple(name for channels in self._items.values() for name in channels.close())

    def _channels(self, data: dict[str, Any]) -> Channels:
        number = _NO_ITEM if "output_index" not in data else index_in(data, "output_index")
        channels = self._items.get(number)
        if channels is None:
            if len(self._items) > _MAX_ITEMS:
                raise UpstreamError("the stream has too many items")
            prefix = "" if number == _NO_ITEM else f"output/{number}/"
            channels = self._items[number] = Channels(prefix)
        return channels

    def _read_delta(
        self, data: dict[str, Any], slot: Slot, channels: Channels, pieces: Pieces
    ) -> None:
        for key, value in data.items():
            if key == "delta":
                self._say(channels, slot, value, ("delta",), pieces)
            elif key in _KNOWN:
                if type(value) is not int and not (type(value) is str and is_identifier(value)):
                    pieces.member(key, value, (key,), settings)
            elif key == "logprobs":
                _read_respelt(value, data, slot, channels, pieces)
            elif value is not None:
                channels.add_unknown(pieces, f"{slot.name}/{key}", value, (key,))

    def _say(self, channels: Channels, slot: Slot, value: Any, path: Path, pieces: Pieces) -> None:
        before = len(pieces.deltas)
        channels.add(pieces, slot, value, path)
        for delta in pieces.deltas[before:]:
            self._pieces.setdefault(delta.channel, []).append(delta.text)

    def _read_ends(self, data: dict[str, Any], channels: Channels, pieces: Pieces) -> None:
        """Closes what the event says is done; heard is then what it said in all."""
        kind = data["type"]
        if kind in _DONES:
            closed = channels.ended(_DONES[kind].slot(data).name)
        elif kind == "response.content_part.done":
            closed = channels.ended(f"content/{index_in(data, 'content_index')}")
        elif kind == "response.output_item.done":
            closed = channels.ended()
        elif kind in ENDINGS:
            closed = list(self.close())
        else:
            return
        pieces.closes += closed
        self._heard.update("".join(self._pieces.pop(name, ())) for name in closed)

    def _read_texts(self, data: dict[str, Any], channels: Channels, pieces: Pieces) -> None:
        kind = data["type"]
        bare, spelt = _without_arguments(data)
        found = Finder.answer()
        (SOUND_EVENT if kind == SOUND else EVENT)(found, bare, (), "answer")
        running = kind.rpartition(".")[2] not in _WHOLE
        for text in (*_of_place(kind, found.texts), *spelt):
            slot = _continued(data, text) if running else _begun(data, text)
            if slot is not None:
                self._say(channels, slot, text.value, text.path, pieces)
            elif text.value:
                pieces.whole([text], json=text in spelt, heard=self._heard)
                self._heard.add(text.value)


def _of_place(kind: str, texts: list[Text]) -> list[Text]:
    """The texts of an event; those that a call is made with are its arguments."""
    place = _SAYING.get(kind)
    if place is None or place.provenance == "answer":
        return texts
    whose = place.provenance
    return [replace(text, provenance=whose) if text.rewritable else text for text in texts]


def _read_respelt(
    value: Any, data: dict[str, Any], slot: Slot, channels: Channels, pieces: Pieces
) -> None:
    for steps, line in unspoken(value, {"": data.get("delta")}) if value else ():
        name = "/".join(map(str, (slot.name, "logprobs", *steps)))
        channels.add(pieces, Slot(name, 0, again=True), line, ("logprobs", RESPELT, *steps))


def index_in(data: dict[str, Any], key: str) -> int:
    """An index that an event must have.

    Raises:
        UpstreamError: It has none.
    """
    index = data.get(key)
    if type(index) is not int or index < 0:
        raise UpstreamError("an event of the stream has no index")
    return index


def _continued(data: dict[str, Any], text: Text) -> Slot | None:
    """What a text of an event of unknown kind continues: the same place in such events."""
    if not text.rewritable:
        return None
    indices = "/".join(str(data.get(key, "")) for key in _INDICES)
    return Slot(f"{data['type']}/{indices}{pointer(text.path)}", 0)


def _begun(data: dict[str, Any], text: Text) -> Slot | None:
    """What a text begins that later pieces go on with."""
    kind, path = data["type"], text.path
    if not kind.endswith(".added"):
        return None
    if tuple(0 if type(step) is int else step for step in path) not in _RUNNING:
        return None
    inside = "/".join(map(str, path[1:]))
    if kind in _PARTS:
        before, key = _PARTS[kind]
        inside = f"{before}/{index_in(data, key)}" + (f"/{inside}" if inside else "")
    return Slot(inside, 0, True, path[-1] == "arguments", text.provenance)


def _without_arguments(data: dict[str, Any]) -> tuple[dict[str, Any], list[Text]]:
    """The event without the arguments of calls, and these as they are spelt."""
    spelt: list[Text] = []
    bare = dict(data)
    if data["type"] in _DONES:
        _take_arguments(bare, (), spelt)
    item = bare.get("item")
    if isinstance(item, dict):
        bare["item"] = _bare_item(item, ("item",), spelt)
    response = bare.get("response")
    if isinstance(response, dict) and isinstance(response.get("output"), list):
        items = [
            _bare_item(item, ("response", "output", index), spelt)
            for index, item in enumerate(response["output"])
        ]
        bare["response"] = {**response, "output": items}
    return bare, spelt


def _bare_item(item: Any, path: Path, spelt: list[Text]) -> Any:
    if not isinstance(item, dict) or item.get("type") not in _SPELT:
        return item
    bare = dict(item)
    _take_arguments(bare, path, spelt)
    return bare


def _take_arguments(holder: dict[str, Any], path: Path, spelt: list[Text]) -> None:
    value = holder.get("arguments")
    if isinstance(value, str):
        del holder["arguments"]
        spelt.append(Text(value, "argument", (*path, "arguments")))

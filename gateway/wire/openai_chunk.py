"""The chunks of a streamed completion: which running text each piece continues.

Channels are ``choices/{i}/content``, ``…/refusal``, ``…/reasoning_content``, ``…/reasoning``,
``…/tool_calls/{k}/name``, ``…/tool_calls/{k}/arguments``, ``…/tool_calls/{k}/input``,
``…/function_call/…``, ``…/audio/transcript`` and ``…/logprobs/…`` (what log probabilities spell
beyond the chunk's own text), or ``choices/{i}/text`` where there is no conversation; strings at
places that nobody knows have a channel of their own, named by their place.

A channel closes when its choice finishes. It closes earlier, at most once, when the answer has
moved on (from reasoning to content, from content to a tool call, from one tool call to the next),
so that its last words need not wait; a channel that speaks again after that stays open to the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.errors import UpstreamError
from gateway.wire.channels import Channels, Pieces, Slot, as_list, as_object
from gateway.wire.exchange import RESPELT
from gateway.wire.leaves import is_identifier, media, settings
from gateway.wire.model_name import readable_word
from gateway.wire.openai_shapes import spoken_by
from gateway.wire.reading import fields
from gateway.wire.respellings import unspoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.wire.exchange import Path

__all__ = ["ChunkReader", "without_respellings"]

_SPOKEN: Final = 1
_SLOTS: Final = {
    slot.name: slot
    for slot in (
        Slot("reasoning_content", 0),
        Slot("reasoning", 0),
        Slot("content", _SPOKEN),
        Slot("refusal", _SPOKEN),
    )
}
_TEXT: Final = Slot("text", _SPOKEN)
_TRANSCRIPT: Final = Slot("audio/transcript", _SPOKEN)
_TOOL_RANK: Final = 2
_CHOICE_KEYS: Final = frozenset(("finish_reason", "content_filter_results"))
_CHOICE: Final = _CHOICE_KEYS | {"index", "delta", "text", "logprobs"}
_DELTA: Final = frozenset((*_SLOTS, "role", "tool_calls", "function_call", "audio"))
_SAID: Final = _SLOTS["content"]
_TOOL: Final = frozenset(("index", "function", "custom", "id", "type"))
_FUNCTION: Final = frozenset(("name", "arguments", "input"))
_AUDIO: Final = frozenset(("transcript", "data", "id", "expires_at"))
_TOP_KEYS: Final = fields(
    "id object created model system_fingerprint service_tier usage obfuscation moderation"
    " prompt_filter_results",
    settings,
)
_RESPELLINGS: Final = frozenset(("logprobs", "token_ids"))
_MAX_CHOICES: Final = 1024
_MAX_PLAIN: Final = 64


class ChunkReader:
    """Reads the chunks of one stream in their order."""

    __slots__ = ("_choices", "_plain", "_top")

    def __init__(self) -> None:
        self._choices: dict[int, Channels] = {}
        self._plain: set[str] = set()
        self._top: dict[str, Any] | None = None

    @property
    def choices(self) -> list[int]:
        """The indices of the choices seen, in order of appearance."""
        return list(self._choices)

    def read(self, data: dict[str, Any]) -> tuple[Pieces, str | None]:
        """What a chunk says, and why a choice finished with it.

        Raises:
            UpstreamError: The chunk has parts of a wrong type.
        """
        pieces = Pieces()
        finish: str | None = None
        top = data.copy()
        top.pop("choices", None)
        # Most chunks of a stream are alike but for their choices.
        if top != self._top:
            self._read_top(top, pieces)
            self._top = None if pieces.deltas else top
        for position, raw in enumerate(as_list(data.get("choices"))):
            channels = self._channels(as_object(raw))
            _read_choice(raw, channels, ("choices", position), pieces)
            if raw.get("finish_reason") is None:
                pieces.closes += channels.passed()
            else:
                finish = finish or readable_word(raw["finish_reason"]) or "unknown"
                pieces.closes += channels.close()
        return pieces, finish

    def close(self) -> tuple[str, ...]:
        """Closes what is open when the stream ends."""
        return tuple(name for channels in self._choices.values() for name in channels.close())

    def _channels(self, raw: dict[str, Any]) -> Channels:
        index = raw.get("index")
        if type(index) is not int or not 0 <= index < _MAX_CHOICES:
            raise UpstreamError("a choice of the stream has no index")
        channels = self._choices.get(index)
        if channels is None:
            channels = self._choices[index] = Channels(f"choices/{index}/")
        return channels

    def _read_top(self, top: dict[str, Any], pieces: Pieces) -> None:
        plain = self._plain
        for key, value in top.items():
            if key not in _TOP_KEYS:
                pieces.member(key, value, (key,), None)
            elif type(value) is str and value not in plain:
                self._read_setting(key, value, pieces)
            elif isinstance(value, (dict, list)):
                pieces.member(key, value, (key,), settings)

    def _read_setting(self, key: str, value: str, pieces: Pieces) -> None:
        # The same ids and names stand in every chunk of a stream.
        if not is_identifier(value):
            pieces.member(key, value, (key,), settings)
        elif len(self._plain) < _MAX_PLAIN:
            self._plain.add(value)


def without_respellings(data: dict[str, Any], changed: Iterable[Path]) -> dict[str, Any]:
    """Takes tokens and sound out of the choices whose text was changed, for they spell it again.

    ``data`` is a chunk or a whole answer, a copy that ``rewrite`` made for the same paths; it is
    changed in place.
    """
    for position in {path[1] for path in changed if path[0] == "choices"}:
        data["choices"][position] = _without_respellings(data["choices"][position])
    return data


def _without_respellings(choice: dict[str, Any]) -> dict[str, Any]:
    kept = {key: None if key in _RESPELLINGS else value for key, value in choice.items()}
    for said in ("message", "delta"):
        words = choice.get(said)
        if isinstance(words, dict) and isinstance(words.get("audio"), dict):
            kept[said] = {**words, "audio": {**words["audio"], "data": ""}}
    return kept


def _read_choice(raw: dict[str, Any], channels: Channels, path: Path, pieces: Pieces) -> None:
    for key, value in raw.items():
        if key == "index":
            continue
        if value is None:
            if key not in _CHOICE:
                channels.add_null(pieces, _CHOICE, (*path, key))
        elif key == "delta" and _is_said(value):
            channels.add(pieces, _SAID, value["content"], (*path, key, "content"))
        elif key == "delta":
            _read_delta(as_object(value), channels, (*path, key), pieces)
        elif key == "text":
            channels.add(pieces, _TEXT, value, (*path, key))
        elif key == "logprobs":
            _read_respelt(value, spoken_by(raw, "delta"), channels, (*path, key), pieces)
        else:
            shape = settings if key in _CHOICE_KEYS else None
            pieces.member(key, value, (*path, key), shape)


def _is_said(delta: Any) -> bool:
    """Whether a delta says something and nothing else, as most do."""
    return type(delta) is dict and len(delta) == 1 and type(delta.get("content")) is str


def _read_respelt(
    logprobs: Any, spoken: Mapping[str, Any], channels: Channels, path: Path, pieces: Pieces
) -> None:
    for steps, text in unspoken(logprobs, spoken):
        name = "/".join(map(str, ("logprobs", *steps)))
        channels.add(pieces, Slot(name, _SPOKEN, again=True), text, (*path, RESPELT, *steps))


def _read_delta(delta: dict[str, Any], channels: Channels, path: Path, pieces: Pieces) -> None:
    for key, value in delta.items():
        at = (*path, key)
        slot = _SLOTS.get(key)
        if value is None:
            channels.add_null(pieces, _DELTA, at)
        elif slot is not None:
            channels.add(pieces, slot, value, at)
        elif key == "role":
            channels.add_setting(pieces, value, at)
        elif key == "tool_calls":
            _read_tools(as_list(value), channels, at, pieces)
        elif key == "function_call":
            _read_function(as_object(value), channels, ("function_call", 0), at, pieces)
        elif key == "audio":
            _read_audio(as_object(value), channels, at, pieces)
        else:
            channels.add_unknown(pieces, key, value, at)


def _read_tools(calls: list[Any], channels: Channels, path: Path, pieces: Pieces) -> None:
    for position, call in enumerate(calls):
        index = as_object(call).get("index", position)
        if type(index) is not int or index < 0:
            raise UpstreamError("a tool call of the stream has no index")
        for key, value in call.items():
            name, at = f"tool_calls/{index}", (*path, position, key)
            if key == "index":
                continue
            if value is None:
                channels.add_null(pieces, _TOOL, at)
            elif key in {"function", "custom"}:
                _read_function(as_object(value), channels, (name, index), at, pieces)
            elif key in {"id", "type"}:
                channels.add_setting(pieces, value, at)
            else:
                channels.add_unknown(pieces, f"{name}/{key}", value, at)


def _read_function(
    function: dict[str, Any],
    channels: Channels,
    call: tuple[str, int],
    path: Path,
    pieces: Pieces,
) -> None:
    name, index = call
    rank = _TOOL_RANK + 2 * index
    for key, value in function.items():
        at = (*path, key)
        if value is None:
            channels.add_null(pieces, _FUNCTION, at)
        elif key == "name":
            slot = Slot(f"{name}/name", rank, rewritable=False, provenance="call")
            channels.add(pieces, slot, value, at)
        elif key in {"arguments", "input"}:
            slot = Slot(f"{name}/{key}", rank + 1, True, key == "arguments", "argument")
            channels.add(pieces, slot, value, at)
        else:
            channels.add_unknown(pieces, f"{name}/{key}", value, at)


def _read_audio(audio: dict[str, Any], channels: Channels, path: Path, pieces: Pieces) -> None:
    for key, value in audio.items():
        at = (*path, key)
        if value is None:
            channels.add_null(pieces, _AUDIO, at)
        elif key == "transcript":
            channels.add(pieces, _TRANSCRIPT, value, at)
        elif key == "data":
            pieces.member(key, value, at, media)
        elif key in {"id", "expires_at"}:
            channels.add_setting(pieces, value, at)
        else:
            channels.add_unknown(pieces, f"audio/{key}", value, at)

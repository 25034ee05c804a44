"""The lines of a streamed answer of Ollama: which running text each piece continues.

Channels are ``message/content`` and ``message/thinking`` of a chat, ``response`` and ``thinking``
of a text gone on with. What stands whole in one line (a tool call, an error) has a channel that
closes with the line; strings at places that nobody knows have one named by their place, and so
have log probabilities in what they spell beyond the text of their own line: servers that hold text
back, to see whether it is a tool call, send them before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.channels import Channels, Pieces, Slot, as_object
from gateway.wire.exchange import RESPELT
from gateway.wire.leaves import is_identifier, settings
from gateway.wire.ollama_shapes import ANSWER_MEMBERS, MESSAGE_MEMBERS, spoken_by
from gateway.wire.respellings import unspoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.wire.exchange import Path
    from gateway.wire.leaves import Shape

__all__ = ["LineReader"]

_SPOKEN: Final = 1
_THINKING: Final = Slot("thinking", 0)
_TOP_SLOTS: Final = {"thinking": _THINKING, "response": Slot("response", _SPOKEN)}
_MESSAGE_SLOTS: Final = {"thinking": _THINKING, "content": Slot("content", _SPOKEN)}
_PLAIN: Final = frozenset({int, float, bool})


class LineReader:
    """Reads the lines of one stream in their order."""

    __slots__ = ("_message", "_top")

    def __init__(self) -> None:
        self._top = _Object((), _TOP_SLOTS, ANSWER_MEMBERS)
        self._message = _Object(("message",), _MESSAGE_SLOTS, MESSAGE_MEMBERS)

    def read(self, data: dict[str, Any]) -> Pieces:
        """What a line says.

        Raises:
            UpstreamError: It has parts of a wrong type.
        """
        pieces = Pieces()
        for key, value in data.items():
            if key == "message":
                for inner, said in as_object(value).items():
                    self._message.read(inner, said, pieces)
            elif key == "logprobs":
                self._top.read_respelt(value, spoken_by(data), pieces)
            else:
                self._top.read(key, value, pieces)
        ends = data.get("done") is True or data.get("error") is not None
        for one in (self._top, self._message):
            pieces.closes += one.channels.close() if ends else one.channels.passed()
        return pieces


class _Object:
    """The running texts of one object, and the shapes of its other members."""

    __slots__ = ("_path", "_shapes", "_slots", "channels")

    def __init__(self, path: Path, slots: Mapping[str, Slot], shapes: Mapping[str, Shape]) -> None:
        self.channels = Channels("".join(f"{step}/" for step in path))
        self._path = path
        self._slots = slots
        self._shapes = shapes

    def read(self, key: str, value: Any, pieces: Pieces) -> None:
        """One member."""
        slot, shape = self._slots.get(key), self._shapes.get(key)
        if slot is not None:
            if value is not None:
                self.channels.add(pieces, slot, value, (*self._path, key))
        elif shape is None:
            self.channels.add_unknown(pieces, key, value, (*self._path, key))
        elif value is not None and not (shape is settings and _is_setting(value)):
            pieces.member(key, value, (*self._path, key), shape)

    def read_respelt(self, value: Any, spoken: Mapping[str, str], pieces: Pieces) -> None:
        """Log probabilities."""
        for steps, text in unspoken(value, spoken):
            slot = Slot("/".join(("logprobs", *map(str, filter(None, steps)))), _SPOKEN, again=True)
            self.channels.add(pieces, slot, text, ("logprobs", RESPELT, *steps))


def _is_setting(value: Any) -> bool:
    return is_identifier(value) if type(value) is str else type(value) in _PLAIN

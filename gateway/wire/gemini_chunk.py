"""The events of a streamed answer of Gemini's: which running text each piece continues.

Every event is an answer of its own, whose parts go on where those of the last one stopped.
Channels are ``candidates/{i}/thought`` and ``…/text``, and ``…/functionCall/{k}/{JSON path}`` for
arguments that are written piece by piece, and ``…/logprobsResult/…`` for what log probabilities
spell beyond the event's own text; strings at places that nobody knows have a channel of their own.
All else stands whole in one event.

A ``finishReason`` closes nothing: older models say ``STOP`` in every event and go on. Thoughts
close when the answer begins, all others when the stream ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.errors import UpstreamError
from gateway.wire.channels import Channels, Pieces, Slot, as_list, as_object
from gateway.wire.exchange import RESPELT, Path
from gateway.wire.gemini_answer import CANDIDATE, TOP, finish_reason, index_of
from gateway.wire.gemini_shapes import ARGUMENT, FUNCTION_CALL, PART
from gateway.wire.gemini_tokens import LOGPROBS, spoken_by, tokens_in
from gateway.wire.leaves import settings
from gateway.wire.proto_json import both, each, member
from gateway.wire.respellings import unspoken

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ChunkReader"]

_THOUGHT: Final = Slot("thought", 0)
_TEXT: Final = Slot("text", 1)
_ARGUMENT: Final = 2
_TOP: Final = both(TOP)
_CANDIDATE: Final = both(CANDIDATE)
_PART: Final = both(PART)
_CALL: Final = both(FUNCTION_CALL)
_PIECE: Final = both(ARGUMENT)
_CONTENT: Final = frozenset(("parts", "role"))
_SPOKEN: Final = frozenset(("content", "index"))
_STRINGS: Final = frozenset(both({"stringValue": None}))
_AT: Final[Path] = ("candidates", 0, "content", "parts", 0, "text")
_MAX_CANDIDATES: Final = 1024


class ChunkReader:
    """Reads the events of one stream in their order.

    Attributes:
        open: The candidates that have begun and not ended.
    """

    __slots__ = ("_candidates", "_plain", "open")

    def __init__(self) -> None:
        self._candidates: dict[int, _Candidate] = {}
        self._plain: dict[str, Any] = {}
        self.open: set[int] = set()

    @property
    def candidates(self) -> list[int]:
        """The candidates seen, in order of appearance."""
        return list(self._candidates)

    def read(self, data: dict[str, Any]) -> tuple[Pieces, str | None]:
        """What an event says, and why a candidate ended with it.

        Raises:
            UpstreamError: The event has parts of a wrong type.
        """
        pieces = Pieces()
        finish: str | None = None
        plain = self._plain
        for key, value in data.items():
            if key == "candidates":
                continue
            known = plain.get(key)
            if known == value if type(value) is str else _goes_on(known, value):
                continue
            if value is not None or key not in _TOP:
                before = len(pieces.deltas)
                pieces.member(key, value, (key,), _TOP.get(key))
                if len(pieces.deltas) == before and _TOP.get(key) is settings:
                    plain[key] = value
        for position, raw in enumerate(as_list(data.get("candidates"))):
            index = index_of(as_object(raw))
            candidate = self._candidate(index)
            said = _said(raw)
            if said is not None:
                at = _AT if position == 0 else ("candidates", position, *_AT[2:])
                candidate.channels.add(pieces, _TEXT, said, at)
                pieces.closes += candidate.channels.passed()
                continue
            candidate.read(raw, ("candidates", position), pieces)
            pieces.closes += candidate.channels.passed()
            reason = finish_reason(raw)
            if reason is not None:
                self.open.discard(index)
                finish = finish or reason
        return pieces, finish

    def _candidate(self, index: Any) -> _Candidate:
        if type(index) is not int or not 0 <= index < _MAX_CANDIDATES:
            raise UpstreamError("a candidate of the stream has no index")
        candidate = self._candidates.get(index)
        if candidate is None:
            candidate = self._candidates[index] = _Candidate(index)
            self.open.add(index)
        return candidate


def _goes_on(known: Any, value: Any) -> bool:
    """Whether a member is one that was plain before, but for its numbers: counts go on.

    Of ids and enumerations only strings are ever texts.
    """
    if known is None:
        return False
    if type(value) is not dict or type(known) is not dict:
        return bool(value == known)
    if value.keys() != known.keys():
        return False
    for name, inner in value.items():
        if type(inner) is not int and inner != known[name]:
            return False
    return True


def _said(candidate: dict[str, Any]) -> str | None:
    """What a candidate says where that is all that it has: a piece of its text, as most have it."""
    content = candidate.get("content")
    if type(content) is not dict or not _SPOKEN.issuperset(candidate):
        return None
    parts = content.get("parts")
    if len(content) != 2 or content.get("role") != "model" or type(parts) is not list:
        return None
    part = parts[0] if len(parts) == 1 else None
    said = part.get("text") if type(part) is dict and len(part) == 1 else None
    return said if type(said) is str else None


class _Candidate:
    """One of the answers that a stream tells at once."""

    __slots__ = ("_calls", "channels")

    def __init__(self, index: int) -> None:
        self.channels = Channels(f"candidates/{index}/")
        self._calls = 0

    def read(self, raw: dict[str, Any], path: Path, pieces: Pieces) -> None:
        for key, value in raw.items():
            if value is None:
                self.channels.add_null(pieces, _CANDIDATE, (*path, key))
            elif key == "content":
                self._read_content(as_object(value), (*path, key), pieces)
            elif key in LOGPROBS:
                self._read_tokens(value, spoken_by(raw), (*path, key), pieces)
            else:
                pieces.member(key, value, (*path, key), _CANDIDATE.get(key))

    def _read_tokens(
        self, result: Any, spoken: Mapping[str, Any], path: Path, pieces: Pieces
    ) -> None:
        for steps, text in unspoken(tokens_in(result), spoken):
            name = "/".join(map(str, ("logprobsResult", *steps)))
            self.channels.add(
                pieces, Slot(name, _TEXT.rank, again=True), text, (*path, RESPELT, *steps)
            )

    def _read_content(self, content: dict[str, Any], path: Path, pieces: Pieces) -> None:
        for key, value in content.items():
            at = (*path, key)
            if value is None:
                self.channels.add_null(pieces, _CONTENT, at)
            elif key == "parts":
                parts = value if isinstance(value, list) else None
                for number, part in enumerate(parts or ()):
                    self._read_part(as_object(part), (*at, number), pieces)
                if parts is None:
                    self._read_part(as_object(value), at, pieces)
            elif key == "role":
                self.channels.add_setting(pieces, value, at)
            else:
                self.channels.add_unknown(pieces, key, value, at)

    def _read_part(self, part: dict[str, Any], path: Path, pieces: Pieces) -> None:
        if len(part) == 1 and (said := part.get("text")) is not None:
            # Most parts say something and nothing else.
            self.channels.add(pieces, _TEXT, said, (*path, "text"))
            return
        for key, value in part.items():
            at = (*path, key)
            if value is None:
                self.channels.add_null(pieces, _PART, at)
            elif key == "text":
                slot = _THOUGHT if part.get("thought") is True else _TEXT
                self.channels.add(pieces, slot, value, at)
            elif _PART.get(key) is PART["functionCall"]:
                self._read_call(as_object(value), at, pieces)
            elif key in _PART:
                pieces.member(key, value, at, _PART[key])
            else:
                self.channels.add_unknown(pieces, key, value, at)

    def _read_call(self, call: dict[str, Any], path: Path, pieces: Pieces) -> None:
        if call.get("name") is not None:
            self._calls += 1
        for key, value in call.items():
            if value is None:
                self.channels.add_null(pieces, _CALL, (*path, key))
            elif _CALL.get(key) is FUNCTION_CALL["partialArgs"]:
                for argument, place in each(value, (*path, key)):
                    self._read_argument(as_object(argument), place, pieces)
            else:
                pieces.member(key, value, (*path, key), _CALL.get(key))

    def _read_argument(self, argument: dict[str, Any], path: Path, pieces: Pieces) -> None:
        place = f"functionCall/{self._calls}/{member(argument, 'jsonPath')}"
        for key, value in argument.items():
            if value is None:
                self.channels.add_null(pieces, _PIECE, (*path, key))
            elif key in _STRINGS:
                slot = Slot(place, _ARGUMENT, provenance="argument")
                self.channels.add(pieces, slot, value, (*path, key))
            else:
                pieces.member(key, value, (*path, key), _PIECE.get(key))

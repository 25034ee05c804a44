"""The running texts of a stream: which are open, and when each ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.errors import UpstreamError
from gateway.wire.exchange import Delta, Path, pointer
from gateway.wire.leaves import Finder, everything, is_setting, settings

if TYPE_CHECKING:
    from collections.abc import Container

    from gateway.terms import Provenance
    from gateway.wire.exchange import Text
    from gateway.wire.leaves import Shape

__all__ = ["Channels", "Pieces", "Slot", "as_list", "as_object"]

_TO_THE_END: Final = 1 << 30


class Slot(NamedTuple):
    """Where a running text stands in its choice or block.

    Attributes:
        name: The end of its channel's name.
        rank: Its place in the order in which an answer is written.
        rewritable: As in ``Text``.
        json: As in ``Delta``.
        provenance: As in ``Delta``.
        again: As in ``Delta``.
    """

    name: str
    rank: int
    rewritable: bool = True
    json: bool = False
    provenance: Provenance = "answer"
    again: bool = False


class Pieces:
    """What one event says: its deltas, and the channels that close with it."""

    __slots__ = ("closes", "deltas")

    def __init__(self) -> None:
        self.deltas: list[Delta] = []
        self.closes: list[str] = []

    def whole(
        self, texts: list[Text], *, json: bool = False, heard: Container[str] = frozenset()
    ) -> None:
        """Texts that stand whole in this event: each on a channel that closes with it.

        Args:
            texts: The texts.
            json: As in ``Delta``.
            heard: What the stream has said before.
        """
        for number, text in enumerate(texts, len(self.deltas)):
            channel = f"{text.where.lstrip('/')}#{number}"
            again = text.again or text.value in heard
            value, path, rewritable, whose = text.value, text.path, text.rewritable, text.provenance
            self.deltas.append(
                Delta(channel, value, path, rewritable, json, again, whole=True, provenance=whose)
            )
            self.closes.append(channel)

    def member(self, key: str, value: Any, path: Path, shape: Shape | None) -> None:
        """A member of an object, whole: by its shape, or as free JSON where nobody knows it."""
        if shape is settings and is_setting(value):
            return
        found = Finder.answer()
        if shape is None:
            found.add(key, path, "answer", rewritable=False)
            shape = everything
        shape(found, value, path, "answer")
        self.whole(found.texts)


class Channels:
    """The running texts of one choice or one block."""

    __slots__ = ("_early", "_keys", "_open", "_prefix", "_rank")

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._open: dict[str, int] = {}
        self._early: set[str] = set()
        self._keys: set[str] = set()
        self._rank = -1

    def add(self, pieces: Pieces, slot: Slot, value: Any, path: Path) -> None:
        """A piece of a running text; an empty one is none.

        Raises:
            UpstreamError: It is not a string.
        """
        if not isinstance(value, str):
            raise UpstreamError("a text of the stream is not a string")
        if value:
            channel = self._prefix + slot.name
            resumes = False
            if channel not in self._open:
                resumes = channel in self._early
                self._open[channel] = _TO_THE_END if resumes else slot.rank
            if self._rank < slot.rank != _TO_THE_END:
                self._rank = slot.rank
            _, _, rewritable, json, whose, again = slot
            pieces.deltas.append(
                Delta(channel, value, path, rewritable, json, again, resumes, provenance=whose)
            )

    def add_unknown(self, pieces: Pieces, name: str, value: Any, path: Path) -> None:
        """Strings at a place that nobody knows: running texts that stay open to the end.

        ``path`` leads to the member and ends with its key. Keys are read when they first appear.
        """
        found = Finder.answer()
        found.add(str(path[-1]), path, "answer", rewritable=False)
        everything(found, value, path, "answer")
        for text in found.texts:
            channel = name + pointer(text.path[len(path) :])
            if text.rewritable:
                self.add(pieces, Slot(channel, _TO_THE_END), text.value, text.path)
            elif channel not in self._keys:
                self._keys.add(channel)
                pieces.whole([text])

    def add_null(self, pieces: Pieces, known: Container[str], path: Path) -> None:
        """A member that is null: where its key is not known, that is read when it first appears."""
        if path[-1] not in known:
            self.add_unknown(pieces, pointer(path), None, path)

    def add_setting(self, pieces: Pieces, value: Any, path: Path) -> None:
        """An id or an enumeration; what looks otherwise is a text."""
        pieces.member("", value, path, settings)

    def passed(self) -> list[str]:
        """Closes, each at most once before its end, the channels the answer has moved on from."""
        if len(self._open) < 2:
            return []
        gone = [channel for channel, rank in self._open.items() if rank < self._rank]
        for channel in gone:
            del self._open[channel]
        self._early.update(gone)
        return gone

    def ended(self, name: str = "") -> list[str]:
        """Closes what has ended: one and those below it, or all; each at most once early."""
        at = self._prefix + name
        gone = [
            channel
            for channel, rank in self._open.items()
            if rank != _TO_THE_END and (not name or channel == at or channel.startswith(at + "/"))
        ]
        for channel in gone:
            del self._open[channel]
        self._early.update(gone)
        return gone

    def close(self) -> list[str]:
        """Closes all."""
        names = list(self._open)
        self._open.clear()
        # A stream that goes on after its end goes on with the same texts.
        self._early.update(names)
        return names


def as_object(value: Any) -> dict[str, Any]:
    """The value, which must be an object.

    Raises:
        UpstreamError: It is none.
    """
    if not isinstance(value, dict):
        raise UpstreamError("a part of the stream is not an object")
    return value


def as_list(value: Any) -> list[Any]:
    """The value, which must be a list; null is an empty one.

    Raises:
        UpstreamError: It is none.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise UpstreamError("a part of the stream is not a list")
    return value

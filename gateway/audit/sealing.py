"""What one writer seals: its segment, and what of it the store has not yet.

A segment ends when it is full, when a write failed (the store may not hold it), and when somebody
was erased: its salts would make new records unreadable, or keep old ones readable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.audit.binding import Binding
from gateway.audit.seal import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.audit.recipients import RecipientKey
    from gateway.audit.seal import Salt, SealedPart

__all__ = ["Sealing"]


class Sealing:
    """Seals for a writer.

    Args:
        recipients: Public keys that can open what is sealed; at least one.

    Attributes:
        erasures: How many erasures the store had seen when the segment began; None where nothing
            was sealed since ``stored``.
        segments: The envelopes of segments that the store has not yet, by their ids.
        salts: Salts that the store has not yet.
    """

    __slots__ = ("_begun", "_in_place", "_recipients", "_segment", "erasures", "salts", "segments")

    def __init__(self, recipients: Sequence[RecipientKey]) -> None:
        self._recipients = recipients
        self._segment: Segment | None = None
        self._begun = 0
        self._in_place: list[tuple[Segment, bytearray, Binding]] = []
        self.erasures: int | None = None
        self.segments: dict[str, bytes] = {}
        self.salts: list[Salt] = []

    def seal(
        self, plaintext: bytes | bytearray, header: Mapping[str, Any], erasures: int
    ) -> SealedPart:
        """Seals a part of the record with a header.

        Args:
            plaintext: A ``bytearray`` becomes its own sealed part.
            header: The record's.
            erasures: How many erasures the store has seen.
        """
        segment = self._current(header["writer"], erasures)
        binding = Binding.of(header, segment.id)
        part = segment.seal(plaintext, binding)
        if part.new_salt is not None:
            self.salts.append(part.new_salt)
        if isinstance(plaintext, bytearray):
            self._in_place.append((segment, plaintext, binding))
        self.erasures = self._begun
        return part

    def forget(self, erasures: int) -> None:
        """Ends the segment where it is full, or where somebody was erased since it began.

        Its secret and its salts leave the memory.
        """
        if self._segment is not None and (self._segment.full or erasures != self._begun):
            self._segment = None

    def stored(self) -> None:
        """The store has everything that was sealed."""
        self._clear()

    def undo(self) -> None:
        """Nothing that was sealed counts; what was sealed in its own place is plaintext again."""
        for segment, sealed, binding in self._in_place:
            segment.unseal(sealed, binding)
        self.end()

    def end(self) -> None:
        """Nothing of the segment may be in the store: the next part begins another one."""
        self._segment = None
        self._clear()

    def _current(self, writer: str, erasures: int) -> Segment:
        self.forget(erasures)
        segment = self._segment
        if segment is None or segment.writer != writer:
            segment = self._segment = Segment(writer, self._recipients)
            self._begun = erasures
            self.segments[segment.id] = segment.envelope
        return segment

    def _clear(self) -> None:
        self._in_place, self.segments, self.salts, self.erasures = [], {}, [], None

"""The index for filters: which records of a block have which values, as sets of bits.

Records are indexed in blocks of ``BLOCK``: for each value that one of its records has, the
positions of those that have it. So the writer pays nothing, a block's index is written in one
place, and two values are found together by one AND of 512 bytes per block, however common they are
and however seldom together. The last block is indexed as it grows.

A value is known by a *term*, the first 64 bits of a digest of its label (``actor:alice``). Where
two labels share a term, too many records are candidates: whoever asks looks at the headers.
"""

from __future__ import annotations

import sys
from array import array
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.schema import COLUMNS, PRUNED, TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["BLOCK", "EVERY", "NAMES", "Postings", "block_of", "decode_bits", "descending", "term"]

BLOCK: Final = 4096
"""Records of a block: block ``n`` holds those with ``seq`` from ``n * BLOCK + 1`` on."""

NAMES: Final = {
    "stage": "stage",
    "actor": "subject",
    "tenant": "tenant",
    "model": "model",
    "upstream": "upstream",
    "route": "route",
    "decision": "decision",
    "status": "status",
}
"""The filters that ask for a column's value, and that column."""

EVERY: Final = (1 << BLOCK) - 1
"""The bits of a block's every record."""

_BYTES: Final = BLOCK // 8
_ACTOR, _STAGE = COLUMNS.index(NAMES["actor"]), COLUMNS.index("stage")
_PLACES: Final = tuple(name for name in NAMES if name != "actor")
_SHARED: Final = itemgetter(
    *(COLUMNS.index(NAMES[name]) for name in _PLACES), COLUMNS.index("tags")
)
"""What records have in common with many others: what they are found by, but for who called."""


class Postings:
    """The index of one block, while its records are added in their order."""

    def __init__(self) -> None:
        self._found: dict[int, list[int]] = {}
        # Most records are like others but for who called, and their terms are asked for once.
        self._alike: dict[tuple[Any, ...], list[int]] = {}
        self._actors: dict[Any, list[int]] = {}

    def add(self, place: int, values: Sequence[Any]) -> None:
        """Adds a record.

        Args:
            place: Its place in the block, from 0.
            values: Its ``COLUMNS``; of a pruned record nothing is indexed.
        """
        if values[_STAGE] == PRUNED:
            return
        self._alike.setdefault(_SHARED(values), []).append(place)
        if values[_ACTOR] is not None:
            self._actors.setdefault(values[_ACTOR], []).append(place)

    def missing(self, stored: Mapping[int, bytes]) -> bool:
        """Whether an index lacks something of these; what it has beyond them hides nothing."""
        for key, places in self._places().items():
            bits = decode_bits(stored.get(key, b""))
            if any(not bits >> place & 1 for place in places):
                return True
        return False

    @property
    def terms(self) -> list[int]:
        """The terms that the records have."""
        return sorted(self._places())

    def rows(self) -> list[tuple[int, bytes]]:
        """Each term of the records with its bits, by term."""
        return self.beside(dict.fromkeys(self.terms, b""))

    def beside(self, stored: Mapping[int, bytes]) -> list[tuple[int, bytes]]:
        """What an index of some of the terms becomes once these records are in it as well."""
        found = self._places()
        return [(key, _joined(found[key], raw)) for key, raw in stored.items()]

    def without(self, stored: Mapping[int, bytes]) -> list[tuple[int, bytes]]:
        """What is left of an index without these records; a term that none is left of is not."""
        left, found = [], self._places()
        for key, raw in stored.items():
            bits = decode_bits(raw)
            for place in found.get(key, ()):
                bits &= ~(1 << place)
            if bits:
                left.append((key, _packed(bits)))
        return left

    def _places(self) -> dict[int, list[int]]:
        """The places of each term, in no order."""
        found = self._found
        for shared, places in self._alike.items():
            for key in _terms(shared):
                found.setdefault(key, []).extend(places)
        for actor, places in self._actors.items():
            found.setdefault(term("actor", actor), []).extend(places)
        self._alike, self._actors = {}, {}
        return found


def block_of(seq: int) -> int:
    """The number of the block that a record is in."""
    return (seq - 1) // BLOCK


def term(name: str, value: object) -> int:
    """What a filter's value is known by: a signed number of 64 bits."""
    return _digest(f"{name}:{value}")


def decode_bits(raw: bytes) -> int:
    """Stored bits as a number; bit ``n`` stands for the record at place ``n``."""
    if len(raw) == _BYTES:
        return int.from_bytes(raw, "little")
    places = array("H", raw[: len(raw) & ~1])
    if sys.byteorder == "big":
        places.byteswap()
    bits = 0
    for place in places:
        bits |= 1 << place
    # Whoever tampers may name places that no block has.
    return bits & EVERY


def descending(bits: int) -> Iterator[int]:
    """The places of a set of bits, highest first."""
    while bits:
        top = bits.bit_length() - 1
        yield top
        bits ^= 1 << top


@lru_cache(16_384)
def _digest(label: str) -> int:
    raw = blake2b(label.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(raw, "big", signed=True)


@lru_cache(4096)
def _terms(shared: tuple[Any, ...]) -> tuple[int, ...]:
    """The terms of records that have these values and tags."""
    *values, tags = shared
    found = [
        term(name, value) for name, value in zip(_PLACES, values, strict=True) if value is not None
    ]
    # Of another type it is no list of tags: whoever verifies sees that it is not the header's.
    if isinstance(tags, str) and tags:
        found += map(_digest, tags.strip(TAG).split(TAG))
    return tuple(found)


def _joined(places: list[int], raw: bytes) -> bytes:
    """The bits of a list of places and of those that are stored."""
    found = _encode(places)
    return _packed(decode_bits(raw) | decode_bits(found)) if raw else found


def _packed(bits: int) -> bytes:
    if 2 * bits.bit_count() < _BYTES:
        return _encode([*descending(bits)][::-1])
    return bits.to_bytes(_BYTES, "little")


def _encode(places: list[int]) -> bytes:
    """A list of 16-bit places where that is shorter, else a map of ``BLOCK`` bits."""
    if 2 * len(places) < _BYTES:
        found = array("H", sorted(set(places)))
        if sys.byteorder == "big":
            found.byteswap()
        return found.tobytes()
    bits = bytearray(_BYTES)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)

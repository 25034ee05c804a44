"""The body of a long request, kept compressed while nobody needs it.

That of the client is needed for its record, as it came; that which goes out once the record is
written. Until then what the texts say is there once more, and what reading them takes.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final
from zlib import compress, compressobj, decompressobj

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LONG", "PackedBody", "packed"]

LONG: Final = 2**22
"""Bytes of a body for which it is worth the time, some hundredths of what reading it takes."""
_PIECE: Final = 2**15
_BLOCK: Final = 2**18
"""Bytes of what is compressed that are kept together: so many have a place of their own in memory,
which is free for others as soon as they are let go of."""
_FAST: Final = 1
_WORTH: Final = 0.6
"""What a sample may be compressed to: images are not."""


class PackedBody:
    """Such a body; its length is that of what it stands for.

    Args:
        pieces: The body; each piece may be forgotten once the next one is asked for.
    """

    __slots__ = ("_blocks", "_length")

    def __init__(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        packer = compressobj(_FAST)
        self._length = 0
        self._blocks: deque[bytearray] = deque([bytearray()])
        for piece in pieces:
            self._length += len(piece)
            self._add(packer.compress(piece))
        self._add(packer.flush())

    def __len__(self) -> int:
        return self._length

    def unpacked(self) -> bytearray:
        """The body as it was, the caller's own; a tenth of a second for 10 MiB."""
        body = bytearray()
        for piece in _unpacked(self._blocks):
            body += piece
        return body

    def used_up(self) -> bytearray:
        """The same, in whose place this one is no more."""
        body = bytearray()
        for piece in self.pieces():
            body += piece
        return body

    def pieces(self) -> Iterator[bytes]:
        """The same piece by piece; what was had is forgotten."""
        blocks, self._blocks, self._length = self._blocks, deque(), 0
        return _unpacked(blocks.popleft() for _ in range(len(blocks)))

    def _add(self, some: bytes) -> None:
        self._blocks[-1].extend(some)
        if len(self._blocks[-1]) >= _BLOCK:
            self._blocks.append(bytearray())


def _unpacked(blocks: Iterable[bytearray]) -> Iterator[bytes]:
    """What was compressed; each block may be forgotten once the next one is asked for."""
    unpacker = decompressobj()
    for block in blocks:
        left: bytes | bytearray = block
        while left:
            yield unpacker.decompress(left, _PIECE)
            left = unpacker.unconsumed_tail
    yield unpacker.flush()


def packed(body: bytes | bytearray) -> PackedBody | bytes | bytearray:
    """A body compressed, where it is long and that makes it much smaller; or itself."""
    if len(body) <= LONG:
        return body
    middle = bytes(body[len(body) // 2 : len(body) // 2 + _PIECE])
    if len(compress(middle, _FAST)) > _WORTH * len(middle):
        return body
    view = memoryview(body)
    return PackedBody(view[at : at + _PIECE] for at in range(0, len(view), _PIECE))

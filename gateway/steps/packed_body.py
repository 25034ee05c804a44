"""The body of a long request, kept compressed while nobody needs it.

That of the client is needed for its record, as it came; that which goes out once the record is
written. Until then what the texts say is there once more, and what reading them takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import compress, compressobj, decompressobj

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PackedBody", "packed"]

_LONG: Final = 2**22
"""Bytes of a body for which it is worth the time, some hundredths of what reading it takes."""
_PIECE: Final = 2**17
_FAST: Final = 1
_WORTH: Final = 0.6
"""What a sample may be compressed to: images are not."""


class PackedBody:
    """Such a body; its length is that of what it stands for.

    Args:
        pieces: The body; each piece may be forgotten once the next one is asked for.
    """

    __slots__ = ("_length", "_pieces")

    def __init__(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        packer = compressobj(_FAST)
        self._length = 0
        self._pieces: list[bytes] = []
        for piece in pieces:
            self._length += len(piece)
            self._pieces.append(packer.compress(piece))
        self._pieces.append(packer.flush())

    def __len__(self) -> int:
        return self._length

    def unpacked(self) -> bytearray:
        """The body as it was, the caller's own; a tenth of a second for 10 MiB."""
        unpacker, body, at = decompressobj(), bytearray(self._length), 0
        for packed_piece in self._pieces:
            piece = unpacker.decompress(packed_piece)
            body[at : at + len(piece)] = piece
            at += len(piece)
        return body


def packed(body: bytes | bytearray) -> PackedBody | bytes | bytearray:
    """A body compressed, where it is long and that makes it much smaller; or itself."""
    if len(body) <= _LONG:
        return body
    middle = bytes(body[len(body) // 2 : len(body) // 2 + _PIECE])
    if len(compress(middle, _FAST)) > _WORTH * len(middle):
        return body
    view = memoryview(body)
    return PackedBody(view[at : at + _PIECE] for at in range(0, len(view), _PIECE))

"""The demo model's embeddings: the same short vector for the same text."""

from __future__ import annotations

import hashlib
from itertools import count, islice
from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DIMENSIONS", "vector_of"]

DIMENSIONS: Final = 8
"""How long a vector is where the request does not say."""

_MAX_DIMENSIONS: Final = 4096


def vector_of(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A vector of length 1 that depends on every character of the text, and means nothing."""
    size = max(1, min(dimensions, _MAX_DIMENSIONS))
    numbers = [byte - 127.5 for byte in islice(_bytes(text), size)]
    length = sqrt(sum(number * number for number in numbers))
    return [round(number / length, 6) for number in numbers]


def _bytes(text: str) -> Iterator[int]:
    seed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    for block in count():
        yield from hashlib.sha256(seed + block.to_bytes(4, "big")).digest()

"""The words of a text, split once for all that ask for them while it is read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LETTERS", "ONE_TEXT", "some_words", "words_of"]

LETTERS: Final = bytes(
    code + 32 if 65 <= code <= 90 else code if 97 <= code <= 122 else 32 for code in range(256)
)
"""Makes letters of ASCII small, and a blank of anything else."""


class _Last(threading.local):
    """The text that this thread split last, where the same one may be asked for again."""

    kept: bool = False
    data: bytes | None = None
    words: frozenset[bytes] = frozenset()


_LAST: Final = _Last()


class OneText:
    """While a text is read, its words are kept for whoever asks next; no longer."""

    __slots__ = ()

    def __enter__(self) -> None:
        _LAST.kept = True

    def __exit__(self, *_error: object) -> None:
        last = _LAST
        last.kept, last.data, last.words = False, None, frozenset()


ONE_TEXT: Final = OneText()


def words_of(data: bytes) -> frozenset[bytes]:
    """The words of a text in small letters of ASCII; what is no such letter stands between two."""
    last = _LAST
    if data == last.data:
        return last.words
    words = frozenset(data.translate(LETTERS).split())
    if last.kept:
        last.data, last.words = data, words
    return words


def some_words(data: bytes) -> Iterable[bytes]:
    """The same for those who ask once: some of them several times where that takes less."""
    last = _LAST
    return last.words if data == last.data else data.translate(LETTERS).split()

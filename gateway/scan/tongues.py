"""Whether a short text is one of words at all, and of which of two languages."""

from __future__ import annotations

from typing import Final

__all__ = ["is_japanese", "is_language", "is_vietnamese"]

_VIETNAMESE: Final = frozenset("ăđơưĂĐƠƯ")


def is_language(text: str) -> bool:
    """Whether a third of the characters of a text are letters; tables of numbers say nothing."""
    signs = len(text) - sum(map(str.isspace, text))
    return 3 * sum(map(str.isalpha, text)) >= signs


def is_japanese(text: str) -> bool:
    """Whether a fifth of the letters of a text are kana."""
    kana = sum("\u3040" <= char <= "\u30ff" for char in text)
    return kana > 0 and 5 * kana >= sum(map(str.isalpha, text))


def is_vietnamese(text: str) -> bool:
    """Whether a tenth of the letters of a text are those that only Vietnamese has."""
    own = sum("\u1ea0" <= char <= "\u1ef9" or char in _VIETNAMESE for char in text)
    return own > 0 and 10 * own >= sum(map(str.isalpha, text))

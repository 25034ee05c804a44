"""Tells text that somebody could mean from what chance decodes to."""

from __future__ import annotations

from typing import Final

__all__ = ["is_letters", "is_text"]

_LETTERS: Final = 0.7
_SAMPLE: Final = 4096


def is_text(text: str) -> bool:
    """Whether nearly all characters can be seen: text of any kind, also code and data."""
    sample = text[:_SAMPLE]
    strange = sum(not (one.isprintable() or one in "\t\r\n") for one in sample)
    return bool(sample) and strange * 16 <= len(sample)


def is_letters(text: str) -> bool:
    """Whether most characters are letters or blanks, as in prose of any language."""
    sample = text[:_SAMPLE]
    return is_text(sample) and sum(map(_is_letter, sample)) >= _LETTERS * len(sample)


def _is_letter(char: str) -> bool:
    return char.isalpha() or char.isspace()

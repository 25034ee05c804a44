"""Light disguises and slips of the hand, for attacks and harmless texts alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.training.grammar import Draw

__all__ = ["disguised"]

_PERCENT: Final = 22
_MARKS: Final = (
    *(('"', '"'), ("'", "'"), ("**", "**"), ("<b>", "</b>"), ("> ", ""), ("# ", "")),
    *(("[", "]"), ("<!-- ", " -->"), ("```\n", "\n```")),
)
_LEET: Final = str.maketrans("aeiost", "431057")


def _lower(text: str, _draw: Draw) -> str:
    return text.lower()


def _upper(text: str, _draw: Draw) -> str:
    return text.upper()


def _shouted(text: str, draw: Draw) -> str:
    """One word in capital letters."""
    words = text.split(" ")
    at = draw.number(len(words))
    words[at] = words[at].upper()
    return " ".join(words)


def _swapped(text: str, draw: Draw) -> str:
    """Typing errors: two letters change places here and there."""
    chars = list(text)
    for _ in range(1 + len(chars) // 40):
        at = draw.number(max(len(chars) - 1, 1))
        if at + 1 < len(chars) and chars[at].isalpha() and chars[at + 1].isalpha():
            chars[at], chars[at + 1] = chars[at + 1], chars[at]
    return "".join(chars)


def _dropped(text: str, draw: Draw) -> str:
    chars = list(text)
    for _ in range(1 + len(chars) // 40):
        at = draw.number(max(len(chars), 1))
        if chars[at].isalpha():
            chars[at] = draw.one(("", chars[at] * 2))
    return "".join(chars)


def _unpunctuated(text: str, _draw: Draw) -> str:
    return "".join(char for char in text if char not in ".,;:!?'\"")


def _spaced(text: str, draw: Draw) -> str:
    return text.replace(" ", draw.one(("  ", " \n", "_", "-", ".", "   ")))


def _leet(text: str, draw: Draw) -> str:
    words = text.split(" ")
    return " ".join(one.translate(_LEET) if draw.chance(60) else one for one in words)


def _quoted(text: str, draw: Draw) -> str:
    left, right = draw.one(_MARKS)
    return left + text + right


_KINDS: Final[tuple[Callable[[str, Draw], str], ...]] = (
    *(_lower, _lower, _upper, _shouted, _swapped, _dropped, _unpunctuated, _spaced, _leet, _quoted),
)


def disguised(text: str, draw: Draw) -> str:
    """The text as it is, or in some cases with one of the disguises."""
    return draw.one(_KINDS)(text, draw) if text and draw.chance(_PERCENT) else text

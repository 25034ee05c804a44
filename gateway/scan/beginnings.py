"""What matches of an expression begin with, as far as its tree tells fast."""

from __future__ import annotations

from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any

__all__ = ["cut", "first", "starts_words"]


def cut(tree: Any, count: int) -> list[Any]:
    """The nodes that the first characters of every match are in, and as little more as is easy.

    Args:
        tree: The expression, as Python's parser gives it.
        count: How many characters.
    """
    kept: list[Any] = []
    for index, (op, value) in enumerate(tree):
        left = count - tree[:index].getwidth()[0]
        if left <= 0:
            break
        if op is sre.BRANCH:
            kept.append((op, (value[0], [cut(one, left) for one in value[1]])))
        elif op is sre.SUBPATTERN:
            kept.append((op, (*value[:3], cut(value[3], left))))
        else:
            kept.append((op, value))
    return kept


def first(tree: Any, count: int) -> list[Any] | None:
    """The first nodes that every match has so many characters of; None if these are all nodes.

    Args:
        tree: The expression, as Python's parser gives it.
        count: How many characters.
    """
    size = next((at for at in range(len(tree)) if tree[:at].getwidth()[0] >= count), None)
    return None if size is None else list(tree[:size])


def starts_words(nodes: list[Any]) -> bool:
    """Whether no match begins in the middle of a word."""
    op, value = nodes[0]
    if op is sre.SUBPATTERN:
        return starts_words(list(value[3]))
    if op is sre.BRANCH:
        return all(starts_words(list(one)) for one in value[1])
    if op is sre.LITERAL:
        # Of the letters beyond ASCII two are letters of ASCII in another case.
        folded = chr(value).casefold()
        return not (folded.isascii() and folded.isalnum()) and value != ord("_")
    return op is sre.AT

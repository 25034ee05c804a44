"""The part of an expression that Hyperscan is to look for: words that stand in every match."""

from __future__ import annotations

from re import _constants as sre  # type: ignore[attr-defined]
from typing import Any, Final

__all__ = ["COLLAPSE", "factor", "literals"]

COLLAPSE: Final = 8
"""Repeats of more than this are counted by RE2 only; elsewhere they are unbounded."""
_WORD_LENGTH: Final = 3


def factor(nodes: list[Any]) -> list[Any]:
    """A part of the sequence that every match contains: words alone if there are such.

    Hyperscan compiles thousands of words in no time, and takes minutes for a few expressions with
    repeated groups between them.
    """
    words = _words(nodes)
    return words if literals(words) >= _WORD_LENGTH else nodes


def _words(nodes: list[Any], *, gaps: bool = True) -> list[Any]:
    """The stretch of nothing but words and gaps that has most literals in its shortest match.

    Words with gaps inside of a choice of many are what Hyperscan takes long to compile, so there
    are none.
    """
    stretches: list[list[Any]] = [[]]
    for node in nodes:
        op, value = node
        if _is_firm(node, gaps=gaps):
            stretches[-1].append(node)
        elif op is sre.SUBPATTERN:
            stretches += [[(op, (*value[:3], _words(list(value[3]), gaps=gaps)))], []]
        elif op is sre.BRANCH:
            stretches += [
                [(op, (value[0], [_words(list(one), gaps=False) for one in value[1]]))],
                [],
            ]
        else:
            stretches.append([])
    return max(stretches, key=literals)


def _is_firm(node: Any, *, gaps: bool = True) -> bool:
    """Whether a node is words, some of them optional, or a gap of a few signs between two."""
    op, value = node
    if op is sre.SUBPATTERN:
        return all(_is_firm(one, gaps=gaps) for one in value[3])
    if op is sre.BRANCH:
        return all(_is_firm(one, gaps=False) for branch in value[1] for one in branch)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, body = value
        if high == 1:
            return all(_is_firm(one, gaps=gaps) for one in body)
        return gaps and low == 1 and high <= COLLAPSE and _is_gap(body)
    return op in (sre.LITERAL, sre.AT)


def _is_gap(body: Any) -> bool:
    return len(body) == 1 and body[0][0] is sre.IN and body[0][1][0][0] is sre.NEGATE


def literals(nodes: list[Any]) -> int:
    """How many bytes of literal characters a match of the sequence has at least."""
    return sum(map(_node_literals, nodes))


def _node_literals(node: Any) -> int:
    op, value = node
    if op is sre.SUBPATTERN:
        return literals(list(value[3]))
    if op is sre.BRANCH:
        return min(literals(list(one)) for one in value[1])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low: int = value[0]
        return low * literals(list(value[2]))
    return len(chr(value).encode("utf-8", "replace")) if op is sre.LITERAL else 0

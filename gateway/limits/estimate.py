"""What a request may cost, before anybody knows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.terms import Parameters

__all__ = ["MOST_TOKENS", "Estimate", "estimate"]

MOST_TOKENS: Final = 10**12
"""No request counts more tokens than this, whatever it states or its provider reports."""

# A tokeniser makes at most one token of a byte, of English one of four or five, of code one of
# three, of Chinese or Japanese one of three bytes or so, which is one character.
_LIKELY_BYTES: Final = 3
_MESSAGE: Final = 8  # role, separators
_PIECE: Final = 2**17
_TOOL: Final = 32  # names, types and braces, which are no texts
_LIKELY_MEDIUM, _MOST_MEDIUM = 1_500, 6_000  # an image, a sound or a file


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens of a request, input and output together.

    Attributes:
        likely: What must be left of a budget for the request to begin.
        most: What is set aside until the request has ended, at least ``likely``.
    """

    likely: int
    most: int


def estimate(parameters: Parameters, texts: Iterable[str], reserve: int) -> Estimate:
    """The tokens of a request.

    Args:
        parameters: What the request asks for, as it will leave.
        texts: Everything that the model will read.
        reserve: Tokens of one answer where the request states no ``max_tokens``.
    """
    size = sum(_bytes(text) for text in texts)
    extra = _MESSAGE * (1 + _count(parameters, "messages")) + _TOOL * _tools(parameters)
    media = sum(_count(parameters, word) for word in ("images", "audio", "files"))
    answer = max(1, _count(parameters, "n")) * _answer(parameters, reserve)
    likely = ceil(size / _LIKELY_BYTES) + extra + media * _LIKELY_MEDIUM + answer
    most = size + extra + media * _MOST_MEDIUM + answer
    return Estimate(min(likely, MOST_TOKENS), min(most, MOST_TOKENS))


def _answer(parameters: Parameters, reserve: int) -> int:
    values, word = parameters.values, "max_tokens"
    if values.get(word) == (0,) and word not in parameters.stated:
        return 0  # The answer is made of vectors.
    # Some APIs write "as many as it likes" as -1.
    stated = _count(parameters, "max_tokens") or reserve
    return max(stated, _count(parameters, "reasoning_tokens"))


def _count(parameters: Parameters, word: str) -> int:
    """The greatest of a parameter's values; 0 where it has none that is a positive number."""
    values = parameters.values.get(word, ())
    return _whole(values[0]) if len(values) == 1 else max(map(_whole, values), default=0)


def _whole(value: object) -> int:
    if type(value) is int:
        return min(max(0, value), MOST_TOKENS)
    if isinstance(value, float):
        return _whole(ceil(value)) if isfinite(value) else 0
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return min(max(0, value), MOST_TOKENS)


def _tools(parameters: Parameters) -> int:
    return len(parameters.values.get("tools", ()))


def _bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    # Piece by piece: a long text has no room in memory twice.
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    return sum(len(piece.encode("utf-8", "surrogatepass")) for piece in pieces)

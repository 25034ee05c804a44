"""JSON written in pieces where it is long, so that it is not held beside what it is made of.

To write a text beyond ASCII, orjson has Python keep its UTF-8 beside it, so long ones are written a
piece at a time. So are held lists, and texts that are rewritten only now. Marks that nobody can
foresee stand for them in the rest.
"""

from __future__ import annotations

import re
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.ingress.held_list import HeldList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Later", "dump", "dumped"]

_LONG_TEXT: Final = 2**18
"""Characters of a text that is written in pieces."""
_PIECE: Final = 2**17


class Later:
    """Texts that are made only when they are written: until then a mark stands for each.

    A mark is a string, and may become a part of another one.
    """

    __slots__ = ("_nonce", "_texts")

    def __init__(self) -> None:
        self._nonce = ""
        self._texts: list[Callable[[], Iterable[str]]] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._texts)

    def mark(self, text: Callable[[], Iterable[str]]) -> str:
        """What stands for a text, which is given in pieces, none of which cuts a character."""
        self._nonce = self._nonce or token_hex()
        self._texts.append(text)
        return f"{self._nonce}{len(self._texts) - 1:06}"

    def is_in(self, text: str) -> bool:
        """Whether a mark stands in a text."""
        return bool(self._texts) and self._nonce in text

    def whole(self, text: str) -> str:
        """A text with what its marks stand for."""
        if not self.is_in(text):
            return text
        return re.sub(self._pattern, lambda found: "".join(self._of(found[1])), text)

    def filled(self, raw: bytes) -> Iterator[bytes]:
        """JSON with what its marks stand for."""
        at = 0
        for found in re.finditer(self._pattern.encode(), raw) if self._texts else ():
            yield raw[at : found.start()]
            for piece in self._of(found[1]):
                yield orjson.dumps(piece)[1:-1]
            at = found.end()
        yield raw[at:] if at else raw

    @property
    def _pattern(self) -> str:
        return self._nonce + "([0-9]{6})"

    def _of(self, number: str | bytes) -> Iterable[str]:
        return self._texts[int(number)]()


_NONE: Final = Later()


def dump(value: Any, later: Later = _NONE) -> bytes | bytearray:
    """A value as compact JSON in UTF-8, as ``orjson.dumps`` gives it.

    Args:
        value: The value; there may be held lists in it.
        later: What marks in it stand for.

    Raises:
        orjson.JSONEncodeError: The value is none that JSON can hold.
    """
    pieces = dumped(value, later)
    first = next(pieces)
    second = next(pieces, None)
    if second is None:
        return first
    written = bytearray(first) + second
    for piece in pieces:
        written += piece
    return written


def dumped(value: Any, later: Later = _NONE) -> Iterator[bytes | bytearray]:
    """The same piece by piece; arguments and errors are those of ``dump``."""
    marked: dict[str, str | HeldList] = {}
    raw = orjson.dumps(_marked(value, marked, later))
    at = 0
    for mark, inner in marked.items():
        place = raw.index(mark.encode(), at)
        yield from later.filled(raw[at : place - 1])
        yield from _list(inner, later) if isinstance(inner, HeldList) else _text(inner)
        at = place + len(mark) + 1
    yield from later.filled(raw[at:] if at else raw)


def _marked(value: Any, marked: dict[str, str | HeldList], later: Later) -> Any:
    """The value with marks, in the order in which they will be written, for what is long."""
    if type(value) is dict or type(value) is list:
        steps = value.items() if type(value) is dict else enumerate(value)
        pairs = ((step, inner, _marked(inner, marked, later)) for step, inner in steps)
        changed = [(step, mark) for step, inner, mark in pairs if mark is not inner]
        copy = value.copy() if changed else value
        for step, mark in changed:
            copy[step] = mark
        return copy
    if type(value) is not HeldList and not (_is_long(value) and not later.is_in(value)):
        return value
    mark = token_hex()
    marked[mark] = value
    return mark


def _is_long(value: Any) -> bool:
    return type(value) is str and len(value) > _LONG_TEXT


def _text(text: str) -> Iterator[bytes]:
    yield b'"'
    for start in range(0, len(text), _PIECE):
        yield orjson.dumps(text[start : start + _PIECE])[1:-1]
    yield b'"'


def _list(items: HeldList, later: Later) -> Iterator[bytes | bytearray]:
    comma = b"["
    for piece in items.pieces():
        if piece:
            yield comma
            yield dump(piece, later)[1:-1]
            comma = b","
    yield b"]" if comma == b"," else b"[]"

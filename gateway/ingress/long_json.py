"""A long JSON text parsed in pieces, so that it is never held a second time.

orjson copies what it parses, and takes room for every value besides. So two things are cut out of
a long text and parsed on their own: what stands in long strings, and the items of a long list of
objects. A mark that nobody can foresee stands in their place in what is left.

Where to cut is a guess; that it was right is proved by what comes out. A mark that comes out as
a whole string stood between the quotes of one: there may stand any pieces that are each right
between quotes. A mark that comes out as the first item of a list stood before a comma in it: there
may stand any pieces that are each right between brackets. In all other cases the text is parsed as
it is, which also says what is wrong with it.

Of a very long text the list of objects is not even kept as values where the caller keeps the text:
its pieces were parsed once, and are parsed again by whoever looks at them (``held_list``).
"""

from __future__ import annotations

import re
from itertools import islice
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.ingress.held_list import HeldList, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["parse"]

_LONG: Final = 2**20
"""Bytes of a text that is parsed in pieces, and of a string in it."""
_VERY_LONG: Final = 2**22
"""Bytes of a text in which a list may be held."""
_PIECE: Final = 2**17
_PART: Final = 2**14
"""Bytes of a string that are parsed at once: more of them would take room all over the heap."""
_NEAR: Final = 64
_FAULTS: Final = 4
"""Wrong guesses after which the rest of a list is parsed at once."""
_LISTS: Final = 32
"""Lists that are tried: tools stand before messages, and lists in tools."""
_SHORT: Final = 16
_SHARED: Final = 256
_QUOTE: Final = b'"'
_ESCAPE: Final = b"\\"
_LIST: Final = re.compile(rb'\[[ \t\r\n]{0,64}+(\{[ \t\r\n]{0,64}+"[^"\\]{1,64}"[ \t]{0,4}:)')
_BEFORE: Final = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*\Z")
# Between two escapes of which the second is no half that belongs to the first.
_SEAM: Final = re.compile(rb"\\u[0-9A-Fa-f]{4}(?=\\u(?![dD][c-fC-F]))")


class _Elsewhere(Exception):
    """A mark came out at another place than it was put at."""


def parse(data: bytes | bytearray, *, hold: bool = False) -> Any:
    """The value of a JSON text, as ``orjson.loads`` gives it.

    Args:
        data: The text.
        hold: Whether a long list that is a member of the whole may be a ``HeldList``: its items
            stand in ``data``, which must stay as it is until the list lets go of it.

    Raises:
        orjson.JSONDecodeError: It is none.
    """
    if len(data) <= _LONG:
        return orjson.loads(data)
    try:
        return _Long(data, hold=hold and len(data) > _VERY_LONG).parse()
    except (orjson.JSONDecodeError, _Elsewhere):
        return orjson.loads(data)


class _Long:
    """A long text on its way to its value."""

    def __init__(self, data: bytes | bytearray, *, hold: bool) -> None:
        self._data = data
        self._hold = hold
        self._nonce = token_hex()
        self._marks: dict[str, tuple[int, int]] = {}

    def parse(self) -> Any:
        """The value."""
        data = self._data
        parts: list[bytes | bytearray] = []
        at = 0
        for start, end in _long_strings(data):
            mark = f"{self._nonce}{len(parts)}"
            self._marks[mark] = (start, end)
            parts += (data[at:start], mark.encode())
            at = end
        if not parts:
            return self._parse_list(data)
        parts.append(data[at:])
        top = [self._parse_list(b"".join(parts))]
        for node, key in _places(top, self._marks):
            node[key] = _text(data, *self._marks.pop(node[key]))
        if self._marks:
            raise _Elsewhere
        return top[0]

    def _parse_list(self, data: bytes | bytearray) -> Any:
        """The value of a text of which a long list of objects is parsed some items at a time."""
        first = self._first_items(data) if len(data) > _LONG else None
        if first is None:
            return orjson.loads(data)
        mark = token_hex()
        left = (data[: first.start], _QUOTE, mark.encode(), b'",', data[first.end :])
        top = [orjson.loads(b"".join(left))]
        for node, key in _places(top, {mark: (0, 0)}):
            if type(node) is list and node is not top and key == 0:
                first.put(top[0], node)
                return top[0]
        raise _Elsewhere

    def _first_items(self, data: bytes | bytearray) -> _FirstItems | None:
        """Items of the first list that is long, among the first lists there are."""
        nonce = self._nonce.encode() if self._marks else b""
        for found in islice(_LIST.finditer(data), _LISTS):
            first = _FirstItems(data, found, nonce)
            first.parse(hold=self._hold)
            if first.end > first.start:
                return first
        return None


def _long_strings(data: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Where what may be long strings begins and ends: no quote that counts is in between."""
    at = 0
    while at + _LONG // 2 < len(data):
        end = _quote_from(data, at)
        if end < 0:
            return
        if end - at < _LONG // 2:
            at += _LONG // 2
            continue
        start = _quote_before(data, at) + 1
        if end - start >= _LONG:
            yield start, end
        at = end + 1


def _quote_from(data: bytes | bytearray, at: int) -> int:
    at = data.find(_QUOTE, at)
    while at > 0 and _is_escaped(data, at):
        at = data.find(_QUOTE, at + 1)
    return at


def _quote_before(data: bytes | bytearray, end: int) -> int:
    at = data.rfind(_QUOTE, 0, end)
    while at > 0 and _is_escaped(data, at):
        at = data.rfind(_QUOTE, 0, at)
    return at


def _is_escaped(data: bytes | bytearray, at: int) -> bool:
    count = 0
    while True:
        before = data[max(at - _NEAR, 0) : at]
        some = len(before) - len(before.rstrip(_ESCAPE))
        count += some
        if some < _NEAR:
            return count % 2 == 1
        at -= some


def _places(top: list[Any], marks: dict[str, tuple[int, int]]) -> Iterator[tuple[Any, Any]]:
    """Where marks came out: what holds each of them, and at which key."""
    waiting: list[Any] = [top]
    while waiting:
        node = waiting.pop()
        for key, value in _members(node):
            if type(value) is str:
                if value in marks:
                    yield node, key
            elif type(value) is dict or isinstance(value, list):
                waiting.append(value)


def _members(node: Any) -> Iterable[tuple[Any, Any]]:
    if type(node) is dict:
        return node.items()
    return node.kept() if type(node) is HeldList else enumerate(node)


def _text(data: bytes | bytearray, start: int, end: int) -> str:
    """What stands in a long string; a string that nothing else refers to grows in its place."""
    text = ""
    # Python 3.11 sees that it may grow so in a loop of this kind, and in no ``while``.
    for piece in _pieces(data, start, end):
        text += piece
    return text


def _pieces(data: bytes | bytearray, start: int, end: int) -> Iterator[str]:
    while start < end:
        seam = _seam(data, start + _PART, end)
        yield orjson.loads(b'"' + data[start:seam] + b'"')
        start = seam


def _seam(data: bytes | bytearray, at: int, end: int) -> int:
    """A place at or before ``at`` that most likely cuts neither a character nor an escape."""
    if at >= end:
        return end
    for place in range(at, at - _NEAR, -1):
        if data[place] & 0xC0 != 0x80 and _ESCAPE not in data[place - 6 : place]:
            return place
    between = _SEAM.search(data, at - _NEAR, at + _NEAR)
    return between.end() if between else at


class _FirstItems:
    """Those items of a list that begin alike and are parsed a piece at a time.

    Args:
        data: The text.
        found: Where in it the list begins, with the beginning of its first item.
        nonce: What marks begin with; nothing if there are none.

    Attributes:
        start: Where they begin.
        end: Where the rest of the list begins.
    """

    def __init__(self, data: bytes | bytearray, found: re.Match[bytes], nonce: bytes) -> None:
        self._data = data
        self.start = self.end = found.start(1)
        self._begin = found[1]
        self._nonce = nonce
        self._items: list[Any] = []
        self._parts: list[Part] = []
        self._marked: dict[int, Any] = {}

    def parse(self, *, hold: bool) -> None:
        """Parses as many as can be."""
        known: dict[str, str] = {}
        for start, end, items in self._pieces():
            if not hold:
                self._items += _sharing(items, known)
                continue
            text = memoryview(self._data)[start:end]
            if self._nonce and self._data.find(self._nonce, start, end) >= 0:
                count = sum(part.count for part in self._parts)
                self._marked |= dict(enumerate(items, count))
            self._parts.append(Part(text, len(items)))

    def put(self, top: Any, items: list[Any]) -> None:
        """Puts them in place of the first item of a list, which stands somewhere below ``top``."""
        if not self._parts:
            items[:1] = self._items
            return
        held = HeldList(self._parts, items[1:])
        for index, item in self._marked.items():
            held[index] = item
        for key, member in top.items() if type(top) is dict else ():
            if member is items:
                top[key] = held
                return
        items[:] = held
        held.let_go()

    def _pieces(self) -> Iterator[tuple[int, int, list[Any]]]:
        """Where items begin and end, some at a time, and their values."""
        data, begin = self._data, self._begin
        after, faults = self.end + _PIECE, 0
        while faults < _FAULTS and (place := data.find(begin, after)) >= 0:
            comma = _BEFORE.search(data, max(place - _NEAR, 0), place)
            end = comma.start() if comma else self.end
            try:
                items = orjson.loads(
                    b"".join((b"[", data[self.end : end] if comma else b",", b"]"))
                )
            except orjson.JSONDecodeError:
                faults += 1
                after = place + 1
            else:
                yield self.end, end, items
                self.end, after = place, place + _PIECE


def _sharing(items: list[Any], known: dict[str, str]) -> list[Any]:
    """The items, in which words that stand in many are one object: roles and types."""
    for item in items:
        if type(item) is dict:
            for key, value in item.items():
                if type(value) is str and len(value) <= _SHORT:
                    same = known.get(value)
                    if same is not None:
                        item[key] = same
                    elif len(known) < _SHARED:
                        known[value] = value
    return items

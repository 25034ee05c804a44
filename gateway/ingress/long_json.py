"""A long JSON text parsed and written in pieces, so that it is never held a second time.

orjson copies what it parses, and takes room for every value besides. So two things are cut out of
a long text and parsed on their own: what stands in long strings, and the items of a long list of
objects. A mark that nobody can foresee stands in their place in what is left.

Where to cut is a guess; that it was right is proved by what comes out. A mark that comes out as
a whole string stood between the quotes of one: there may stand any pieces that are each right
between quotes. A mark that comes out as the first item of a list stood before a comma in it: there
may stand any pieces that are each right between brackets. In all other cases the text is parsed as
it is, which also says what is wrong with it.

To write a text beyond ASCII, orjson has Python keep its UTF-8 beside it; so long ones are written
in pieces as well, where marks stand for them in the rest.
"""

from __future__ import annotations

import re
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["dump", "parse"]

_LONG: Final = 2**20
"""Bytes of a text that is parsed in pieces, and of a string in it."""
_LONG_TEXT: Final = 2**18
"""Characters of a text that is written in pieces."""
_PIECE: Final = 2**17
_NEAR: Final = 64
_FAULTS: Final = 4
"""Wrong guesses after which the rest of a list is parsed at once."""
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


def parse(data: bytes | bytearray) -> Any:
    """The value of a JSON text, as ``orjson.loads`` gives it.

    Raises:
        orjson.JSONDecodeError: It is none.
    """
    if len(data) <= _LONG:
        return orjson.loads(data)
    try:
        return _parse_long(data)
    except (orjson.JSONDecodeError, _Elsewhere):
        return orjson.loads(data)


def dump(value: Any) -> bytes | bytearray:
    """A value as compact JSON in UTF-8, as ``orjson.dumps`` gives it.

    Raises:
        orjson.JSONEncodeError: The value is none that JSON can hold.
    """
    texts: dict[str, str] = {}
    raw = orjson.dumps(_marked(value, texts))
    if not texts:
        return raw
    written = bytearray()
    at = 0
    for mark, text in texts.items():
        place = raw.index(mark.encode(), at)
        written += raw[at:place]
        for start in range(0, len(text), _PIECE):
            written += orjson.dumps(text[start : start + _PIECE])[1:-1]
        at = place + len(mark)
    written += raw[at:]
    return written


def _marked(value: Any, texts: dict[str, str]) -> Any:
    """The value with marks, in the order in which they will be written, for long texts."""
    if type(value) is dict or type(value) is list:
        steps = value.items() if type(value) is dict else enumerate(value)
        pairs = ((step, inner, _marked(inner, texts)) for step, inner in steps)
        changed = [(step, mark) for step, inner, mark in pairs if mark is not inner]
        copy = value.copy() if changed else value
        for step, mark in changed:
            copy[step] = mark
        return copy
    if type(value) is not str or len(value) <= _LONG_TEXT or value.isascii():
        return value
    mark = token_hex()
    texts[mark] = value
    return mark


def _parse_long(data: bytes | bytearray) -> Any:
    marks: dict[str, tuple[int, int]] = {}
    parts: list[bytes | bytearray] = []
    at = 0
    for start, end in _long_strings(data):
        mark = token_hex()
        marks[mark] = (start, end)
        parts += (data[at:start], mark.encode())
        at = end
    if not marks:
        return _parse_list(data)
    parts.append(data[at:])
    top = [_parse_list(b"".join(parts))]
    for node, key in _places(top, marks):
        node[key] = _text(data, *marks.pop(node[key]))
    if marks:
        raise _Elsewhere
    return top[0]


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
        for key, value in node.items() if type(node) is dict else enumerate(node):
            if type(value) is str:
                if value in marks:
                    yield node, key
            elif type(value) is dict or type(value) is list:
                waiting.append(value)


def _text(data: bytes | bytearray, start: int, end: int) -> str:
    """What stands in a long string; a string that nothing else refers to grows in its place."""
    text = ""
    # Python 3.11 sees that it may grow so in a loop of this kind, and in no ``while``.
    for piece in _pieces(data, start, end):
        text += piece
    return text


def _pieces(data: bytes | bytearray, start: int, end: int) -> Iterator[str]:
    while start < end:
        seam = _seam(data, start + _PIECE, end)
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


def _parse_list(data: bytes | bytearray) -> Any:
    """The value of a text of which the first list of objects is parsed some items at a time."""
    found = _LIST.search(data) if len(data) > _LONG else None
    if found is None:
        return orjson.loads(data)
    items: list[Any] = []
    rest = _parse_items(data, found.start(1), found[1], items)
    mark = token_hex()
    left = b"".join((data[: found.start(1)], _QUOTE, mark.encode(), b'",', data[rest:]))
    top = [orjson.loads(left)]
    for node, key in _places(top, {mark: (0, 0)}):
        if type(node) is list and node is not top and key == 0:
            node[:1] = items
            return top[0]
    raise _Elsewhere


def _parse_items(data: bytes | bytearray, at: int, begin: bytes, items: list[Any]) -> int:
    """Parses items of a list that begin alike, as many as can be; gives where the rest begins."""
    known: dict[str, str] = {}
    after, faults = at + _PIECE, 0
    while faults < _FAULTS and (place := data.find(begin, after)) >= 0:
        comma = _BEFORE.search(data, max(place - _NEAR, 0), place)
        piece = data[at : comma.start()] if comma else b","
        try:
            items += _sharing(orjson.loads(b"[" + piece + b"]"), known)
        except orjson.JSONDecodeError:
            faults += 1
            after = place + 1
        else:
            at, after = place, place + _PIECE
    return at


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

"""JSON (RFC 8259) read so that no two parsers can disagree about it, and written anew.

Every JSON parser of Python takes duplicate keys, and the last one wins; a scanner and an upstream
that disagree about which one counts are an open door. orjson does the parsing; that no key was
dropped is then proved by arithmetic: each member of an object has exactly one colon of its own,
so the colons of the text are those of the members plus those inside strings. A dropped member
takes its colon along. Only texts that do not add up are read again, slowly, to say why.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson

from gateway.errors import BadRequest, InternalFault
from gateway.ingress.held_list import HeldList
from gateway.ingress.json_writing import Later, dump, dumped
from gateway.ingress.long_json import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["MAX_DEPTH", "MAX_VALUES", "dumped_long", "dumps", "dumps_long", "loads"]

MAX_DEPTH: Final = 64
"""Objects and arrays that may stand inside each other."""

MAX_VALUES: Final = 1_000_000
"""Values that may stand in one text: what is read of a request takes time for each of them."""

_BOM: Final = b"\xef\xbb\xbf"
_MAX_CONTAINERS: Final = 100_000
_MAX_BRACKETS: Final = 1_000_000
_LARGE: Final = 2**18
_UNSURE: Final = -(2**62)
_LEAST, _MOST = -(2**63), 2**64 - 1
_EXACT: Final = float(2**63)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]')

# fmt: off
_FIELDS: Final = frozenset((
    "arguments", "audio", "cache_control", "choices", "content", "contents", "description", "file",
    "function", "function_call", "functions", "generationConfig", "image_url", "input", "items",
    "json_schema", "max_tokens", "messages", "metadata", "model", "name", "options", "parameters",
    "parts", "prompt", "properties", "reasoning", "required", "response_format", "role", "schema",
    "source", "stop", "stream", "stream_options", "system", "systemInstruction", "temperature",
    "text", "thinking", "tool_calls", "tool_choice", "tools", "type",
))
# fmt: on


def loads(
    data: bytes | bytearray,
    *,
    max_depth: int = MAX_DEPTH,
    max_values: float = MAX_VALUES,
    hold: bool = False,
) -> Any:
    """The value of a JSON text.

    Refused are duplicate keys, NaN and the infinities, numbers that overflow to them, integers
    beyond 64 bits, lone surrogates, control characters, a byte-order mark, anything that is not
    UTF-8, nesting deeper than ``max_depth``, more than ``max_values`` values, and more than
    100 000 objects and arrays or a million brackets (also those in strings), as millions of empty
    arrays cost seconds.

    Args:
        data: The text.
        max_depth: Objects and arrays that may stand inside each other.
        max_values: Values that may stand in it.
        hold: As for ``long_json.parse``.

    Raises:
        BadRequest: Says what is wrong and where, by character or JSON Pointer (RFC 6901), and
            repeats nothing of the text: keys other than field names of known APIs are ``*``.
    """
    if len(data) > _MAX_BRACKETS and data.count(b"{") + data.count(b"[") > _MAX_BRACKETS:
        _refuse(f"more than {_MAX_BRACKETS} brackets")
    try:
        value = parse(data, hold=hold)
    except orjson.JSONDecodeError as error:
        _refuse_syntax(data, error)
    walk = _Walk(data, max_depth)
    walk.through([value], max_depth)
    if walk.values > max_values:
        _refuse(f"more than {max_values} values")
    if walk.colons != _colons_of_text(data):
        _read_again(data, max_depth)
    return value


def dumps(value: Any) -> bytes:
    """A value as compact JSON in UTF-8.

    Raises:
        InternalFault: The value is none that JSON can hold; values from ``loads`` always are.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise _unwritable() from error


def dumps_long(value: Any, later: Later | None = None) -> bytes | bytearray:
    """The same for a value in which there may be long texts and held lists, with fewer copies.

    Args:
        value: The value.
        later: What marks in it stand for.

    Raises:
        InternalFault: The value is none that JSON can hold; values from ``loads`` always are.
    """
    try:
        return dump(value, later or Later())
    except orjson.JSONEncodeError as error:
        raise _unwritable() from error


def dumped_long(value: Any, later: Later) -> Iterator[bytes | bytearray]:
    """The same piece by piece; arguments and errors are those of ``dumps_long``."""
    try:
        yield from dumped(value, later)
    except orjson.JSONEncodeError as error:
        raise _unwritable() from error


def _unwritable() -> InternalFault:
    return InternalFault("json: a value of ours cannot be written")


def _colons_of_text(data: bytes | bytearray) -> int:
    """The colons of a text and its escapes of colons, of which some may be none.

    An escaped backslash before ``u003a`` makes it count too much, as a dropped member does: both
    send the text to be read again, and neither can make up for the other.
    """
    colons = data.count(b":")
    if b"\\u003" in data:
        colons += data.count(b"\\u003a") + data.count(b"\\u003A")
    return colons


class _Walk:
    """A walk through a value, level by level, that counts what its text must have.

    Attributes:
        colons: The colons that the text has if no member was dropped; negative if unsure.
        values: Values in it.
    """

    def __init__(self, data: bytes | bytearray, max_depth: int) -> None:
        self._data = data
        self._max_depth = max_depth
        self._containers = 0
        self.colons = 0
        self.values = 0

    def through(self, top: Sequence[Any], depth: int) -> None:
        """Counts some values and all that is in them, down to some depth below them."""
        strings: list[str] = []
        level: list[Any] = [top]
        while level:
            level = self._level(level, strings, depth)
            self._containers += len(level)
            if self._containers > _MAX_CONTAINERS:
                _refuse(f"more than {_MAX_CONTAINERS} objects and arrays")
            if level and not depth:
                _refuse_depth(self._data, self._max_depth)
            depth -= 1
        self.colons += _colons_in(strings, len(self._data))

    def _level(self, level: list[Any], strings: list[str], depth: int) -> list[Any]:
        members = values = 0
        below: list[Any] = []
        for node in level:
            inner = node
            if type(node) is dict:
                members += len(node)
                strings += node
                inner = node.values()
            elif type(node) is HeldList:
                for piece in node.pieces():
                    self.through(piece, depth)
                continue
            values += len(node)
            for value in inner:
                kind = type(value)
                if kind is str:
                    strings.append(value)
                elif kind is dict or kind is list or kind is HeldList:
                    below.append(value)
                elif kind is float and not -_EXACT < value < _EXACT:
                    members += _UNSURE  # an integer beyond 64 bits looks like this, as does 1e30
        self.colons += members
        self.values += values
        return below


def _colons_in(strings: list[str], size: int) -> int:
    # Joined they are counted at once, but that is one more copy of all texts.
    if size < _LARGE:
        return "".join(strings).count(":")
    return sum(one.count(":") for one in strings)


def _read_again(data: bytes | bytearray, max_depth: int) -> None:
    """Finds the duplicate key or the integer that is too large, if there is one."""
    try:
        value = _SLOW.decode(data.decode())
    except RecursionError:
        _refuse_depth(data, max_depth)
    if value is _TOO_LARGE:
        _refuse("an integer is beyond 64 bits at the top")
    for place, node in _containers(value):
        if isinstance(node, _Twice):
            _refuse("duplicate key in the object at " + (place or "the top"))
        for step, inner in _steps(node):
            if inner is _TOO_LARGE:
                _refuse(f"an integer is beyond 64 bits at {place}/{_shown(step)}")


class _Twice(dict[str, Any]):
    """An object in which a key stood twice."""


_TOO_LARGE: Final = object()
"""Stands for an integer beyond 64 bits."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _Twice(members)


def _integer(digits: str) -> object:
    if len(digits) > 20 or not _LEAST <= (value := int(digits)) <= _MOST:
        return _TOO_LARGE
    return value


_SLOW: Final = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)


def _containers(root: Any) -> Iterator[tuple[str, Any]]:
    """The objects and lists of a value with their JSON Pointers, in the order of the text."""
    waiting = [("", root)] if isinstance(root, (dict, list)) else []
    while waiting:
        place, node = waiting.pop()
        yield place, node
        inside = [
            (f"{place}/{_shown(step)}", inner)
            for step, inner in _steps(node)
            if isinstance(inner, (dict, list))
        ]
        waiting += reversed(inside)


def _steps(node: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    return node.items() if isinstance(node, dict) else enumerate(node)


def _shown(step: str | int) -> str:
    return str(step) if isinstance(step, int) or step in _FIELDS else "*"


def _refuse_syntax(data: bytes | bytearray, error: orjson.JSONDecodeError) -> NoReturn:
    if data.startswith(_BOM):
        _refuse("it starts with a byte-order mark")
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        _refuse(f"not UTF-8 at byte {wrong.start}")
    # orjson's messages are constants of its parser and hold nothing of the text.
    _refuse(f"{error.msg} at character {error.pos}")


def _refuse_depth(data: bytes | bytearray, max_depth: int) -> NoReturn:
    """Says where the first object or array begins that is too deep."""
    depth = 0
    for found in _TOKEN.finditer(data.decode()):
        bracket = found[0]
        depth += (bracket in "[{") - (bracket in "]}")
        if depth > max_depth:
            _refuse(f"nested deeper than {max_depth} levels at character {found.start()}")
    _refuse(f"nested deeper than {max_depth} levels")


def _refuse(kind: str) -> NoReturn:
    # Without a cause: the parser's own error holds the whole text.
    raise BadRequest(
        f"json: {kind}", message=f"The request body is not valid JSON: {kind}."
    ) from None

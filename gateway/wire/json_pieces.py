"""Reads JSON that arrives in pieces, such as the arguments of a tool call in a stream.

What comes is told apart as it comes: what a string says, with its spelling beside it; numbers that
are texts; and what stands between. All spellings joined are the source, to the letter. Where the
source stops being JSON, the reader says so and reads no further; so it does below 64 levels, where
nothing but a scalar stands, and at numbers of more than 4 300 characters, as for whole answers
(``embedded``). Control characters in strings stand for themselves.

Pure and bounded: between two pieces it keeps an unfinished escape, an unfinished number with the
white space behind it, and one letter per level.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple

from gateway.wire.embedded import MAX_DEPTH
from gateway.wire.numbers import said_by_spelling

__all__ = ["JsonPieces", "Kind", "Piece", "escaped", "unescaped"]

_LONGEST_REST: Final = 4300
_SPACE: Final = " \t\n\r"
_TOKEN: Final = re.compile(r"[ \t\n\r]*(?:([{}\[\],:\"])|([-+.0-9A-Za-z]+)[ \t\n\r]*|\Z)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_LITERALS: Final = frozenset({"true", "false", "null"})
_PLAIN: Final = re.compile(r'[^"\\]+')
_ESCAPE: Final = re.compile(
    r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})"
    r'|u([0-9A-Fa-f]{4})|(["\\/bfnrt]))'
)
_UNFINISHED: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9A-Fa-f]{2}(?:\\(?:u(?:[dD](?:[c-fC-F][0-9A-Fa-f]?)?)?)?)?"
    r"|u[0-9A-Fa-f]{0,3})?"
)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_TO_ESCAPE: Final = {
    **{code: f"\\u{code:04x}" for code in range(0x20)},
    **{ord(char): f"\\{letter}" for letter, char in _SHORT.items()},
    **{ord(char): f"\\{char}" for char in '"\\'},
}
_LONE: Final = "\ufffd"
"""What half of a surrogate pair says: there is no text that has it."""


class Kind(Enum):
    """What a piece is."""

    BETWEEN = auto()
    """Structure, literals, short numbers, white space and quotes."""
    KEY = auto()
    """A member's name begins; no source."""
    STRING = auto()
    """A string begins; no source."""
    PLAIN = auto()
    """A part of a name or string that says what is written."""
    ESCAPE = auto()
    """One character of a name or string that is written as an escape."""
    END = auto()
    """The name or string ends; no source."""
    NUMBER = auto()
    """A number that is a text, or a scalar that the source leaves unfinished."""


class Piece(NamedTuple):
    """A piece of JSON: how it is written, and what it says where it is a text."""

    kind: Kind
    source: str = ""
    text: str = ""

    def __repr__(self) -> str:
        return f"Piece({self.kind.name})"


class _Next(Enum):
    """What may come next, white space aside."""

    TOP = auto()
    VALUE = auto()
    VALUE_OR_END = auto()
    NAME = auto()
    NAME_OR_END = auto()
    COLON = auto()
    COMMA_OR_END = auto()
    NOTHING = auto()


_VALUES: Final = frozenset({_Next.VALUE, _Next.VALUE_OR_END})
_NAMES: Final = frozenset({_Next.NAME, _Next.NAME_OR_END})
_ENDS: Final = frozenset({_Next.VALUE_OR_END, _Next.NAME_OR_END, _Next.COMMA_OR_END})
_CLOSES: Final = {"}": "{", "]": "["}


class JsonPieces:
    """Reads one JSON text."""

    __slots__ = ("_broken", "_cut", "_in_string", "_levels", "_next", "_rest")

    def __init__(self) -> None:
        self._next = _Next.TOP
        self._levels: list[str] = []
        self._in_string = False
        self._rest = ""
        self._cut = False
        self._broken = False

    @property
    def broken(self) -> bool:
        """The source is no JSON, or goes on where it had ended; nothing more is read."""
        return self._broken

    @property
    def waiting(self) -> int:
        """Characters that came and are in no piece yet."""
        return len(self._rest)

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are complete now."""
        # An escape or a scalar of which a part is out already cannot go on.
        self._broken = self._broken or (self._cut and bool(text))
        if self._broken:
            return []
        text, self._rest = self._rest + text, ""
        pieces: list[Piece] = []
        at = 0
        while at < len(text):
            read = self._read_string if self._in_string else self._read_between
            at = read(text, at, pieces)
        if len(self._rest) > _LONGEST_REST:
            # White space and digits without end are not waited for.
            self._broken = True
        return pieces

    def close(self) -> list[Piece]:
        """What is left when no more text comes. If some does, it goes on from here."""
        rest, self._rest = self._rest, ""
        if self._broken or not rest:
            return []
        if self._in_string:
            self._cut = True
            return [Piece(Kind.BETWEEN, rest)]
        atom = rest.strip(_SPACE)
        # Cut off in the middle, it may be anything yet.
        self._cut = not _is_scalar(atom)
        self._value_ends()
        pieces: list[Piece] = []
        _add_scalar(pieces, rest, atom)
        return pieces

    def _read_string(self, text: str, at: int, pieces: list[Piece]) -> int:
        """Reads on in a string, to its end if that is there; returns up to where."""
        while at < len(text):
            plain = _PLAIN.match(text, at)
            if plain is not None:
                pieces.append(Piece(Kind.PLAIN, plain[0], plain[0]))
                at = plain.end()
            elif text[at] == '"':
                self._in_string = False
                pieces += (Piece(Kind.END), Piece(Kind.BETWEEN, '"'))
                return at + 1
            elif _UNFINISHED.fullmatch(text, at):
                self._rest, at = text[at:], len(text)
            elif (escape := _ESCAPE.match(text, at)) is not None:
                pieces.append(Piece(Kind.ESCAPE, escape[0], _meaning(escape)))
                at = escape.end()
            else:
                self._broken, at = True, len(text)
        return at

    def _read_between(self, text: str, start: int, pieces: list[Piece]) -> int:
        """Reads on to the next string; returns up to where."""
        at = start
        while at < len(text) and not self._in_string:
            token = _TOKEN.match(text, at)
            if token is None:
                self._broken = True
            elif token[2] is not None:
                _add_between(pieces, text[start:at])
                start = self._read_atom(token, pieces)
            elif token[1] is not None:
                self._read_sign(token[1])
            if token is None or self._broken or self._rest:
                return len(text)
            at = token.end()
        self._leave(text[start:at], pieces)
        return at

    def _leave(self, source: str, pieces: list[Piece]) -> None:
        _add_between(pieces, source)
        if self._in_string:
            is_name = self._next in _NAMES
            self._next = _Next.COLON if is_name else self._after_value()
            pieces.append(Piece(Kind.KEY if is_name else Kind.STRING))

    def _read_sign(self, sign: str) -> None:
        follows, level = self._next, self._levels[-1:]
        if sign == '"' and follows in _VALUES | _NAMES:
            self._in_string = True
        elif sign in "{[" and (follows in _VALUES or follows is _Next.TOP):
            self._levels.append(sign)
            self._next = _Next.NAME_OR_END if sign == "{" else _Next.VALUE_OR_END
            self._broken = len(self._levels) > MAX_DEPTH
        elif sign in _CLOSES and follows in _ENDS and level == [_CLOSES[sign]]:
            self._levels.pop()
            self._value_ends()
        elif sign == "," and follows is _Next.COMMA_OR_END:
            self._next = _Next.NAME if level == ["{"] else _Next.VALUE
        elif sign == ":" and follows is _Next.COLON:
            self._next = _Next.VALUE
        else:
            self._broken = True

    def _read_atom(self, token: re.Match[str], pieces: list[Piece]) -> int:
        """Reads a scalar if what follows it is there and may follow it."""
        text, end = token.string, token.end()
        if self._next not in _VALUES:
            self._broken = True
        elif end == len(text):
            self._rest = token[0]
        elif text[end] not in ",]}" or not _is_scalar(token[2]):
            self._broken = True
        else:
            _add_scalar(pieces, token[0], token[2])
            self._value_ends()
        return end

    def _value_ends(self) -> None:
        self._next = self._after_value()

    def _after_value(self) -> _Next:
        return _Next.COMMA_OR_END if self._levels else _Next.NOTHING


def escaped(text: str) -> str:
    """A text as it may stand in a JSON string; letters beyond ASCII stand for themselves."""
    return text.translate(_TO_ESCAPE)


def unescaped(source: str) -> tuple[str, list[int]]:
    """A text with the escapes of JSON undone wherever they stand, be it JSON or not.

    Returns:
        What it says, and where in the source each of its characters begins, and the end.
    """
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for escape in _ESCAPE.finditer(source):
        start, end = escape.span()
        parts += (source[at:start], _meaning(escape))
        places += range(at, start + 1)
        at = end
    parts.append(source[at:])
    places += range(at, len(source) + 1)
    return "".join(parts), places


def _meaning(escape: re.Match[str]) -> str:
    high, low, four, short = escape.groups()
    if short is not None:
        return _SHORT.get(short, short)
    if high is not None:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    code = int(four, 16)
    return _LONE if 0xD800 <= code < 0xE000 else chr(code)


def _is_scalar(atom: str) -> bool:
    """Whether it is a scalar, and all of one."""
    return atom in _LITERALS or _NUMBER.fullmatch(atom) is not None


def _add_scalar(pieces: list[Piece], source: str, atom: str) -> None:
    """Adds a scalar with the white space around it."""
    before, _, after = source.partition(atom)
    _add_between(pieces, before)
    if not _is_scalar(atom):
        pieces.append(Piece(Kind.NUMBER, atom, atom))
    elif atom in _LITERALS or (said := said_by_spelling(atom)) is None:
        pieces.append(Piece(Kind.BETWEEN, atom))
    else:
        pieces.append(Piece(Kind.NUMBER, atom, said))
    _add_between(pieces, after)


def _add_between(pieces: list[Piece], source: str) -> None:
    if source:
        pieces.append(Piece(Kind.BETWEEN, source))

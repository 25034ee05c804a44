"""One automaton for all expressions, and the exact finder of each.

Hyperscan answers which expressions occur in a text at all, in one pass over it and in linear time.
RE2 then says where, also in linear time, for those that do.
"""

from __future__ import annotations

import threading
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import hyperscan
import re2

from gateway.scan.regex import Regex, RegexError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Automaton",
    "Literals",
    "Whole",
    "check_pattern",
    "compile_ahead",
    "compile_any",
    "compile_exact",
    "compile_open",
    "compile_starts",
    "ending",
    "forget",
    "searching",
]

_FLAGS: Final = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH
_MEMORY: Final = 32 << 20
_FROM_THE_START: Final = re2._Anchor.ANCHOR_START  # noqa: SLF001 - as in ``ending``
_ANYWHERE: Final = re2._Anchor.UNANCHORED  # noqa: SLF001 - as in ``searching``
WIDEST: Final = 1024
"""Most characters that a match of a policy's expression may have."""
Whole: TypeAlias = "Callable[[bytes], object]"
"""Whether a text in UTF-8 matches as a whole; what it gives is true if so."""
_MOST_WHOLES: Final = 512
_WHOLES: Final[dict[bytes, Whole]] = {}


class Automaton:
    """Tells which of many expressions occur in a text; safe to share between threads.

    Raises:
        RegexError: Hyperscan does not take the expressions.
    """

    def __init__(self, triggers: Sequence[str]) -> None:
        self._local = threading.local()
        self._triggers = triggers
        self._database = _database(triggers, hyperscan.HS_MODE_BLOCK)
        self._scratch = hyperscan.Scratch(self._database)

    def occurring(self, data: bytes | memoryview) -> list[int]:
        """Indices of the expressions that occur in ``data``, which is UTF-8."""
        buffer: Any = data
        try:
            scratch = self._local.scratch
        except AttributeError:
            scratch = self._local.scratch = self._scratch.clone()
        found: list[int] = []
        self._database.scan(buffer, match_event_handler=_collect, context=found, scratch=scratch)
        return found

    def occurring_in(self, pieces: Iterable[bytes]) -> list[int]:
        """The same of a text that is given in pieces, of which none is kept."""
        found: list[int] = []
        scratch = hyperscan.Scratch(self._streaming)
        with self._streaming.stream(match_event_handler=_collect, context=found) as stream:
            for piece in pieces:
                stream.scan(piece, scratch=scratch)
        return found

    @cached_property
    def _streaming(self) -> hyperscan.Database:
        return _database(self._triggers, hyperscan.HS_MODE_STREAM)


def _database(triggers: Sequence[str], mode: int) -> hyperscan.Database:
    database = hyperscan.Database(mode=mode)
    try:
        database.compile(
            expressions=[trigger.encode() for trigger in triggers],
            ids=list(range(len(triggers))),
            elements=len(triggers),
            flags=[_FLAGS] * len(triggers),
        )
    except hyperscan.error as error:
        raise RegexError(f"Hyperscan does not take it: {error}") from None
    return database


def _collect(index: int, _start: int, _end: int, _flags: int, found: Any) -> None:
    found.append(index)


class Literals:
    """Tells where plain words end in a text; safe to share between threads.

    Args:
        words: The bytes of each word, none of them empty.
    """

    def __init__(self, words: Sequence[bytes]) -> None:
        self._local = threading.local()
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        ids = list(range(len(words)))
        flags = [0] * len(words)
        self._database.compile(words, ids=ids, elements=len(words), flags=flags, literal=True)
        self._scratch = hyperscan.Scratch(self._database)

    def ends(self, data: bytes) -> list[tuple[int, int]]:
        """The index of each word that occurs in ``data``, and the byte after it, each time."""
        try:
            scratch = self._local.scratch
        except AttributeError:
            scratch = self._local.scratch = self._scratch.clone()
        found: list[tuple[int, int]] = []
        self._database.scan(data, match_event_handler=_collect_end, context=found, scratch=scratch)
        return found


def _collect_end(index: int, _start: int, end: int, _flags: int, found: Any) -> None:
    found.append((index, end))


def compile_exact(expression: str) -> Any:
    """An RE2 expression over UTF-8 bytes that prefers the leftmost, then the longest match.

    Raises:
        RegexError: RE2 does not take it.
    """
    return _compile(expression)


def compile_open(regexes: Iterable[Regex], memory: int = _MEMORY) -> Any:
    """An expression that, on a reversed text, spans from its end to the leftmost open match.

    Raises:
        RegexError: RE2 does not take it, or not with so many bytes of memory.
    """
    return compile_any([regex.behind for regex in regexes], memory)


def compile_any(expressions: Iterable[str], memory: int = _MEMORY) -> Any:
    """An RE2 expression that matches what one of some matches.

    Raises:
        RegexError: RE2 does not take it, or not with so many bytes of memory.
    """
    return _compile("|".join(f"(?:{one})" for one in expressions), memory)


def ending(expression: Any) -> Callable[[bytes], int]:
    """Tells where the longest match of a compiled expression ends that begins a text.

    The objects that RE2's module makes of a match take four times as long as RE2 does for a word.
    """
    match = expression._regexp.Match  # noqa: SLF001 - see above

    def end(data: bytes) -> int:
        found: int = match(_FROM_THE_START, data, 0, len(data))[0][1]
        return found

    return end


def searching(expression: Any) -> Callable[[bytes], bool]:
    """Tells whether a compiled expression matches somewhere in a text, in the same way."""
    match = expression._regexp.Match  # noqa: SLF001 - see above

    def found(data: bytes) -> bool:
        start: int = match(_ANYWHERE, data, 0, len(data))[0][0]
        return start >= 0

    return found


def compile_ahead(regexes: Iterable[Regex]) -> Whole:
    """Tells what more text could complete or lengthen to a match."""
    return _compile_whole("|".join(f"(?:{regex.ahead})" for regex in regexes))


def compile_starts(regexes: Iterable[Regex], count: int) -> Whole:
    """Tells what matches begin with, up to so many characters; small beside the rest."""
    return _compile_whole("|".join(f"(?:{regex.starts(count)})" for regex in regexes))


def _compile(expression: str, memory: int = _MEMORY) -> Any:
    try:
        return re2.compile(expression.encode(), _options(memory))
    except re2.error as error:
        detail = error.args[0] if error.args else "unknown"
        text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
        raise RegexError(f"RE2 does not take it: {text}") from None


def _compile_whole(expression: str) -> Whole:
    """A set of one expression, which only tells whether a text matches as a whole.

    It takes half as much memory: it keeps neither the expression nor its tree, from which others
    make what finds where a match begins, and no room for the longest match. Compiling it tries
    whether it has the room for its states; asking it cannot fail. The sets made last are known by
    their expressions' hashes, as the next policy wants most of them again.
    """
    data = expression.encode()
    name = sha256(data).digest()
    known = _WHOLES.get(name)
    if known is not None:
        return known
    one = re2.Set.FullMatchSet(_options())
    try:
        one.Add(data)
        one.Compile()
    except re2.error:
        raise RegexError("RE2 does not take it as a whole") from None
    if len(_WHOLES) >= _MOST_WHOLES:
        _WHOLES.clear()
    found: Whole = one.Match
    _WHOLES[name] = found
    return found


def _options(memory: int = _MEMORY) -> Any:
    options = re2.Options()
    options.longest_match = True
    options.log_errors = False
    options.max_mem = memory
    options.encoding = re2.Options.Encoding.UTF8
    return options


def forget() -> None:
    """Drops what RE2's module keeps of expressions that nobody else keeps."""
    re2.purge()


def check_pattern(pattern: str) -> str | None:
    """What is wrong with a policy's expression, as a sentence; ``None`` if nothing is."""
    try:
        regex = Regex(pattern, ignore_case=True)
    except RegexError as error:
        return f"the pattern does not work: {error}"
    if regex.shortest == 0:
        return "the pattern matches the empty string; require at least one character"
    if regex.longest > WIDEST:
        return (
            f"a match of the pattern may be longer than {WIDEST} characters; "
            "bound each repetition, such as {1,64} instead of +, or {0,64} instead of *"
        )
    return _engines_refuse(regex)


def _engines_refuse(regex: Regex) -> str | None:
    try:
        compile_exact(regex.exact)
        compile_open([regex])
        Automaton([regex.trigger])
    except RegexError as error:
        return f"the pattern does not work: {error}"
    return None

"""Scans the JSON of a tool call as it is streamed: each of its values as a text of its own.

Strings and names are read as what they say, and what replaces a part of them is escaped; a long
number that is replaced becomes a string. So the arguments stay the JSON that they were, and
what nothing changed keeps its spelling to the letter. A name cannot be replaced: a finding that
would is a block.

Where the source turns out to be no JSON, the rest of it waits for its end and is then read as a
whole answer's would be (``json_source``). What stood before has left by then, read value by value:
where that reading finds something to take out of it, the stream is blocked.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.finding import Finding
from gateway.scan.rewriting import REDACTING, Rewriter
from gateway.scan.stream import UNDECIDED
from gateway.steps.copying import CopyScanner, nobody
from gateway.steps.json_source import scan_source
from gateway.terms import Action
from gateway.wire.json_pieces import JsonPieces, Kind, Piece, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.scan.engine import Engine
    from gateway.scan.finding import Scan
    from gateway.scan.pseudonyms import Pseudonyms
    from gateway.scan.rewriting import Words
    from gateway.scan.stream import StreamScanner
    from gateway.steps.copying import Copying, Tool
    from gateway.terms import Provenance

__all__ = ["ArgumentScanner", "Means"]

_ARGUMENT: Final[Provenance] = "argument"


@dataclass(frozen=True, slots=True)
class Means:
    """What the texts of an answer are scanned with.

    Attributes:
        engine: The policy's scanners.
        scanners: Those that read.
        pseudonyms: The stand-ins of the call, where there are any.
        most_held: Characters that may wait for a decision.
        copying: What rules say of copies in arguments, if anything.
        tool: Says of which tool the arguments are that are scanned, as far as that is known.
    """

    engine: Engine
    scanners: Sequence[str]
    pseudonyms: Pseudonyms | None
    most_held: int
    copying: Copying | None = None
    tool: Tool = nobody

    @property
    def blame(self) -> str:
        """The scanner that is named where none has found anything."""
        engine = self.engine
        return engine.shown[(*engine.readers(_ARGUMENT, self.scanners), *self.scanners)[0]]

    def scanner(self, provenance: Provenance, *, rewritable: bool) -> StreamScanner | CopyScanner:
        """A scanner for a text in which another may stand, or none."""
        words: Words = REDACTING
        if self.pseudonyms is not None:
            words = self.pseudonyms.inward if rewritable else self.pseudonyms.fixed
        plain = self.engine.stream(provenance, self.scanners, words, most_held=self.most_held)
        if self.copying is None or provenance != _ARGUMENT:
            return plain
        return CopyScanner(plain, self.copying, self.tool, self.most_held)

    @property
    def source_words(self) -> Words:
        """What stands for values in a source that is no JSON, though it may be read as such."""
        return REDACTING if self.pseudonyms is None else self.pseudonyms.inward.in_json

    def scan_source(self, source: str) -> Scan:
        """A scan of all of such a source."""
        scan = scan_source(self.engine, source, _ARGUMENT, self.scanners, self.source_words)
        copied = () if self.copying is None else tuple(self.copying.found(source, self.tool()))
        if not copied:
            return scan
        action = max(scan.action, *(one.action for one in copied))
        return replace(scan, findings=(*scan.findings, *copied), action=action)


@dataclass(slots=True, eq=False)
class _Value:
    """A name, string or number, and what reads it.

    Attributes:
        said: All that it says so far.
        fresh: How many pieces of it were not read yet.
        ready: Its settled characters that are in line to leave.
    """

    kind: Kind
    scanner: StreamScanner | CopyScanner
    said: list[str] = field(default_factory=list, repr=False)
    fresh: int = 0
    ready: int = 0

    def news(self) -> str:
        """What was not read yet."""
        count, self.fresh = self.fresh, 0
        return "".join(self.said[len(self.said) - count :])

    @property
    def barred(self) -> bool:
        """Whether it may not leave, because something would have to stand for a part of it."""
        return self.kind is Kind.KEY and self.scanner.action >= Action.TOKENISE

    def matches(self) -> Iterator[tuple[Finding, str]]:
        if not self.scanner.findings:
            return
        said = "".join(self.said)
        for one in self.scanner.findings:
            barred = self.kind is Kind.KEY and one.action >= Action.TOKENISE
            found = replace(one, action=Action.BLOCK) if barred else one
            yield found, said[one.start : one.end]


class _Unit(NamedTuple):
    """A part of the source in line to leave.

    Attributes:
        source: How it is written.
        text: What it says, and its scanner settles.
        value: What it is a part of; None for what no scanner reads.
        instead: What leaves in its place, where that is known.
    """

    source: str
    text: str = ""
    value: _Value | None = None
    instead: str | None = None

    @property
    def divisible(self) -> bool:
        """Whether a part of it may leave on its own."""
        return self.value is None or (self.text == self.source and self.value.kind != Kind.NUMBER)

    def cut(self, count: int) -> tuple[_Unit, _Unit]:
        """It in two; what leaves in its place leaves with the first."""
        source, text, value, instead = self
        first = _Unit(source[:count], text[:count], value, instead)
        return first, _Unit(source[count:], text[count:], value, None if instead is None else "")


class ArgumentScanner:
    """One text of JSON on its way to a client; what a ``StreamScanner`` is to other texts.

    Attributes:
        chars: Characters of names, strings and long numbers so far.
        blocked: Whether a finding blocks.
        is_clean: Whether nothing is found in names and values that have ended, and nothing
            replaced, and all of it is JSON so far.
    """

    __slots__ = (
        "_closed", "_found", "_length", "_means", "_reader", "_ready", "_rest", "_settled",
        "_source", "_taken", "_value", "_waiting", "blocked", "chars",
        "is_clean",
    )  # fmt: skip

    def __init__(self, means: Means) -> None:
        self._means = means
        self._reader = JsonPieces()
        self._source: list[str] = []
        self._length = 0
        self._waiting: deque[_Unit] = deque()
        self._ready: deque[_Unit] = deque()
        self._settled = 0
        self._taken = 0
        self._value: _Value | None = None
        self._rest: Rewriter | None = None
        self._found: list[tuple[Finding, str]] = []
        self._closed = False
        self.chars = 0
        self.blocked = False
        self.is_clean = True

    def feed(self, text: str) -> None:
        """Take the next piece of the source."""
        self._source.append(text)
        self._length += len(text)
        if self.blocked or self._closed or not text:
            return
        self._take_in(self._reader.feed(text))
        if self._value is not None and self._value.fresh and not self.blocked:
            self._value.scanner.feed(self._value.news())
            self._judge(self._value)
        self._settle()
        if self._held > self._means.most_held:
            self._give_up()

    def close(self) -> None:
        """There is no more source: everything that came settles."""
        if self._closed:
            return
        self._closed = True
        if self.blocked:
            return
        if self._reader.broken:
            self.is_clean = False
            self._conclude()
            return
        self._take_in(self._reader.close())
        if self._value is not None:
            self._value.scanner.close()
            self._judge(self._value)
            self.is_clean = self.is_clean and self._value.scanner.is_clean
        self._settle()

    def resume(self) -> None:
        """The source goes on after all; what was given is given."""
        self._closed = False
        if self._value is not None:
            self._value.scanner.resume()

    def give_up(self) -> None:
        """No more time: what waits for a decision is blocked."""
        if self._settled < self._length and not self._closed and not self.blocked:
            self._give_up()

    @property
    def settled(self) -> int:
        """Characters of the source that are final and not yet taken."""
        return self._settled - self._taken

    def take(self, count: int) -> str:
        """What stands for the next ``count`` settled characters of the source.

        What stands for a span comes with its first character, nothing with the others.
        """
        out: list[str] = []
        while count and self._ready:
            unit = self._ready.popleft()
            if not unit.divisible:
                said = self._said(unit)
                unit = _Unit(unit.source, instead=None if said == unit.source else said)
            if len(unit.source) > count:
                unit, rest = unit.cut(count)
                self._ready.appendleft(rest)
            out.append(self._said(unit))
            count -= len(unit.source)
            self._taken += len(unit.source)
        if count and self._rest is not None:
            out.append(self._rest.take(count))
            self._taken += count
        return "".join(out)

    def matches(self) -> Iterator[tuple[Finding, str]]:
        """The findings so far, each with what was found."""
        yield from self._found
        if self._value is not None:
            yield from self._value.matches()

    @property
    def _held(self) -> int:
        """Characters that wait, and not for the scanner of a value."""
        return self._length - self._settled if self._reader.broken else self._reader.waiting

    def _take_in(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            kind = piece.kind
            if kind is Kind.END:
                self._end()
            elif kind is Kind.KEY or kind is Kind.STRING:
                scanner = self._means.scanner(_ARGUMENT, rewritable=kind is Kind.STRING)
                self._value = _Value(kind, scanner)
            elif kind is Kind.NUMBER:
                self._value = _Value(kind, self._means.scanner(_ARGUMENT, rewritable=True))
                self._say(piece, self._value)
                self._end()
            elif kind is Kind.BETWEEN:
                self._waiting.append(_Unit(piece.source))
            elif self._value is not None:
                self._say(piece, self._value)
            if self.blocked:
                return

    def _say(self, piece: Piece, value: _Value) -> None:
        self.chars += len(piece.text)
        value.said.append(piece.text)
        value.fresh += 1
        self._waiting.append(_Unit(piece.source, piece.text, value))

    def _end(self) -> None:
        """A value has ended for good."""
        value = self._value
        if value is None:
            return
        value.scanner.end(value.news())
        self._judge(value)
        self.is_clean = self.is_clean and value.scanner.is_clean
        self._found += value.matches()
        self._value = None

    def _judge(self, value: _Value) -> None:
        self.blocked = self.blocked or value.scanner.blocked or value.barred

    def _settle(self) -> None:
        """Puts in line what may leave."""
        while self._waiting:
            unit = self._waiting.popleft()
            value = unit.value
            if value is not None:
                free = 0 if value.barred else value.scanner.settled - value.ready
                if free < len(unit.text):
                    if not (free and unit.divisible):
                        self._waiting.appendleft(unit)
                        return
                    unit, rest = unit.cut(free)
                    self._waiting.appendleft(rest)
                value.ready += len(unit.text)
            self._ready.append(unit)
            self._settled += len(unit.source)

    def _said(self, unit: _Unit) -> str:
        value = unit.value
        if unit.instead is not None:
            return unit.instead
        if value is None:
            return unit.source
        value.ready -= len(unit.text)
        said = value.scanner.take(len(unit.text))
        if said == unit.text:
            return unit.source
        return f'"{escaped(said)}"' if value.kind is Kind.NUMBER else escaped(said)

    def _conclude(self) -> None:
        """All of a source that is no JSON is there."""
        source, given = "".join(self._source), self._settled
        self._waiting.clear()
        self._value = None
        scan = self._means.scan_source(source)
        self.chars = self._length
        early = [one for one in scan.findings if one.start < given]
        late = [one for one in scan.findings if one.start >= given]
        gone = next((one for one in early if one.action >= Action.TOKENISE), None)
        if gone is not None:
            late = [replace(gone, action=Action.BLOCK)]
        self._found += [(one, source[one.start : one.end]) for one in late]
        self.blocked = gone is not None or scan.action is Action.BLOCK
        if not self.blocked:
            self._release(source, scan, given)

    def _release(self, source: str, scan: Scan, given: int) -> None:
        words = self._means.source_words
        spans = []
        for one in scan.replacements:
            value = source[one.start : one.end]
            if one.start < given:
                continue
            if one.unknown is not None and words.value(value) is None:
                self._found.append((one.unknown, value))
            start, end = one.start - given, one.end - given
            spans.append(replace(one, start=start, end=end, value=value))
        self._rest = Rewriter(words)
        self._rest.add(source[given:], spans)
        self._settled = self._length

    def _give_up(self) -> None:
        finding = Finding(
            self._means.blame, UNDECIDED, self._settled, self._length, 1.0, Action.BLOCK
        )
        self._found.append((finding, "".join(self._source)[self._settled :]))
        self.blocked = True
        self.is_clean = False

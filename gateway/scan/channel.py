"""Reads a text as it arrives, in all its layers, and settles what more text cannot change.

The whole text read at once and the text read in any pieces come to the same, because everything
here is a function of what begins at or after the last settled place and of a bounded context to
its left. A place is settled when no match, escape or encoded run is open there or cut by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan import decode
from gateway.scan.normalise import LAYERS, open_unit
from gateway.scan.rating import NEARBY, rate, settle, stand_in_spans, stand_ins
from gateway.scan.reader import Hit
from gateway.scan.rewriting import REDACTING
from gateway.scan.stack import FRESH, Stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.finding import Finding, Replacement
    from gateway.scan.reader import State
    from gateway.scan.rewriting import Words
    from gateway.scan.selection import Selection

__all__ = ["Channel", "Progress"]

DEPTH: Final = 3
PIECE: Final = 12_288
"""Characters of a long text that are read at once."""
_AGAIN: Final = 8
"""How often a character that is held may be read, on the average."""
_AHEAD: Final = 2048
"""Characters that may be read again before anybody counts."""


class Progress(NamedTuple):
    """What an advance settled; a tuple, as each event makes one.

    Attributes:
        text: The original text that is settled now and was not before.
        findings: The findings that begin in it, offsets from the start of the channel.
        replacements: The spans that begin in it and are to be replaced, sorted by start.
    """

    text: str
    findings: Sequence[Finding] = ()
    replacements: Sequence[Replacement] = ()

    def __repr__(self) -> str:
        """Says nothing of the text."""
        return "Progress()"


_NOTHING: Final = Progress("")


@dataclass(frozen=True, slots=True)
class _Reading:
    """The hits of each level in its own places, all of them in the source's, and if runs occur."""

    own: list[list[Hit]]
    found: list[Hit]
    runs: bool


class Channel:
    """One text on its way through; not safe to share between threads.

    Args:
        selection: What to look for.
        words: Knows which stand-ins were issued.
        depth: How many encodings this text was taken out of.
    """

    __slots__ = (
        "_allowed", "_base", "_carried", "_depth", "_issued", "_selection", "_states", "_tail",
        "_words",
    )  # fmt: skip

    def __init__(self, selection: Selection, words: Words = REDACTING, depth: int = 0) -> None:
        self._selection = selection
        self._words = words
        self._depth = depth
        self._issued: list[tuple[int, int]] = []
        self._allowed = _AHEAD
        self._tail = ""
        self._base = 0
        self._states = FRESH
        self._carried: list[Hit] = []

    @property
    def held(self) -> int:
        """Characters that arrived and are not settled."""
        return len(self._tail)

    @property
    def settled(self) -> int:
        """Characters that are settled."""
        return self._base

    def advance(self, text: str, *, final: bool, now: bool = False) -> Progress:
        """Take ``text`` and settle what can be; everything if it is the ``final`` piece.

        What is held is read again with each piece. Where a lot is held and little comes at a time,
        more of it is waited for, unless it has to be settled ``now``.
        """
        if len(text) <= 2 * PIECE:
            if not (final or now or self._may_read(len(text))):
                self._tail += text
                return _NOTHING
            return self._advance(text, final=final)
        # Read at once, a long piece would cost its length for each place where a match may begin.
        steps = []
        while text:
            size = max(PIECE, len(self._tail))
            piece, text = text[:size], text[size:]
            steps.append(self._advance(piece, final=final and not text))
        found = [it for one in steps for it in one.findings]
        replacements = [it for one in steps for it in one.replacements]
        return Progress("".join([one.text for one in steps]), found, replacements)

    def _may_read(self, count: int) -> bool:
        """Whether to read what is held once more, now that so many characters came."""
        held = len(self._tail)
        allowed = min(self._allowed + _AGAIN * count, max(_AHEAD, held))
        self._allowed = allowed - held if held <= allowed else allowed
        return held <= allowed

    def _advance(self, text: str, *, final: bool) -> Progress:
        self._tail += text
        if not final and (progress := self._pass_over()) is not None:
            return progress
        stack = Stack(self._tail, self._states)
        if final:
            return self._conclude(self._read(stack).found)
        hold = self._hold(stack)
        if not hold:
            return Progress("")
        return self._settle(stack, hold, self._read(stack))

    def _pass_over(self) -> Progress | None:
        """Settles what is silent before the last word; None where it takes the whole way.

        The whole way comes to the same: it holds the last word, which may be or become an encoded
        run, and finds nothing before it.
        """
        tail, states = self._tail, self._states
        count = decode.open_run(tail)
        if not count:
            return _NOTHING
        if self._carried:
            return None
        silent = self._selection.reader.silence.of(tail[:count])
        if silent is None or _resumes(states):
            return None
        if not silent.chars:
            return _NOTHING
        self._states = _past(states, silent.layers)
        self._base += silent.chars
        self._tail = tail[silent.chars :]
        return Progress(silent.layers[0])

    def all_hits(self, text: str) -> list[Hit]:
        """Every hit of a whole text; afterwards nothing but ``conclude`` may be asked.

        In a long text nearly everything occurs that is looked for, and each thing that occurs is
        one more pass over all that is read at once; so it is read in pieces, as a stream is.
        """
        if len(text) <= 2 * PIECE:
            return self._read(Stack(text, self._states)).found
        hits: list[Hit] = []
        at = 0
        while at < len(text):
            # As much as is held already, so that what is held for long is not read over and over.
            size = max(PIECE, len(self._tail))
            hits += self._hits_on(text[at : at + size], final=at + size >= len(text))
            at += size
        self._base = 0
        return hits

    def _hits_on(self, text: str, *, final: bool) -> list[Hit]:
        """The hits that are settled now and were not before, places from the start of all."""
        self._tail += text
        stack = Stack(self._tail, self._states)
        base = self._base
        if final:
            return [_moved(hit, base) for hit in self._read(stack).found]
        hold = self._hold(stack)
        if not hold:
            return []
        reading = self._read(stack)
        found, places = _places(stack, hold, reading)
        self._leave(stack, places, reading)
        return [_moved(hit, base) for hit in found if hit.origin < places[0]]

    def conclude(self, text: str, hits: Iterable[Hit]) -> Progress:
        """Settle a whole text whose hits are known; they hang on the reader alone."""
        self._tail = text
        return self._conclude(list(hits))

    def _hold(self, stack: Stack) -> int:
        """Where the leftmost thing begins that more text could complete."""
        hold = len(self._tail)
        lengths = {hold}
        for level in range(LAYERS + 1):
            text = stack.text(level)
            ends = set[int]()
            for length in lengths:
                part = text[:length]
                unit = open_unit(part) if level < LAYERS else length
                at = min(unit, self._open(self._states[level], part, whole=level < stack.top))
                if at < length:
                    hold = min(hold, stack.source_start(level, at))
                if not at:
                    return 0
                # An open unit may become any character: what stands before it may go on with it.
                ends |= {length, unit}
            if level >= stack.distinct - 1 and ends == lengths:
                break
            lengths = {stack.index_above(level, end) for end in ends}
        return hold

    def _open(self, state: State, text: str, *, whole: bool) -> int:
        """Where a match or, unless the text is only read as a ``whole``, a run is open."""
        run = len(text) if whole else decode.open_run(text)
        # In the middle of the first word there is nothing left to ask.
        return min(run, self._selection.reader.open_start(state, text)) if run else 0

    def _read(self, stack: Stack) -> _Reading:
        own: list[list[Hit]] = []
        found: list[Hit] = []
        runs = False
        for level in range(stack.distinct):
            hits, runs = self._selection.reader.read(self._states[level], stack.text(level))
            own.append(hits)
            found += [stack.to_source(level, hit) for hit in hits]
        if runs and self._depth < DEPTH:
            decoded = self._decoded(stack.texts[-1])
            found += [stack.to_source(stack.top, hit) for hit in decoded]
        return _Reading(own, found, runs)

    def _decoded(self, text: str) -> list[Hit]:
        return [
            replace(hit, origin=piece.start, start=start, end=end, stop=piece.end, hidden=True)
            for piece in decode.pieces(text)
            for hit in Channel(self._selection, depth=self._depth + 1).all_hits(piece.text)
            for start, end in [piece.span(hit.start, hit.end)]
        ]

    def _settle(self, stack: Stack, hold: int, reading: _Reading) -> Progress:
        found, places = _places(stack, hold, reading)
        known = self._carried + [_moved(hit, self._base) for hit in found]
        start, end = self._base, self._base + places[0]
        progress = self._progress(known, start, end)
        if known:
            self._carried = [hit for hit in known if hit.origin < end and _reaches(hit, end)]
        self._leave(stack, places, reading)
        return progress

    def _leave(self, stack: Stack, places: list[int], reading: _Reading) -> None:
        """What stands before the places of all levels is settled."""
        self._states = stack.states_after(places, reading.own)
        self._base += places[0]
        self._tail = self._tail[places[0] :]

    def _conclude(self, found: list[Hit]) -> Progress:
        """Settle everything: there is no more text that what was read could matter to."""
        known = self._carried + [_moved(hit, self._base) for hit in found]
        start = self._base
        self._base += len(self._tail)
        progress = self._progress(known, start, self._base)
        self._tail, self._carried = "", []
        return progress

    def _progress(self, known: list[Hit], start: int, end: int) -> Progress:
        text = self._tail[: end - start]
        if not known:
            return Progress(text)
        chosen = self._selection
        if chosen.reporter:
            self._note_issued(known, start)
        rated = rate(known, chosen.specs, chosen.provenance, self._issued)
        findings, replacements = settle(rated, start, end)
        if chosen.reporter:
            replacements += stand_ins(known, chosen.reporter, start, end)
            replacements.sort(key=lambda one: (one.start, -one.end))
            replacements = [self._with_value(one, start) for one in replacements]
        return Progress(text, findings, replacements)

    def _note_issued(self, known: list[Hit], start: int) -> None:
        """Notes which stand-ins were issued; for those that begin before ``start`` that is done."""
        value, tail = self._words.value, self._tail
        self._issued = [one for one in self._issued if one[0] < start < one[1]] + [
            (first, last)
            for first, last in stand_in_spans(known)
            if first >= start and value(tail[first - start : last - start]) is not None
        ]

    def _with_value(self, one: Replacement, start: int) -> Replacement:
        """The replacement with the text of its span, which may go on beyond what is settled."""
        if one.kind == "redact":
            return one
        return replace(one, value=self._tail[one.start - start : one.end - start])


def _places(stack: Stack, hold: int, reading: _Reading) -> tuple[list[Hit], list[int]]:
    """The hits that begin before ``hold``, and up to where each level is settled."""
    found = [hit for hit in reading.found if hit.origin < hold]
    cut = min((hit.origin for hit in found if hit.stop > hold), default=hold)
    return found, stack.snap(cut, runs=reading.runs) if stack.top or reading.runs else [cut]


def _resumes(states: tuple[State, ...]) -> bool:
    """Whether the last match of a detector reaches into what is read next, on any level."""
    if states[0] is states[-1]:
        # Then all of them are one.
        return bool(states[0].resume)
    return any(state.resume for state in states)


def _past(states: tuple[State, ...], layers: tuple[str, ...]) -> tuple[State, ...]:
    """The states of all levels once each has read its layer of a silent text."""
    state, text = states[0], layers[0]
    now = first = state.past(text)
    if state is states[-1] and len(layers) == 1:
        return (first,) * len(states)
    after = [first]
    one = True
    for level in range(1, len(states)):
        layer = layers[level] if level < len(layers) else layers[-1]
        # Most levels have the past and the text of the one above.
        if states[level] is not state or layer is not text:
            state, text = states[level], layer
            now = state.past(text)
            one = one and now == first
        after.append(now)
    # Levels that came to be one again are read as one again.
    return (first,) * len(after) if one else tuple(after)


def _moved(hit: Hit, base: int) -> Hit:
    if not base:
        return hit
    origin, start, end, stop = (
        place + base for place in (hit.origin, hit.start, hit.end, hit.stop)
    )
    return Hit(hit.detector, origin, start, end, stop, hit.score, hit.hidden, hit.reading)


def _reaches(hit: Hit, place: int) -> bool:
    """Whether what begins at or after ``place`` is to know of the hit."""
    return hit.end > place or (hit.detector.kind == "injection" and hit.start > place - NEARBY)

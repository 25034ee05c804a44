"""Reads one text, in the form in which it stands, with a set of detectors."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.scan.decode import has_run
from gateway.scan.detector import CONTEXT, Candidate
from gateway.scan.needs import Sieve
from gateway.scan.openings import Openings
from gateway.scan.patience import go_on
from gateway.scan.silence import Silence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateway.scan.detector import Detector, Reading
    from gateway.scan.matcher import Automaton
    from gateway.scan.zones import Way

__all__ = ["RUN_INDEX", "Hit", "Reader", "State"]

RUN_INDEX: Final = 0
"""The expression of encoded runs comes first in every automaton."""
_NOT_RESUMED: Final[Mapping[Detector, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate that its detector confirmed.

    Attributes:
        detector: Who found it.
        origin: Where the match begins; all of its text from here on was needed to find it.
        start: Where the value begins.
        end: Character after the value.
        stop: Character after the match; the detector goes on from there.
        score: From 0 to 1.
        hidden: It could be read only after a disguise was taken off.
        reading: Which of the detector's entities it is; empty for its first.
    """

    detector: Detector
    origin: int
    start: int
    end: int
    stop: int
    score: float
    hidden: bool = False
    reading: str = ""

    @property
    def entity(self) -> str:
        """What was found."""
        return self.reading or self.detector.entity


class State(NamedTuple):
    """What reading needs to know of the text to the left; a tuple, as each event makes one.

    Attributes:
        context: The last ``CONTEXT`` characters.
        resume: Where a detector goes on, if its last match reaches into what is read next.
    """

    context: str = ""
    resume: Mapping[Detector, int] = _NOT_RESUMED

    def __repr__(self) -> str:
        """Says nothing of the text."""
        return "State()"

    def after(self, text: str, count: int, hits: Sequence[Hit]) -> State:
        """The state once ``count`` characters of ``text``, with ``hits`` in it, are read."""
        context = (self.context + text[max(count - CONTEXT, 0) : count])[-CONTEXT:]
        if not self.resume and not hits:
            return State(context, _NOT_RESUMED)
        resume = {one: at - count for one, at in self.resume.items() if at > count}
        resume |= {hit.detector: hit.stop - count for hit in hits if hit.origin < count < hit.stop}
        return State(context, resume or _NOT_RESUMED)

    def past(self, text: str) -> State:
        """The state once ``text`` is read, with nothing in it and nothing that reached into it."""
        return State((self.context + text)[-CONTEXT:], _NOT_RESUMED)


_NOWHERE: Final = State()


class Reader:
    """Finds the hits of its detectors, and where a match may still be growing.

    Args:
        automaton: Knows the expressions of all detectors there are.
        detectors: The ones to use, by their index in the automaton.

    Attributes:
        silence: Remembers short texts that are silent.
    """

    def __init__(self, automaton: Automaton, detectors: Mapping[int, Detector]) -> None:
        self._automaton = automaton
        self._detectors = {index: one for index, one in detectors.items() if one.words is None}
        self._asked = frozenset(self._detectors.values())
        self._lists = [(one, one.words) for one in detectors.values() if one.words is not None]
        self._sieve = Sieve()
        # Only streams need it, and it is dear.
        self._openings: Openings | None = None
        self.silence = Silence(self.is_silent)

    @property
    def detectors(self) -> frozenset[Detector]:
        """Those that it uses."""
        return self._asked

    def open_start(self, state: State, text: str) -> int:
        """Where the leftmost match begins that more text could complete or lengthen."""
        if self._openings is None:
            self._openings = Openings(list(self._detectors.values()))
        start = self._openings.start(state.context, text)
        for _, words in self._lists:
            start = min(start, words.open_start(state.context, text))
        return start

    def is_silent(self, text: str) -> bool:
        """Whether nothing is found in ``text``, whatever stands around it, nor goes on after it."""
        if self.open_start(_NOWHERE, text) < len(text):
            return False
        data = text.encode("utf-8", "replace")
        occurring = self._automaton.occurring(data)
        if RUN_INDEX in occurring and has_run(data):
            return False
        if not self._detectors.keys().isdisjoint(occurring):
            return False
        return not any(any(True for _ in words.spans(text)) for _, words in self._lists)

    def read(self, state: State, text: str) -> tuple[list[Hit], bool]:
        """Every hit that begins in ``text``, and whether it holds runs that may be an encoding.

        Args:
            state: What is known of the text to the left.
            text: What to read.
        """
        data = text.encode("utf-8", "replace")
        occurring = self._automaton.occurring(data)
        listed = self._listed(state, text) if self._lists else []
        if not occurring:
            return listed, False
        known = self._detectors
        found = [known[index] for index in sorted(occurring) if index in known]
        page = _Page(state.context, text, data)
        found = self._sieve.left(found, data)
        hits = [hit for one in found for hit in page.hits(one, state.resume.get(one, 0))]
        return hits + listed, RUN_INDEX in occurring and has_run(data)

    def read_behind(self, before: str, text: str, across: Reader) -> list[Hit] | None:
        """Every hit of a text, where another reader finds nothing over its beginning.

        One pass over both tells which rules match in neither, as most do not.

        Args:
            before: What stands before the text, up to the end of a line.
            text: What to read; nothing before it is known to this reader.
            across: A reader of some of the same rules, for both together.

        Returns:
            The hits; None where a rule matches, or the text may hold what is encoded.
        """
        data = text.encode("utf-8", "replace")
        whole = before.encode("utf-8", "replace") + data
        occurring = self._automaton.occurring(whole)
        if RUN_INDEX in occurring and has_run(whole):
            return None
        page = _Page("", text, data)
        hits: list[Hit] = []
        ours, theirs = self._detectors, across._detectors
        found = [theirs.get(at) or ours.get(at) for at in sorted(occurring)]
        for one in self._sieve.left([one for one in found if one is not None], whole):
            if one not in across._asked:
                hits += page.hits(one, 0)
            elif one.finder.search(whole, 0) is not None:
                return None
        return hits + self._listed(_NOWHERE, text) if self._lists else hits

    def _listed(self, state: State, text: str) -> list[Hit]:
        """Every term of the lists that begins in ``text``."""
        shift = len(state.context)
        whole = state.context + text
        return [
            Hit(one, start - shift, start - shift, end - shift, end - shift, 1.0)
            for one, words in self._lists
            for start, end in words.spans(whole, shift + state.resume.get(one, 0))
        ]


class _Page:
    """A text with its left context, in characters and in bytes."""

    __slots__ = ("_ascii", "_byte", "_char", "_data", "_shift", "_text")

    def __init__(self, context: str, text: str, data: bytes) -> None:
        self._text = context + text
        self._data = context.encode("utf-8", "replace") + data
        self._shift = len(context)
        self._ascii = len(self._data) == len(self._text)
        self._char = self._byte = 0

    def hits(self, detector: Detector, resume: int) -> Iterator[Hit]:
        """The hits of one detector, leftmost and longest first, none overlapping another."""
        self._char = self._byte = 0
        at = len(self._text[: self._shift + resume].encode("utf-8", "replace"))
        way: Way | None = None
        while (match := detector.finder.search(self._data, at)) is not None:
            go_on()
            origin, stop = match.span()
            if detector.zones is not None:
                way = way or detector.zones.along(self._data)
                at = way.onward(origin)
                if at > origin:
                    continue
            start, end = match.span(detector.group) if detector.group else (origin, stop)
            if stop - origin > detector.window:
                stop, start, end = self._cut(detector, origin)
            at = origin + 1
            hits = self._confirm(detector, (origin, start, end, stop)) if start >= 0 else ()
            if hits:
                yield from hits
                hit = hits[0]
                length = self._text[hit.start + self._shift : hit.stop + self._shift]
                at = start + len(length.encode("utf-8", "replace"))

    def _cut(self, detector: Detector, origin: int) -> tuple[int, int, int]:
        """The match again, in no more bytes than it may have; a start of -1 if there is none."""
        match = detector.exact.match(self._data[origin : origin + detector.window])
        if match is None:
            return -1, -1, -1
        start, end = match.span(detector.group)
        return origin + match.end(), origin + start, origin + end

    def _confirm(
        self, detector: Detector, places: tuple[int, int, int, int]
    ) -> tuple[Hit, ...] | list[Hit]:
        """What the detector makes of a match: nothing, a hit, or one for each reading of it."""
        origin, start, end, stop = places if self._ascii else self._chars_at(*places)
        before = self._text[max(start - CONTEXT, 0) : start]
        value, after = self._text[start:end], self._text[end : end + 1]
        verdict = detector.check(Candidate(before, value, after))
        if verdict is None:
            return ()
        shift = self._shift
        origin -= shift
        if isinstance(verdict, list):
            return _read(detector, verdict, origin, start - shift)
        if isinstance(verdict, tuple):
            score, length = verdict
            end = stop = start + length
        else:
            score = verdict
        return (Hit(detector, origin, start - shift, end - shift, stop - shift, score),)

    def _chars_at(self, origin: int, start: int, end: int, stop: int) -> tuple[int, int, int, int]:
        """The characters that begin at some bytes of a match; asked from match to match."""
        self._char += self._chars(self._byte, origin)
        self._byte = origin
        first = self._char + self._chars(origin, start)
        last = first + self._chars(start, end)
        return self._char, first, last, last + self._chars(end, stop)

    def _chars(self, start: int, end: int) -> int:
        return len(self._data[start:end].decode("utf-8", "replace"))


def _read(detector: Detector, readings: list[Reading], origin: int, start: int) -> list[Hit]:
    """A hit for each reading of a match, which ends where the longest of them does."""
    stop = start + max((one.length for one in readings), default=0)
    return [
        Hit(detector, origin, start, start + length, stop, score, reading=entity)
        for entity, score, length in readings
    ]

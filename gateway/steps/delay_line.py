"""The delay line: a streamed answer leaves the gateway event by event, as it came.

Every event waits until all the text in it is settled, that is until no scanner could still be in
the middle of a match that touches it. An event whose text nothing changed leaves as the very bytes
that came; one whose text was rewritten is written anew. Order is kept, except that comments, which
keep connections alive, never wait.

Pure: events go in, bytes come out; no sockets and no clocks.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.errors import UpstreamError
from gateway.scan.patience import ScanTimeout
from gateway.steps.argument_scanner import ArgumentScanner, Means
from gateway.steps.channel import Channel
from gateway.steps.copying import called
from gateway.steps.tally import Tally
from gateway.terms import ANSWERS, Action
from gateway.wire.leaves import Finder, json_text, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.policy.decide import Decision
    from gateway.scan.engine import Engine
    from gateway.scan.pseudonyms import Pseudonyms
    from gateway.scan.stream import StreamScanner
    from gateway.steps.copying import Copying, CopyScanner
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Delta, StreamEvent, StreamReader, Text

__all__ = ["DelayLine"]

_MOST_TEXTS: Final = 100_000
"""Texts of one stream, as many as one body may have."""
_MOST_GOING_ON: Final = 1024
"""Texts that go on, or that may: each holds what its scanner has not settled, and the scanner."""
_TEXTS_HELD: Final = 16
"""All texts together may hold as many characters as so many may by themselves."""
_INLINE_CHARS: Final = 2048
"""Characters that are read in one go while others wait for the event loop."""
_WORTH_KNOWING: Final = 64
"""Characters of a text that is not read again where it is said again."""


class _Waiting(NamedTuple):
    """An event and the channel of each of its deltas."""

    event: StreamEvent
    channels: Sequence[Channel]


class DelayLine:
    """Holds the events of one answer back until their texts are settled.

    Attributes:
        blocked: A settled finding blocks; nothing leaves any more.
        taken: How many events came to wait, if only for a moment.
        final: The event that ends the answer, for the caller to send when the outcome is recorded.
    """

    def __init__(
        self,
        reader: StreamReader,
        engine: Engine,
        decision: Decision,
        pseudonyms: Pseudonyms | None = None,
        copying: Copying | None = None,
    ) -> None:
        self._reader = reader
        self._engine = engine
        self._decision = decision
        self._readers = {one: engine.readers(one, decision.scanners) for one in ANSWERS}
        self._reads = any(self._readers.values()) or engine.tokenises(decision.scanners)
        most = decision.hold_back.chars
        self._means = Means(engine, decision.scanners, pseudonyms, most, copying)
        self._most_held = _TEXTS_HELD * most
        self._held = 0
        self._first_said: dict[int, Channel] = {}
        self._waiting: deque[_Waiting] = deque()
        self._open: dict[str, Channel] = {}
        self._closed: dict[str, Channel] = {}
        self._channels: list[Channel] = []
        self._unread: list[Channel] = []
        self._unwritable: str | None = None
        self.blocked = False
        self._lost = False
        self.taken = 0
        self.final: bytes | None = None

    def push(self, events: Iterable[StreamEvent]) -> bytes:
        """Takes events in, and gives the bytes that may leave now."""
        out: list[bytes] = []
        for event in events:
            if self._lost:
                break
            if event.data is None and not event.deltas and not event.final:
                out.append(event.raw)
            else:
                self._take_in(event)
        self._read_on()
        self._drain(out)
        if self._held > self._most_held:
            self.give_up()
        return b"".join(out)

    def is_long(self, events: Iterable[StreamEvent]) -> bool:
        """Whether to take these in is work for a thread, so that other streams go on meanwhile."""
        # What is held may be read again.
        chars = self._held + sum(len(delta.text) for event in events for delta in event.deltas)
        return chars > _INLINE_CHARS

    @property
    def waiting(self) -> int:
        """How many events wait: the last that were taken."""
        return len(self._waiting)

    def give_up(self) -> None:
        """No more time: what waits for a decision is decided, and blocked."""
        for channel in self._open.values():
            if channel.scanner is not None:
                channel.scanner.give_up()
        self.blocked = True

    def texts(self) -> dict[str, str]:
        """Every running text as the upstream sent it, for the sealed record.

        Texts that stand whole in events may have one name; each is told apart by its number.
        """
        times = Counter[str]()
        texts: dict[str, str] = {}
        for channel in self._said():
            times[channel.name] += 1
            number = times[channel.name]
            name = channel.name if number == 1 else f"{channel.name} ({number})"
            texts[name] = "".join(channel.pieces)
        return texts

    def answer(self) -> list[Text]:
        """The same as the texts of an answer, those in JSON one by one."""
        found = Finder.answer()
        for channel in self._said():
            shape = json_text if channel.json else text
            shape(found, "".join(channel.pieces), (channel.name,), channel.provenance)
        return found.texts

    def inspection(self) -> Inspection:
        """What the scanners found in the answer so far."""
        tally = Tally(self._decision, self._engine.shown)
        for channel in self._said():
            if channel.failed:
                tally.fail(channel.chars, self._readers[channel.provenance], channel.failed)
                continue
            tally.read(channel.chars, self._readers[channel.provenance])
            for finding, value in channel.matches():
                tally.find(finding, "/" + channel.name, value, again=channel.again)
        if self._unwritable is not None:
            tally.block(self._unwritable, "UNWRITABLE")
        return tally.result()

    def _said(self) -> Iterator[Channel]:
        """The running texts, without those that say others once more and do say the same.

        What repeats the request is none of the answer's.
        """
        said = [channel for channel in self._channels if channel.provenance != "echo"]
        if not any(channel.again for channel in said):
            yield from said
            return
        once = {one.said for one in said if not one.again}
        for channel in said:
            if not (channel.again and channel.said in once):
                yield channel

    def _take_in(self, event: StreamEvent) -> None:
        channels = []
        for delta in event.deltas:
            channel = self._channel(delta)
            channels.append(channel)
            channel.pieces.append(delta.text)
            self._held += len(delta.text)
            if not channel.unread:
                self._unread.append(channel)
            channel.unread += 1
        self._waiting.append(_Waiting(event, channels))
        self.taken += 1
        if event.closes or event.final:
            self._close(self._open if event.final else event.closes)

    def _close(self, names: Iterable[str]) -> None:
        """Texts have ended: what is said again is known by what is said first."""
        ending = [self._open[name] for name in dict.fromkeys(names) if name in self._open]
        for channel in sorted(ending, key=attrgetter("again")):
            del self._open[channel.name]
            self._end(channel)

    def _end(self, channel: Channel) -> None:
        """A text has ended."""
        if channel.again and channel.whole:
            first = self._first_said.get(_word(channel))
            if first is not None and first.is_clean and first.says(channel):
                channel.trust()
        self._scan(channel, ends=True)
        if not channel.whole:
            self._closed[channel.name] = channel
            if self._may_know(channel):
                self._first_said[_word(channel)] = channel

    def _may_know(self, channel: Channel) -> bool:
        """Whether what is read of a text holds wherever it is said again.

        What rules say of copies hangs on the tool that is called.
        """
        if channel.again or sum(map(len, channel.pieces)) < _WORTH_KNOWING:
            return False
        return self._means.copying is None or channel.provenance != "argument"

    def _read_on(self) -> None:
        """Hands every scanner what came for it in one go: events come in bunches."""
        for channel in self._unread:
            if channel.unread:
                self._scan(channel, ends=False)
        self._unread.clear()

    def _scan(self, channel: Channel, *, ends: bool) -> None:
        """Lets a channel's scanner read what is new; the policy says what a failure means."""
        pieces, unread = channel.pieces, channel.unread
        # Mostly one piece came.
        text = pieces[-1] if unread == 1 else "".join(pieces[len(pieces) - unread :])
        channel.unread = 0
        scanner = channel.scanner
        try:
            if scanner is not None:
                scanner.feed(text)
            if ends:
                channel.close()
        except ScanTimeout:
            self._fail(channel, "timeout")
        except Exception:  # noqa: BLE001 - whatever fails in a scanner, the policy decides
            self._fail(channel, "error")
        else:
            self.blocked = self.blocked or (scanner is not None and scanner.blocked)

    def _fail(self, channel: Channel, why: str) -> None:
        channel.failed = why
        channel.scanner = None
        if self._decision.on_scanner_error is Action.BLOCK:
            self.blocked = True
            # Nothing of this answer is known to be clean any more, nor what may still come of it.
            self._lost = True
            self._waiting.clear()
            self._held = 0

    def _channel(self, delta: Delta) -> Channel:
        name = delta.channel
        channel = self._open.get(name)
        if channel is None and delta.resumes and name in self._closed:
            channel = self._open[name] = self._closed.pop(name)
            channel.resume()
        if channel is None:
            scanner, whose = self._scanner(delta), delta.provenance
            channel = Channel(name, scanner, delta.again, delta.json, delta.whole, whose)
            self._open[name] = channel
            self._channels.append(channel)
            self._check_size()
        return channel

    def _check_size(self) -> None:
        """Bounds what is held for all texts together.

        Raises:
            UpstreamError: There are too many texts.
        """
        going_on = len(self._open) + len(self._closed)
        if going_on > _MOST_GOING_ON or len(self._channels) > _MOST_TEXTS:
            raise UpstreamError("the stream has too many texts")

    def _scanner(self, delta: Delta) -> ArgumentScanner | StreamScanner | CopyScanner | None:
        if not self._reads:
            return None
        means = self._means
        if means.copying is not None and delta.provenance == "argument":
            means = replace(means, tool=partial(self._called, delta.channel))
        if delta.json:
            return ArgumentScanner(means)
        return means.scanner(delta.provenance, rewritable=delta.rewritable)

    def _called(self, channel: str) -> str | None:
        """The tool whose arguments a channel brings."""
        calls = (one for one in self._channels if one.provenance == "call")
        names = [(one.name.split("/"), "".join(one.pieces)) for one in calls]
        return called(names, channel.split("/"))

    def _drain(self, out: list[bytes]) -> None:
        queue = self._waiting
        while queue and self.final is None:
            waiting = queue[0]
            if not _is_settled(waiting):
                if self.blocked and not _may_end(waiting.event):
                    out.append(self._write(waiting))
                return
            queue.popleft()
            raw = self._write(waiting)
            if self._unwritable is not None:
                return
            for channel in waiting.channels:
                if channel.whole and not channel.failed:
                    channel.retire()
            if waiting.event.final:
                self.final = raw
            else:
                out.append(raw)

    def _write(self, waiting: _Waiting) -> bytes:
        """The event with what its texts became; only settled characters are ever taken."""
        texts = []
        for number, delta in enumerate(waiting.event.deltas):
            text = _take(waiting.channels[number], delta.text)
            self._held -= len(delta.text)
            if text != delta.text and not delta.rewritable:
                self.blocked = True
                self._unwritable = self._means.blame
                return b""
            texts.append(text)
        return self._reader.rewrite(waiting.event, texts)


def _word(channel: Channel) -> int:
    """Tells most texts apart."""
    return hash(channel.said)


def _may_end(event: StreamEvent) -> bool:
    """Whether an event ends a text or the answer, so that a stop cannot follow a part of it."""
    return bool(event.closes) or event.finish is not None or event.final


def _is_settled(waiting: _Waiting) -> bool:
    if len(waiting.channels) == 1:
        scanner = waiting.channels[0].scanner
        return scanner is None or len(waiting.event.deltas[0].text) <= scanner.settled
    needed: Counter[int] = Counter()
    for channel, delta in zip(waiting.channels, waiting.event.deltas, strict=True):
        needed[id(channel)] += len(delta.text)
    return all(
        channel.scanner is None or needed[id(channel)] <= channel.scanner.settled
        for channel in waiting.channels
    )


def _take(channel: Channel, text: str) -> str:
    # No more is ever taken than is settled.
    return text if channel.scanner is None else channel.scanner.take(len(text))

"""Reading texts with the scanners that the policy names, and accounting for what was read.

Coverage is stated, not assumed: how many characters stood there, how many a scanner read, and for
every scanner whether it found something, found nothing, failed, or had nothing to read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from gateway.ingress.json_writing import Later
from gateway.scan.finding import Scan
from gateway.scan.patience import ScanTimeout, go_on, patience
from gateway.scan.rewriting import REDACTING, portions, rewrite
from gateway.scan.runs import RUNS, Found, Run
from gateway.steps.recalling import Change, recollection
from gateway.steps.scanning import RunNames, run_of, scan_across, scan_text
from gateway.steps.spread import Spreads
from gateway.steps.tally import Inspection, Tally
from gateway.terms import ANSWERS, Action
from gateway.wire.exchange import INWARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.policy.decide import Decision
    from gateway.scan.engine import Engine
    from gateway.scan.finding import Finding
    from gateway.scan.rewriting import Words
    from gateway.steps.consulting import Consulted
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path, Text

__all__ = ["Beside", "Reading", "inspect", "inspect_now", "is_long"]

_INLINE_CHARS: Final = 32_768
_INLINE_TEXTS: Final = 256
_LONG_CHARS: Final = 2**18
_NOTHING: Final = Scan((), 0, Action.ALLOW)
_Part: TypeAlias = "tuple[int, Sequence[Found]]"
"""The place of some texts, and what was found in them."""
_TOGETHER: Final = 4 * RUNS[0]
"""Texts that all who read along have read before the next ones are read."""


class Reading(Protocol):
    """Somebody who reads the same texts right behind the scanners, for the record only."""

    def begin(self) -> None:
        """Begins to read, or begins anew."""

    def read(self, start: int, stop: int) -> None:
        """Reads some texts, by their places; never fails."""


def is_long(texts: Sequence[Text]) -> bool:
    """Whether a scan of texts moves to a thread, so that other requests go on meanwhile."""
    # Each text costs some microseconds, however short it is.
    if len(texts) > _INLINE_TEXTS:
        return True
    return sum(len(text.value) for text in texts) > _INLINE_CHARS


@dataclass(frozen=True, slots=True)
class Beside:
    """What others make of the same texts.

    Attributes:
        consulted: What models beside the detectors said of them.
        reading: Who reads along.
    """

    consulted: Consulted | None = None
    reading: Reading | None = None


_NOBODY: Final = Beside()


async def inspect(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    words: Words = REDACTING,
    beside: Beside = _NOBODY,
) -> Inspection:
    """Scans texts, off the event loop when they are long; arguments as for ``inspect_now``."""
    if is_long(texts):
        return await asyncio.to_thread(inspect_now, engine, decision, texts, words, beside)
    return inspect_now(engine, decision, texts, words, beside)


def inspect_now(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    words: Words = REDACTING,
    beside: Beside = _NOBODY,
) -> Inspection:
    """Scans texts here and now.

    Args:
        engine: The policy's scanners.
        decision: Says which of them read.
        texts: The texts of one direction of the call.
        words: What stands for values that are tokenised, and for stand-ins.
        beside: What others make of the texts.
    """
    with patience(engine.patience, len(texts)):
        found, learnt = _inspected(engine, decision, texts, words, beside)
        # Where a stand-in is known by a value that was found later, scanners may not look into it.
        return _inspected(engine, decision, texts, words, beside)[0] if learnt else found


def _inspected(
    engine: Engine, decision: Decision, texts: Sequence[Text], words: Words, beside: Beside
) -> tuple[Inspection, bool]:
    """What the scanners found, and whether a stand-in became known after it was read."""
    consulted, along = beside.consulted, beside.reading
    inspector = _Inspector(engine, decision, texts, words, consulted)
    # What a model says is remembered where it is asked, and in no run.
    sizes = () if consulted is not None and consulted.hits else RUNS
    if along is not None:
        along.begin()
    for at in range(0, len(texts), _TOGETHER):
        stop = min(at + _TOGETHER, len(texts))
        inspector.read(at, stop, sizes)
        if along is not None:
            along.read(at, stop)
    return inspector.result()


class _Inspector:
    """Reads the texts of one direction of a call."""

    def __init__(
        self,
        engine: Engine,
        decision: Decision,
        texts: Sequence[Text],
        words: Words,
        consulted: Consulted | None,
    ) -> None:
        self._engine = engine
        self._words = words
        self._scanners = decision.scanners
        self._texts = texts
        self._tally = Tally(decision, engine.shown)
        self._beside = {} if consulted is None else consulted.hits
        for name, why in (consulted.lost if consulted else {}).items():
            self._tally.fail(0, (name,), why)
        self._restoring = engine.tokenises(decision.scanners)
        self._readers: dict[Provenance, tuple[str, ...]] = {}
        self._across = engine.of_kind("injection", "user", decision.scanners)
        self._spreads = Spreads(texts if self._across else ())
        self._changing: list[tuple[Run | None, int, Sequence[Change]]] = []
        self._asked: list[tuple[Text, Scan]] = []

    def read(self, start: int, stop: int, sizes: Sequence[int]) -> None:
        """Reads texts in runs of some sizes.

        Args:
            start: The place of the first.
            stop: The place after the last.
            sizes: How many texts are remembered together, from many to few.
        """
        if sizes and stop - start >= sizes[-1]:
            self._first = start
            self._names = RunNames(self._engine, self._texts[start:stop], self._scanners)
        self._read(start, stop, sizes)

    def _read(self, start: int, stop: int, sizes: Sequence[int]) -> list[_Part] | None:
        """The same; what was found in each part, None where one is not to be remembered."""
        parts: list[_Part] = []
        whole = True
        size = sizes[0] if sizes else 1
        for at in range(start, stop, size):
            end = min(at + size, stop)
            some = self._read_run(at, end, sizes) if sizes else self._read_one(at)
            if some is None:
                whole = False
            elif some:
                parts.append((at, some))
        return parts if whole else None

    def _read_run(self, start: int, stop: int, sizes: Sequence[int]) -> Sequence[Found] | None:
        """The same for one run; nothing is read of one that is known."""
        engine, key = self._engine, None
        if stop - start == sizes[0]:
            first, before = self._first, self._spreads.before(start)
            key = self._names.of(start - first, stop - first, before)
        known = None if key is None else engine.runs.get(key)
        if known is not None:
            self._tally.read_run(known)
            if known.found:
                self._recall(known, start, stop)
            return known.found
        parts = self._read(start, stop, sizes[1:])
        if parts is None or key is None:
            return None
        found = [one.moved(at - start) for at, some in parts for one in some]
        run = run_of(engine, self._texts[start:stop], self._scanners, found)
        if run is not None:
            engine.runs.put(key, run)
        return found

    def _recall(self, run: Run, start: int, stop: int) -> None:
        """Something was found in a run earlier."""
        texts = self._texts[start:stop]
        told = recollection(run, texts)
        if told is None:
            for one in run.found:
                self._note(start + one.number, one)
        else:
            self._tally.recall(told, texts)
            self._changing.append((run, start, told.changing))

    def result(self) -> tuple[Inspection, bool]:
        """Everything found, and whether a stand-in became known after it was read."""
        tally, words, later = self._tally, self._words, Later()
        unknown = [one for text, scan in self._asked for one in _unknown(text, scan, words)]
        replacements = self._rewritten(later)
        learnt = any(words.value(written) is not None for _, written, _ in unknown)
        for where, written, finding in () if learnt else unknown:
            tally.find(finding, where, written)
        return tally.result(replacements, later), learnt

    def _rewritten(self, later: Later) -> dict[Path, str]:
        """The new texts; those of a run that was read before are rewritten together."""
        replacements: dict[Path, str] = {}
        for run, start, changing in self._changing:
            words = self._words if run is None else self._words.again(run)
            for number, scan, single in changing:
                text = self._texts[start + number]
                value = text.value
                if single is None:
                    new = self._new(text, scan, words, later)
                else:
                    # As ``rewrite`` does it, and without a call: there are many.
                    first, end, label, one = single
                    said = label or words.stand_in(one, value[first:end])
                    new = f"{value[:first]}{said}{value[end:]}"
                if new != value:
                    replacements[text.path] = new
        return replacements

    def _new(self, text: Text, scan: Scan, words: Words, later: Later) -> str:
        """What is to stand for a text; where nothing can, something else blocks it."""
        if text.rewritable:
            if _may_wait(text, scan):
                return later.mark(partial(portions, text.value, scan.replacements))
            return rewrite(text.value, scan.replacements, words.in_json if text.json else words)
        if any(one.unknown is None for one in scan.replacements):
            self._tally.block(scan.findings[0].scanner, scan.findings[0].entity)
        return text.value

    def _read_one(self, at: int) -> Sequence[Found] | None:
        """Reads a text; what was found in it, None where it could not be read."""
        across = self._scanned_across(at)
        scan = self._scanned(self._texts[at])
        if scan is None and not across:
            return None
        found = Found(0, scan or _NOTHING, across or ())
        if found.size:
            self._note(at, found)
        return None if scan is None or across is None else (found,) if found.size else ()

    def _note(self, at: int, found: Found) -> None:
        """Something was found in a text."""
        text, scan = self._texts[at], found.scan
        where = text.where
        for finding in scan.findings:
            value = text.value[finding.start : finding.end]
            self._tally.find(finding, where, value, again=text.again)
        if scan.replacements:
            self._changing.append((None, at, (Change(0, scan),)))
            if any(one.kind == "stand_in" for one in scan.replacements):
                self._asked.append((text, scan))
        spread = self._spreads.of(at) if found.across else None
        if spread is not None:
            for finding in found.across:
                self._tally.find(finding, where, spread.text[finding.start : finding.end])

    def _scanned(self, text: Text) -> Scan | None:
        """What was found in a text; None where it could not be read."""
        provenance, length = text.provenance, len(text.value)
        readers = self._readers.get(provenance)
        if readers is None:
            readers = self._engine.readers(provenance, self._scanners)
            self._readers[provenance] = readers
        if not text.value or not (readers or (self._restoring and provenance in ANSWERS)):
            self._tally.read(length, ())
            return _NOTHING
        try:
            go_on(look=True)
            beside = self._beside.get(text.path) if self._beside else None
            scan = scan_text(self._engine, text, self._scanners, self._words, beside)
        except ScanTimeout:
            self._tally.fail(length, readers, "timeout")
            return None
        except Exception:  # noqa: BLE001 - whatever fails in a scanner, the policy decides
            self._tally.fail(length, readers)
            return None
        self._tally.read(length, readers)
        return scan

    def _scanned_across(self, at: int) -> tuple[Finding, ...] | None:
        """What a user spread over a text and those before it; None where it could not be read."""
        try:
            return scan_across(self._engine, self._spreads.of(at), self._scanners, self._across)
        except ScanTimeout:
            self._tally.fail(0, self._across, "timeout")
            return None
        except Exception:  # noqa: BLE001 - whatever fails in a scanner, the policy decides
            self._tally.fail(0, self._across)
            return None


def _may_wait(text: Text, scan: Scan) -> bool:
    """Whether a text may be rewritten when it is written: it is long, and nothing hangs on it.

    What stands for a value that is tokenised must be known before. A text that is a part of what
    some string spells is put into that string at once.
    """
    if len(text.value) <= _LONG_CHARS or text.json or not INWARD.isdisjoint(text.path):
        return False
    return all(one.kind == "redact" for one in scan.replacements)


def _unknown(text: Text, scan: Scan, words: Words) -> Iterator[tuple[str, str, Finding]]:
    """Where stand-ins are that nobody issued, what is written there, and the finding of it."""
    for one in scan.replacements:
        written = text.value[one.start : one.end]
        if one.unknown is not None and words.value(written) is None:
            yield text.where, written, one.unknown

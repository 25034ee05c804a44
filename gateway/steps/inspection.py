"""Reading texts with the scanners that the policy names, and accounting for what was read.

Coverage is stated, not assumed: how many characters stood there, how many a scanner read, and for
every scanner whether it found something, found nothing, failed, or had nothing to read.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.scan.rewriting import REDACTING, rewrite
from gateway.scan.runs import RUNS, Run
from gateway.steps.json_source import scan_source
from gateway.steps.spread import spread_over
from gateway.steps.tally import Inspection, Tally
from gateway.terms import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.policy.decide import Decision
    from gateway.scan.engine import Engine
    from gateway.scan.finding import Finding, Scan
    from gateway.scan.reader import Hit
    from gateway.scan.rewriting import Words
    from gateway.scan.runs import Found, RunKey
    from gateway.steps.consulting import Consulted
    from gateway.terms import Provenance
    from gateway.wire.exchange import Path, Text

__all__ = ["inspect", "is_long", "run_key", "run_of", "scan_text"]

_INLINE_CHARS: Final = 32_768
_INLINE_TEXTS: Final = 256


def is_long(texts: Sequence[Text]) -> bool:
    """Whether a scan of texts moves to a thread, so that other requests go on meanwhile."""
    # Each text costs some microseconds, however short it is.
    if len(texts) > _INLINE_TEXTS:
        return True
    return sum(len(text.value) for text in texts) > _INLINE_CHARS


async def inspect(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    words: Words = REDACTING,
    consulted: Consulted | None = None,
) -> Inspection:
    """Scans texts, off the event loop when they are long."""
    if is_long(texts):
        return await asyncio.to_thread(inspect_now, engine, decision, texts, words, consulted)
    return inspect_now(engine, decision, texts, words, consulted)


def inspect_now(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    words: Words = REDACTING,
    consulted: Consulted | None = None,
) -> Inspection:
    """Scans texts here and now.

    Args:
        engine: The policy's scanners.
        decision: Says which of them read.
        texts: The texts of one direction of the call.
        words: What stands for values that are tokenised, and for stand-ins.
        consulted: What models beside the detectors said of the texts.
    """
    found, learnt = _inspected(engine, decision, texts, words, consulted)
    # Where a stand-in is known by a value that was found later, scanners may not look into it.
    return _inspected(engine, decision, texts, words, consulted)[0] if learnt else found


def _inspected(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    words: Words,
    consulted: Consulted | None,
) -> tuple[Inspection, bool]:
    """What the scanners found, and whether a stand-in became known after it was read."""
    inspector = _Inspector(engine, decision, words, consulted)
    # What a model says is remembered where it is asked, and in no run.
    inspector.read(texts, () if consulted is not None and consulted.hits else RUNS)
    inspector.read_across(texts)
    return inspector.result()


def run_key(engine: Engine, texts: Sequence[Text], scanners: Sequence[str]) -> RunKey | None:
    """The name of a run of texts that some scanners read; None where their values do not tell."""
    if any(text.json for text in texts):
        return None
    values, sources = [text.value for text in texts], [text.provenance for text in texts]
    return engine.runs.key(values, sources, scanners)


def run_of(
    engine: Engine, texts: Sequence[Text], scanners: Sequence[str], found: Iterable[Found]
) -> Run | None:
    """What is to be remembered of a run that these scanners read.

    None where stand-ins are in it: whether they were issued hangs on the call.
    """
    found = tuple(found)
    if any(one.kind == "stand_in" for _, scan in found for one in scan.replacements):
        return None
    sizes = [(len(text.value), engine.readers(text.provenance, scanners)) for text in texts]
    return Run(
        sum(size for size, _ in sizes),
        sum(size for size, readers in sizes if readers),
        tuple(dict.fromkeys(name for size, readers in sizes if size for name in readers)),
        found,
    )


def scan_text(
    engine: Engine,
    text: Text,
    scanners: Sequence[str],
    words: Words,
    beside: tuple[Hit, ...] | None = None,
) -> Scan:
    """What some scanners find in a text; arguments as for ``Engine.scan``."""
    if text.json:
        return scan_source(engine, text.value, text.provenance, scanners, words)
    return engine.scan(text.value, text.provenance, scanners, words, beside)


class _Inspector:
    """Reads the texts of one direction of a call."""

    def __init__(
        self, engine: Engine, decision: Decision, words: Words, consulted: Consulted | None
    ) -> None:
        self._engine = engine
        self._words = words
        self._scanners = decision.scanners
        self._tally = Tally(decision, engine.shown)
        self._beside = {} if consulted is None else consulted.hits
        for name, why in (consulted.lost if consulted else {}).items():
            self._tally.fail(0, (name,), why)
        self._restoring = engine.tokenises(decision.scanners)
        self._readers: dict[Provenance, tuple[str, ...]] = {}
        self._changing: list[tuple[Text, Scan]] = []

    def read(self, texts: Sequence[Text], runs: Sequence[int]) -> list[Found] | None:
        """Reads texts, in runs of some lengths; what was found, None where one was not read."""
        found: list[Found] = []
        whole = True
        size = runs[0] if runs else 1
        for at in range(0, len(texts), size):
            some = (
                self._read_run(texts[at : at + size], runs) if runs else self._read_one(texts[at])
            )
            if some is None:
                whole = False
            else:
                found += [(at + number, scan) for number, scan in some]
        return found if whole else None

    def _read_run(self, texts: Sequence[Text], runs: Sequence[int]) -> Sequence[Found] | None:
        """The same for one run; nothing is read of one that is known."""
        engine = self._engine
        key = run_key(engine, texts, self._scanners) if len(texts) == runs[0] else None
        known = None if key is None else engine.runs.get(key)
        if known is not None:
            self._tally.read_run(known)
            for number, scan in known.found:
                self._note(texts[number], scan)
            return known.found
        found = self.read(texts, runs[1:])
        if found is not None and key is not None:
            run = run_of(engine, texts, self._scanners, found)
            if run is not None:
                engine.runs.put(key, run)
        return found

    def read_across(self, texts: Sequence[Text]) -> None:
        """Finds the orders that a user spreads over several texts; told of the last of them."""
        readers = self._engine.of_kind("injection", "user", self._scanners)
        spread = spread_over(texts) if readers else None
        if spread is None:
            return
        scan = self._engine.scan
        try:
            told = spread.told(lambda text: scan(text, "user", readers).findings)
        except Exception:  # noqa: BLE001 - whatever fails in a scanner, the policy decides
            self._tally.fail(0, readers)
            return
        for finding in told:
            value = spread.text[finding.start : finding.end]
            self._tally.find(finding, spread.last.where, value)

    def result(self) -> tuple[Inspection, bool]:
        """Everything found, and whether a stand-in became known after it was read."""
        tally, changing, words = self._tally, self._changing, self._words
        unknown = [one for text, scan in changing for one in _unknown(text, scan, words)]
        replacements = _rewritten(tally, changing, words)
        learnt = any(words.value(written) is not None for _, written, _ in unknown)
        for where, written, finding in () if learnt else unknown:
            tally.find(finding, where, written)
        return tally.result(replacements), learnt

    def _read_one(self, text: Text) -> Sequence[Found] | None:
        """Reads a text; what was found in it, None where it could not be read."""
        provenance = text.provenance
        readers = self._readers.get(provenance)
        if readers is None:
            readers = self._engine.readers(provenance, self._scanners)
            self._readers[provenance] = readers
        if not text.value or not (readers or (self._restoring and provenance in ANSWERS)):
            self._tally.read(len(text.value), ())
            return ()
        scan = self._scanned(text, readers)
        if scan is None:
            return None
        if not scan.findings and not scan.replacements:
            return ()
        self._note(text, scan)
        return ((0, scan),)

    def _note(self, text: Text, scan: Scan) -> None:
        """Something was found in a text."""
        value, where = text.value, text.where
        for finding in scan.findings:
            found = value[finding.start : finding.end]
            self._tally.find(finding, where, found, again=text.again)
        if scan.replacements:
            self._changing.append((text, scan))

    def _scanned(self, text: Text, readers: tuple[str, ...]) -> Scan | None:
        """What was found in a text; None where it could not be read."""
        length = len(text.value)
        try:
            beside = self._beside.get(text.path) if self._beside else None
            scan = scan_text(self._engine, text, self._scanners, self._words, beside)
        except Exception:  # noqa: BLE001 - whatever fails in a scanner, the policy decides
            self._tally.fail(length, readers)
            return None
        self._tally.read(length, readers)
        return scan


def _rewritten(
    tally: Tally, changing: Iterable[tuple[Text, Scan]], words: Words
) -> dict[Path, str]:
    """The new texts."""
    replacements: dict[Path, str] = {}
    for text, scan in changing:
        if text.rewritable:
            new = rewrite(text.value, scan.replacements, words.in_json if text.json else words)
            if new != text.value:
                replacements[text.path] = new
        elif any(one.unknown is None for one in scan.replacements):
            tally.block(scan.findings[0].scanner, scan.findings[0].entity)
    return replacements


def _unknown(text: Text, scan: Scan, words: Words) -> Iterator[tuple[str, str, Finding]]:
    """Where stand-ins are that nobody issued, what is written there, and the finding of it."""
    for one in scan.replacements:
        written = text.value[one.start : one.end]
        if one.unknown is not None and words.value(written) is None:
            yield text.where, written, one.unknown

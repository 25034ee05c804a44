"""What rules in shadow mode would have done, for the record only.

A rule in shadow mode decides nothing; an override in shadow mode reads the same texts beside the
real scanners. What comes of it is noted where it would have been something else, and nothing of it
reaches the client: not a block, not a rewrite, not a failure.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import structlog

from gateway.audit.record import ShadowNote
from gateway.scan.finding import Scan
from gateway.scan.patience import Patience
from gateway.scan.rewriting import REDACTING
from gateway.scan.runs import RUNS, Found
from gateway.scan.stand_ins import UNKNOWN_STAND_IN
from gateway.steps.faults import fault
from gateway.steps.inspection import is_long
from gateway.steps.scanning import RunNames, run_of, scan_across, scan_text
from gateway.steps.spread import Spreads
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.policy.decision import Decision, ShadowScan
    from gateway.scan.engine import Engine
    from gateway.scan.rewriting import Words
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Text

__all__ = ["Shadows", "rule_notes", "scan_notes"]

_log = structlog.get_logger("gateway.steps")
_Acts = Counter[tuple[str, str, Action]]


def rule_notes(decision: Decision) -> tuple[ShadowNote, ...]:
    """What rules in shadow mode would have decided otherwise."""
    return tuple(ShadowNote(one.rule, one.decision) for one in decision.shadow)


class Shadows:
    """The overrides in shadow mode of one decision, as they read the texts of one direction.

    They read some texts right behind the real scanners: what these found is still remembered then,
    so that with other settings it is judged once more, and not read.

    Args:
        engine: The policy's scanners.
        decision: What was decided; its ``shadow_scans`` run.
        texts: The texts.
        words: Know which stand-ins were issued; nothing is said by them.
    """

    def __init__(
        self, engine: Engine, decision: Decision, texts: Sequence[Text], words: Words = REDACTING
    ) -> None:
        self._engine = engine
        self._scans = decision.shadow_scans
        self._texts = texts
        self._words = words
        self._readers: list[_Reader] = []

    def begin(self) -> None:
        """Begins to read, or begins anew."""
        self._readers = [
            _Reader(self._engine, one, self._texts, self._words) for one in self._scans
        ]

    def read(self, start: int, stop: int) -> None:
        """Reads some texts, by their places; of the rules that cannot, nothing is noted."""
        for one in self._readers:
            one.read(start, stop)

    def notes(self, real: Inspection) -> tuple[ShadowNote, ...]:
        """What would have been something else.

        Args:
            real: What the real scanners found in the texts.
        """
        does = _acts(real) if self._readers else Counter()
        return tuple(
            _note(one.shadow, one.acts, does)
            for one in self._readers
            if not one.failed and one.acts != does
        )


async def scan_notes(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    real: Inspection,
    words: Words = REDACTING,
) -> tuple[ShadowNote, ...]:
    """What scanners with other settings would have made of texts that were read already.

    Args:
        engine: As for ``Shadows``, and so are the others.
        decision: What was decided.
        texts: The texts.
        real: What the real scanners found in them.
        words: Know which stand-ins were issued.
    """
    if not decision.shadow_scans:
        return ()
    shadows = Shadows(engine, decision, texts, words)
    if is_long(texts):
        return await asyncio.to_thread(_notes, shadows, len(texts), real)
    return _notes(shadows, len(texts), real)


def _notes(shadows: Shadows, count: int, real: Inspection) -> tuple[ShadowNote, ...]:
    shadows.begin()
    shadows.read(0, count)
    return shadows.notes(real)


def _note(shadow: ShadowScan, would: _Acts, does: _Acts) -> ShadowNote:
    decision = max((action for _, _, action in would), default=Action.ALLOW).word
    # What is found besides tells why; where less is found there is nothing to name.
    more = max(would - does, key=lambda act: act[2], default=(None, None, None))
    return ShadowNote(shadow.rule, decision, more[0], more[1])


class _Reader:
    """One override in shadow mode, and what it would have done.

    Attributes:
        shadow: The override.
        acts: What its findings would do.
        failed: Whether it could not read some text.
    """

    def __init__(
        self, engine: Engine, shadow: ShadowScan, texts: Sequence[Text], words: Words
    ) -> None:
        self._engine = engine
        self._texts = texts
        self._words = words
        self._patience = Patience(engine.patience, len(texts))
        self._across: Sequence[str] = ()
        self._spreads: Spreads | None = None
        self.shadow = shadow
        self.acts: _Acts = Counter()
        self.failed = False

    def read(self, start: int, stop: int) -> None:
        """Reads some texts, as long as it has not failed."""
        if self.failed:
            return
        try:
            with self._patience.stretch():
                self._read(start, stop)
        except Exception as error:  # noqa: BLE001 - a measurement must not cost an answer
            self.failed = True
            _log.error("shadow_scan_failed", rule=self.shadow.rule, **fault(error))

    def _read(self, start: int, stop: int) -> None:
        engine, scanners, size = self._engine, self.shadow.scanners, RUNS[-1]
        if self._spreads is None:
            self._across = engine.of_kind("injection", "user", scanners)
            self._spreads = Spreads(self._texts if self._across else ())
        names = RunNames(engine, self._texts[start:stop], scanners)
        for at in range(start, stop, size):
            some, key = self._texts[at : min(at + size, stop)], None
            if len(some) == size:
                key = names.of(at - start, at - start + size, self._spreads.before(at))
            known = None if key is None else engine.runs.get(key)
            if known is not None:
                self.acts.update(_acts_of(known.found))
                continue
            found = [one for one in self._found(self._spreads, at, some) if one.size]
            self.acts.update(_acts_of(found))
            run = None if key is None else run_of(engine, some, scanners, found)
            if key is not None and run is not None:
                engine.runs.put(key, run)

    def _found(self, spreads: Spreads, at: int, texts: Sequence[Text]) -> Iterator[Found]:
        engine, scanners = self._engine, self.shadow.scanners
        for number, one in enumerate(texts):
            spread = spreads.of(at + number)
            across = scan_across(engine, spread, scanners, self._across)
            yield Found(number, self._scan(one), across)

    def _scan(self, text: Text) -> Scan:
        if not self._engine.readers(text.provenance, self.shadow.scanners):
            return Scan((), len(text.value), Action.ALLOW)
        return scan_text(self._engine, text, self.shadow.scanners, self._words)


def _acts_of(found: Iterable[Found]) -> Iterator[tuple[str, str, Action]]:
    for it in found:
        for one in (*it.scan.findings, *it.across):
            if one.action is not Action.ALLOW:
                yield one.scanner, one.entity, one.action


def _acts(inspection: Inspection) -> _Acts:
    """What the real findings do, by scanner, entity and action, and how often."""
    acts: _Acts = Counter()
    for note in inspection.findings:
        action = Action[note.action.upper()]
        # Whether a stand-in is known is no setting of a scanner.
        if action is not Action.ALLOW and note.entity != UNKNOWN_STAND_IN:
            acts[note.scanner, note.entity, action] += note.count
    return acts

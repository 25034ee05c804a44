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
from gateway.scan.patience import patience
from gateway.scan.rewriting import REDACTING
from gateway.scan.runs import RUNS, Found
from gateway.scan.stand_ins import UNKNOWN_STAND_IN
from gateway.steps.faults import fault
from gateway.steps.inspection import is_long, run_key, run_of, scan_across, scan_text
from gateway.steps.spread import Spreads
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.policy.decision import Decision, ShadowScan
    from gateway.scan.engine import Engine
    from gateway.scan.rewriting import Words
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Text

__all__ = ["rule_notes", "scan_notes"]

_log = structlog.get_logger("gateway.steps")
_Acts = Counter[tuple[str, str, Action]]


def rule_notes(decision: Decision) -> tuple[ShadowNote, ...]:
    """What rules in shadow mode would have decided otherwise."""
    return tuple(ShadowNote(one.rule, one.decision) for one in decision.shadow)


async def scan_notes(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    real: Inspection,
    words: Words = REDACTING,
) -> tuple[ShadowNote, ...]:
    """What scanners with other settings would have made of texts that were read already.

    Args:
        engine: The policy's scanners.
        decision: What was decided; its ``shadow_scans`` run.
        texts: The texts of one direction of the call.
        real: What the real scanners found in them.
        words: Know which stand-ins were issued; nothing is said by them.
    """
    if not decision.shadow_scans:
        return ()
    if is_long(texts):
        return await asyncio.to_thread(_notes, engine, decision, texts, real, words)
    return _notes(engine, decision, texts, real, words)


def _notes(
    engine: Engine, decision: Decision, texts: Sequence[Text], real: Inspection, words: Words
) -> tuple[ShadowNote, ...]:
    does = _acts(real)
    notes = []
    for shadow in decision.shadow_scans:
        try:
            with patience(engine.patience, len(texts)):
                would = _read(engine, shadow, texts, words)
        except Exception as error:  # noqa: BLE001 - a measurement must not cost an answer
            _log.error("shadow_scan_failed", rule=shadow.rule, **fault(error))
            continue
        if would != does:
            notes.append(_note(shadow, would, does))
    return tuple(notes)


def _note(shadow: ShadowScan, would: _Acts, does: _Acts) -> ShadowNote:
    decision = max((action for _, _, action in would), default=Action.ALLOW).word
    # What is found besides tells why; where less is found there is nothing to name.
    more = max(would - does, key=lambda act: act[2], default=(None, None, None))
    return ShadowNote(shadow.rule, decision, more[0], more[1])


def _read(engine: Engine, shadow: ShadowScan, texts: Sequence[Text], words: Words) -> _Acts:
    """What the findings would do with the settings that are measured."""
    acts: _Acts = Counter()
    size = RUNS[-1]
    across = engine.of_kind("injection", "user", shadow.scanners)
    spreads = Spreads(texts if across else ())
    for at in range(0, len(texts), size):
        some, key = texts[at : at + size], None
        if len(some) == size:
            key = run_key(engine, some, shadow.scanners, spreads.before(at))
        known = None if key is None else engine.runs.get(key)
        if known is not None:
            acts.update(_acts_of(known.found))
            continue
        read = (
            Found(
                number,
                _scan(engine, shadow, one, words),
                scan_across(engine, spreads.of(at + number), shadow.scanners, across),
            )
            for number, one in enumerate(some)
        )
        found = [one for one in read if one.size]
        acts.update(_acts_of(found))
        run = None if key is None else run_of(engine, some, shadow.scanners, found)
        if key is not None and run is not None:
            engine.runs.put(key, run)
    return acts


def _scan(engine: Engine, shadow: ShadowScan, text: Text, words: Words) -> Scan:
    if not engine.readers(text.provenance, shadow.scanners):
        return Scan((), len(text.value), Action.ALLOW)
    return scan_text(engine, text, shadow.scanners, words)


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

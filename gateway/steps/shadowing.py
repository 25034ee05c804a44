"""What rules in shadow mode would have done, for the record only.

A rule in shadow mode decides nothing; an override in shadow mode reads the same texts beside the
real scanners. What comes of it is noted where it would have been something else, and nothing of it
reaches the client: not a block, not a rewrite, not a failure.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from gateway.audit.record import ShadowNote
from gateway.steps.faults import fault
from gateway.steps.inspection import inspect
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.policy.decision import Decision, ShadowScan
    from gateway.scan.engine import Engine
    from gateway.steps.inspection import Inspection
    from gateway.wire.exchange import Text

__all__ = ["rule_notes", "scan_notes"]

_log = structlog.get_logger("gateway.steps")


def rule_notes(decision: Decision) -> tuple[ShadowNote, ...]:
    """What rules in shadow mode would have decided otherwise."""
    return tuple(ShadowNote(one.rule, one.decision) for one in decision.shadow)


async def scan_notes(
    engine: Engine, decision: Decision, texts: Sequence[Text], real: Inspection
) -> tuple[ShadowNote, ...]:
    """What scanners with other settings would have made of texts that were read already.

    Args:
        engine: The policy's scanners.
        decision: What was decided; its ``shadow_scans`` run.
        texts: The texts of one direction of the call.
        real: What the real scanners found in them.
    """
    notes = []
    for shadow in decision.shadow_scans:
        try:
            note = await _note(engine, decision, texts, real, shadow)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a measurement must not cost an answer
            _log.error("shadow_scan_failed", rule=shadow.rule, **fault(error))
            continue
        if note is not None:
            notes.append(note)
    return tuple(notes)


async def _note(
    engine: Engine,
    decision: Decision,
    texts: Sequence[Text],
    real: Inspection,
    shadow: ShadowScan,
) -> ShadowNote | None:
    # A scanner that fails there too was dealt with by the real one.
    ours = replace(decision, scanners=shadow.scanners, on_scanner_error=Action.ALLOW)
    found = await inspect(engine, ours, texts)
    would, does = _acts(found), _acts(real)
    if would == does:
        return None
    # What is found besides tells why; where less is found there is nothing to name.
    more = max(would - does, key=lambda act: act[2], default=(None, None, None))
    return ShadowNote(shadow.rule, found.action.word, more[0], more[1])


def _acts(inspection: Inspection) -> Counter[tuple[str, str, Action]]:
    """What the findings do, by scanner, entity and action, and how often."""
    acts: Counter[tuple[str, str, Action]] = Counter()
    for note in inspection.findings:
        action = Action[note.action.upper()]
        if action is not Action.ALLOW:
            acts[note.scanner, note.entity, action] += note.count
    return acts

"""Asking models beside the built-in detectors what they make of whole texts.

A classifier of injections is asked where the embedded model is in doubt; readers of names are asked
about every text that their scanner reads. Texts of streams are not shown to them: what a model says
of a text hangs on all of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gateway.consult.opinions import ConsultantLost
from gateway.scan.opinions import hits_of
from gateway.steps.inspection import is_long

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.consult.opinions import Consultant, Why
    from gateway.policy.decide import Decision
    from gateway.scan.engine import Engine
    from gateway.scan.reader import Hit
    from gateway.terms import ScannerSpec
    from gateway.wire.exchange import Path, Text

__all__ = ["Consultants", "Consulted", "consult"]

Consultants: TypeAlias = "Mapping[str, Consultant]"
"""The models of the settings, by name."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """What models said of the texts of one direction of a call.

    Attributes:
        hits: Per text what they found in it; where they found nothing, an empty tuple.
        lost: Per scanner whose model did not answer why.
    """

    hits: Mapping[Path, tuple[Hit, ...]]
    lost: Mapping[str, Why]


async def consult(
    engine: Engine, consultants: Consultants, decision: Decision, texts: Sequence[Text]
) -> Consulted | None:
    """Asks every model that a scanner of the decision names; None where none does.

    Args:
        engine: The policy's scanners.
        consultants: The models.
        decision: Says which scanners read.
        texts: The texts.
    """
    asking = [spec for spec in map(engine.spec, decision.scanners) if spec.ask]
    if not asking:
        return None
    answers = await asyncio.gather(*(_ask(engine, consultants, one, texts) for one in asking))
    hits: dict[Path, tuple[Hit, ...]] = {}
    lost: dict[str, Why] = {}
    for spec, found in zip(asking, answers, strict=True):
        if isinstance(found, ConsultantLost):
            lost[spec.name] = found.why
            continue
        for path, more in found:
            hits[path] = (*hits.get(path, ()), *more)
    return Consulted(hits, lost)


async def _ask(
    engine: Engine, consultants: Consultants, spec: ScannerSpec, texts: Sequence[Text]
) -> list[tuple[Path, tuple[Hit, ...]]] | ConsultantLost:
    # The embedded model reads all of a text to tell how sure it is.
    long = spec.kind == "injection" and is_long(texts)
    chosen = (
        await asyncio.to_thread(_chosen, engine, spec, texts)
        if long
        else _chosen(engine, spec, texts)
    )
    if not chosen:
        return []
    try:
        said = await consultants[spec.ask].read([text.value for text in chosen])
    except ConsultantLost as lost:
        return lost
    return [
        (text.path, hits_of(opinions, spec.kind, spec.ask))
        for text, opinions in zip(chosen, said, strict=True)
    ]


def _chosen(engine: Engine, spec: ScannerSpec, texts: Sequence[Text]) -> list[Text]:
    """The texts about which a scanner asks its model."""
    return [text for text in texts if text.value and _is_asked(engine, spec, text)]


def _is_asked(engine: Engine, spec: ScannerSpec, text: Text) -> bool:
    if not engine.readers(text.provenance, (spec.name,)):
        return False
    if spec.kind != "injection":
        return True
    score = engine.suspicion(text.value, text.provenance, spec.name)
    low, high = spec.grey
    return score is not None and low <= score <= high

"""An evaluation as one value, and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gateway import __version__
from gateway.evaluation.figures import RATES, attack_figures, harmless_figures, macro
from gateway.evaluation.judging import Judge, Speed
from gateway.evaluation.values import entity_figures, secret_figures
from gateway.scan.engine import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.evaluation.figures import AttackFigures, HarmlessFigures
    from gateway.evaluation.judging import Judged
    from gateway.evaluation.rows import Row
    from gateway.evaluation.values import EntityFigures, SecretFigures
    from gateway.terms import ScannerSpec

__all__ = ["Report", "evaluate", "plain"]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured.

    Attributes:
        rows: How many labelled texts there were.
        attacks: Per set of attacks.
        harmless: Per set without attacks.
        entities: Per set and entity.
        not_looked_for: Types in the rows that no scanner looks for, and how often.
        secrets: Per set of secrets.
        speed: Per set, what reading it cost.
    """

    rows: int
    attacks: Sequence[AttackFigures]
    harmless: Sequence[HarmlessFigures]
    entities: Sequence[EntityFigures]
    not_looked_for: Mapping[str, int]
    secrets: Sequence[SecretFigures]
    speed: Mapping[str, Speed]

    @property
    def recall(self) -> dict[float, float | None]:
        """Per rate of false positives the mean recall over the sets of attacks."""
        return {rate: macro(one.recall[rate] for one in self.attacks) for rate in RATES}

    @property
    def flagged(self) -> float | None:
        """The mean share over the sets of attacks that the policy's own thresholds flag."""
        return macro(one.flagged for one in self.attacks)

    @property
    def total_speed(self) -> Speed:
        """All sets together."""
        speeds = self.speed.values()
        return Speed(
            sum(one.texts for one in speeds),
            sum(one.bytes for one in speeds),
            sum(one.seconds for one in speeds),
        )


def evaluate(
    specs: Sequence[ScannerSpec], rows: Iterable[Row], looked_for: Iterable[str]
) -> Report:
    """Reads labelled texts and says how well the scanners did.

    Args:
        specs: The scanners.
        rows: The texts.
        looked_for: The entities of personal data that the scanners look for.
    """
    judge = Judge(specs)
    count = 0
    judged: list[Judged] = []
    for row in rows:
        count += 1
        judged.extend(judge.judge([row]))
    entities, unknown = entity_figures(judged, frozenset(looked_for))
    return Report(
        count,
        attack_figures(judged),
        harmless_figures(judged),
        entities,
        unknown,
        secret_figures(judged),
        dict(sorted(judge.speed.items())),
    )


def plain(report: Report) -> dict[str, Any]:
    """The report in plain values; shares are from 0 to 1, None where they cannot be told."""
    return {
        "version": __version__,
        "detectors": VERSION,
        "rows": report.rows,
        "macro": {**_recalls(report.recall), "flagged": report.flagged},
        "attacks": [_attack(one) for one in report.attacks],
        "harmless": [asdict(one) for one in report.harmless],
        "entities": [
            {**asdict(one), "recall": one.recall, "precision": one.precision, "f2": one.f2}
            for one in report.entities
        ],
        "not_looked_for": dict(report.not_looked_for),
        "secrets": [asdict(one) for one in report.secrets],
        "speed": {
            name: {**asdict(one), "ms_per_kb": one.ms_per_kb}
            for name, one in {**report.speed, "all": report.total_speed}.items()
        },
    }


def _attack(one: AttackFigures) -> dict[str, Any]:
    figures = {**asdict(one), **_recalls(one.recall)}
    del figures["recall"]
    return figures


def _recalls(recall: Mapping[float, float | None]) -> dict[str, float | None]:
    return {f"recall_at_{rate:g}": value for rate, value in recall.items()}

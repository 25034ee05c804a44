"""``python -m scripts.training.loso``: how well the model does on sources that it has never seen.

A whole family of sources is left out, attacks and harmless texts; the model learns from the others
and scores what was left out. The margin for a rate of false alarms is the one that so many of the
harmless texts exceed, each scored by a model that has not seen its source, easy sets only.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from gateway.scan.model_file import HeadName
from scripts.training.learning import Learner, Settings, chosen
from scripts.training.library import library
from scripts.training.packing import margin_at
from scripts.training.rows import FAMILIES, read_rows, thinned
from scripts.training.texts import generated
from scripts.training.train import PLANS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.training.rows import Row

__all__ = ["Margins", "easy", "left_out"]

Margins = dict[str, list[float]]
"""Per source the margins of its texts."""
RATES: Final = (0.01, 0.001)
_TRIGGERS: Final = "notinject"
_RATE: Final = 0.02
_HARD: Final = frozenset({"notinject", "xstest", "cyberseceval_frr", "spikee_seeds"})
_NO_PROSE: Final = ("secrets_", "pii_presidio_unit", "harmful")


def left_out(
    learner: Learner,
    rows: Sequence[Row],
    made: Sequence[Row],
    head: HeadName,
    settings: Settings | None = None,
) -> Margins:
    """The margins of all texts of a head's provenance, by models that have not seen the source."""
    found: Margins = defaultdict(list)
    for files in FAMILIES.values():
        unseen = [row for row in rows if row.file in files and row.data == (head == "data")]
        if not unseen:
            continue
        known = [*(row for row in rows if row.file not in files), *made]
        learnt = learner.learn(chosen(known, head), settings)
        for row in unseen:
            found[row.source].append(learnt.margin(learner.features(row)))
    return found


def easy(margins: Mapping[str, Sequence[float]]) -> list[Sequence[float]]:
    """The harmless sets that do not set out to look like attacks."""
    return [
        values
        for source, values in margins.items()
        if not source.endswith("+") and source not in _HARD and not source.startswith(_NO_PROSE)
    ]


def report(margins: Margins) -> dict[str, dict[str, float]]:
    """Per rate of false alarms the share of each source that is above the margin.

    A last one is told by the harmless texts that are full of an attack's words.
    """
    least_at = {str(rate): margin_at(easy(margins), rate) for rate in RATES}
    if _TRIGGERS in margins:
        least_at[f"{_TRIGGERS} {_RATE}"] = margin_at([margins[_TRIGGERS]], _RATE)
    figures = {}
    for point, least in least_at.items():
        above = {name: float(np.mean(np.array(one) >= least)) for name, one in margins.items()}
        attacks = [value for name, value in above.items() if name.endswith("+")]
        figures[point] = {"margin": least, "macro": float(np.mean(attacks)), **above}
    return figures


def main() -> None:
    """Measures and prints, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m scripts.training.loso", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of JSON lines")
    parser.add_argument("--made", type=int, default=3000, help="texts of the generator per kind")
    parser.add_argument("--most", type=int, default=300, help="texts of each source")
    parser.add_argument("--passages", type=int, default=800, help="of Python's library and manual")
    parser.add_argument("--steps", type=int, default=20, help="of each round of learning")
    parser.add_argument("--heads", nargs="*", choices=get_args(HeadName), default=["user", "data"])
    asked = parser.parse_args()
    learner = Learner(Settings())
    rows = thinned(read_rows(asked.data), asked.most)
    made = [*generated(asked.made, seed=7), *library(asked.passages)]
    for head in asked.heads:
        settings = replace(PLANS[head].settings, steps=asked.steps)
        margins = left_out(learner, rows, made, head, settings)
        print(json.dumps({head: report(margins)}, indent=1), flush=True)


if __name__ == "__main__":
    main()

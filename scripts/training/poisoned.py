"""``python -m scripts.training.poisoned``: how many poisoned documents are found.

The short attacks of a family of sources are placed in the harmless contexts of BIPIA, one in each,
at the start, at the end or between two sentences. The heads that read them have seen neither that
family nor BIPIA, and flag and block at the margins of the shipped file.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scripts.training.grammar import Draw
from scripts.training.learning import Learner, chosen
from scripts.training.library import library
from scripts.training.rows import FAMILIES, Row, read_rows, thinned
from scripts.training.texts import generated, placed
from scripts.training.train import PLANS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.model_file import HeadName
    from scripts.training.learning import Learnt
    from scripts.training.train import Plan

__all__ = ["Found", "poison", "shares"]

_DOCUMENTS: Final = "bipia"
_LONGEST: Final = 400
"""Characters of an attack that is placed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of some texts: how many there were, and the shares flagged and blocked."""

    texts: int
    flagged: float
    blocked: float


def poison(attacks: Sequence[Row], documents: Sequence[Row], seed: int = 3) -> list[Row]:
    """Each attack in one of the documents."""
    draw = Draw(seed)
    rows = []
    for attack in attacks:
        text, start, end = placed(draw.one(documents).text, attack.text.strip(), draw)
        rows.append(Row(text, attack=True, source=attack.source, group=attack.group, data=True,
                        start=start, end=end))  # fmt: skip
    return rows


def shares(rows: Sequence[Row], heads: dict[HeadName, Learnt], learner: Learner) -> Found:
    """What the heads together make of some texts."""
    flagged = blocked = 0
    for row in rows:
        margins = {name: one.margin(learner.features(row)) for name, one in heads.items()}
        flagged += any(margin >= PLANS[name].flag for name, margin in margins.items())
        blocked += any(margin >= PLANS[name].block for name, margin in margins.items())
    count = max(len(rows), 1)
    return Found(len(rows), flagged / count, blocked / count)


def _heads(
    learner: Learner, rows: Sequence[Row], made: Sequence[Row], unseen: frozenset[str]
) -> dict[HeadName, Learnt]:
    known = [*(row for row in rows if row.file not in unseen), *made]
    return {name: learner.learn(chosen(known, name), plan.settings) for name, plan in PLANS.items()}


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.training.poisoned", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of JSON lines")
    parser.add_argument("--made", type=int, help="texts of the generator per kind; else as shipped")
    parser.add_argument("--most", type=int, default=500, help="texts of each source")
    asked = parser.parse_args()
    rows = thinned(read_rows(asked.data), asked.most)
    plan: Plan = PLANS["data"]
    made = [*generated(asked.made or plan.made, seed=7), *library(plan.passages)]
    learner = Learner(plan.settings)
    documents = [row for row in rows if row.file in FAMILIES[_DOCUMENTS] and not row.attack]
    print("| attacks of | texts | flagged | blocked | documents without: flagged | blocked |")
    print("|---|---|---|---|---|---|")
    for name, files in FAMILIES.items():
        short = [row for row in rows if row.attack and row.file in files]
        short = [row for row in short if len(row.text) <= _LONGEST]
        if name == _DOCUMENTS or not short:
            continue
        heads = _heads(learner, rows, made, frozenset({*files, *FAMILIES[_DOCUMENTS]}))
        found = shares(poison(short, documents), heads, learner)
        alone = shares(documents, heads, learner)
        print(
            f"| {name} | {found.texts} | {found.flagged:.2f} | {found.blocked:.2f} "
            f"| {alone.flagged:.1%} | {alone.blocked:.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

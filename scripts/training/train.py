"""``python -m scripts.training.train``: makes the file of the embedded model, to the bit.

The same data, the same version of Python, whose library is a part of what is learnt, and the same
numpy make the same file.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.scan.model_file import packed
from scripts.training.learning import Learner, Settings, chosen
from scripts.training.library import library
from scripts.training.packing import packed_head
from scripts.training.rows import read_rows, thinned
from scripts.training.texts import generated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.scan.model_file import Head, HeadName
    from scripts.training.rows import Row

__all__ = ["PLANS", "Plan", "trained"]

_SEED: Final = 7
_MOST: Final = 500
"""Rows of each source that are learnt from."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a head is made.

    Attributes:
        made: Texts of the generator, of each kind.
        passages: Of the library of Python, and as many of its manual.
        settings: How to learn.
        flag: The margin at which the score is 0.6: see ``scripts.training.loso``.
        block: The margin at which it is 0.9.
    """

    made: int
    passages: int
    settings: Settings
    flag: float
    block: float


PLANS: Final[Mapping[HeadName, Plan]] = {
    "user": Plan(6000, 1200, Settings(steps=15, rounds=2), 1.5, 2.8),
    "data": Plan(
        5000,
        2400,
        Settings(steps=15, rounds=2, made=2.0, technical=8.0, foreign=3.0),
        1.7,
        2.9,
    ),
}


def trained(rows: Sequence[Row], plans: Mapping[HeadName, Plan]) -> dict[HeadName, Head]:
    """The heads, learnt from labelled rows, texts of the generator and Python's library."""
    heads: dict[HeadName, Head] = {}
    learner = Learner(Settings())
    for name, plan in plans.items():
        texts = [*rows, *generated(plan.made, _SEED), *library(plan.passages)]
        heads[name] = packed_head(
            learner.learn(chosen(texts, name), plan.settings), plan.flag, plan.block
        )
    return heads


def main() -> None:
    """Trains, writes, and prints the digest."""
    parser = argparse.ArgumentParser(prog="python -m scripts.training.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    asked = parser.parse_args()
    data = packed(trained(thinned(read_rows(asked.data), _MOST), PLANS))
    asked.out.write_bytes(data)
    print(f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()

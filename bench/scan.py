"""``python -m bench.scan``: what reading new text costs, from 1 KB to 1 MB, all scanners on.

No text was ever seen before, so no cache helps. Microseconds per KB (1 000 characters), the fastest
of some rounds, per kind of text and size; then how much dearer a KB of the longest text is than one
of a text of 10 KB. Where reading is linear, that is 1. The last rows are the embedded model alone,
which all scanners have in theirs.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Final

from bench.figures import show
from bench.starter import starter
from bench.texts import KINDS, text_of
from gateway.scan.judging import judged
from gateway.scan.views import views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.engine import Engine
    from gateway.terms import Provenance

_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
_SOURCE: Final[Provenance] = "user"
_COMPARED: Final = (10_000, 1_000_000)


def measure(rounds: int) -> dict[str, float]:
    """Microseconds per KB for each kind and size, and the ratios."""
    engine, decision = starter()
    report: dict[str, float] = {}
    for kind in KINDS:
        costs: dict[int, float] = {}
        for size in _SIZES:
            # As many characters in each round, so that chance has the same say in each figure.
            count = max(_SIZES[-1] // size // 10, 1)
            times = [
                _round(engine, decision.scanners, kind, size, range(n * count, (n + 1) * count))
                for n in range(rounds)
            ]
            costs[size] = min(times)
            report[f"{kind}, {size // 1000} KB, us per KB"] = round(costs[size], 1)
        report[f"{kind}, ratio"] = round(costs[_COMPARED[1]] / costs[_COMPARED[0]], 2)
    for size in _SIZES:
        count = max(_SIZES[-1] // size // 10, 1)
        texts = [text_of(next(iter(KINDS)), size, seed) for seed in range(count)]
        cost = min(_model(texts) for _ in range(rounds))
        report[f"embedded model, {size // 1000} KB, us per KB"] = round(cost, 1)
    return report


def _model(texts: Sequence[str]) -> float:
    began = time.process_time()
    for text in texts:
        judged(text, views(text), ("user",))
    return (time.process_time() - began) / sum(map(len, texts)) * 1e9


def _round(engine: Engine, scanners: tuple[str, ...], kind: str, size: int, seeds: range) -> float:
    texts = [text_of(kind, size, seed) for seed in seeds]
    began = time.process_time()
    for text in texts:
        engine.scan(text, _SOURCE, scanners)
    return (time.process_time() - began) / (len(texts) * size) * 1e9


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.scan", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure(chosen.rounds)
    show(report, as_json=chosen.json)


if __name__ == "__main__":
    main()

"""Runs fuzz targets: ``python -m tests.fuzz [TARGET…] [--seconds N] [--runs N] [--corpus DIR]``.

They run one after the other; without a name, all of them. What is found stays in the corpus folder,
the input that broke a target too: put it under ``tests/fuzz/corpus/TARGET``, named after what is
wrong with it, and every run of the tests tries it again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from tests.fuzz import running  # noqa: E402 - the targets import from tests/support


def main() -> int:
    """Exit code 0 where no target broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("targets", nargs="*", help="of --list; without one, all in turn")
    parser.add_argument("--seconds", type=int, default=0, help="how long; 0 is no bound")
    parser.add_argument("--runs", type=int, default=-1, help="how many inputs; -1 is no bound")
    parser.add_argument("--seed", type=int, default=0, help="0 is another one each time")
    parser.add_argument("--corpus", type=Path, default=ROOT / ".fuzz", help="what was found so far")
    parser.add_argument("--replay", action="store_true", help="only what is known, no new inputs")
    parser.add_argument("--list", action="store_true", help="only name the targets")
    asked = parser.parse_args()
    if asked.list:
        print(*running.names(), sep="\n")  # noqa: T201 - a command prints
        return 0
    if asked.replay:
        for name in asked.targets or running.names():
            _tell(name)
            running.replay(name)
        return 0
    bounds = running.Bounds(asked.seconds, asked.runs, asked.seed)
    broken = False
    for name in asked.targets or running.watched():
        _tell(name)
        broken |= running.fuzz(name, asked.corpus, bounds) != 0
    return int(broken)


def _tell(name: str) -> None:
    print(f"== {name}", flush=True)  # noqa: T201 - a command prints


if __name__ == "__main__":
    sys.exit(main())

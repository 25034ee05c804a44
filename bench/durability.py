"""``python -m bench.durability``: what a durable audit log costs a call.

Three gateways with everything else alike stand beside each other: with ``durability: strict``, with
``relaxed``, and with ``audit: off``. They are asked in turns, round after round, so that a noisy
machine is noisy for all of them. After each round the disk is asked alone, for as many bytes as a
commit of one record writes: a call of a strict log waits twice for at least that.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.load import COUNTER
from bench.scene import chat_body, load, scene

if TYPE_CHECKING:
    from bench.scene import Scene

_PROMPT: Final = (
    "Please summarise the notes of yesterday's meeting for the team: we agreed on the new layout "
    "of the report and on who writes the first draft. Keep it short and free of jargon. "
)
_COMMIT_BYTES: Final = 28 * 2**10
"""What a commit of one record adds to the log of an SQLite store: seven pages."""
_LOG_BYTES: Final = 8 * 2**20
_SYNCS: Final = 100
_COMMITS: Final = 2
"""Of a call: what is to be sent, and what came of it."""
_sync = getattr(os, "fdatasync", os.fsync)
_KINDS: Final = {
    "strict": {},
    "relaxed": {r"^  durability: strict": "  durability: relaxed"},
    "off": {r"^audit:\n(  .*?\n)+": "audit: off\n"},
}


def main() -> int:
    """Measures and prints; returns the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.durability", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = {
            kind: stack.enter_context(scene(Path(folder) / kind, edit))
            for kind, edit in _KINDS.items()
        }
        disk = Path(folder) / "disk"
        print(json.dumps(_report(running, disk, chosen.seconds, chosen.rounds, chosen.connections)))
    return 0


def _report(
    running: dict[str, Scene], disk: Path, seconds: float, rounds: int, connections: int
) -> dict[str, Any]:
    body = chat_body(_PROMPT + COUNTER.decode())
    rates: dict[str, list[float]] = {kind: [] for kind in running}
    delays: dict[str, list[float]] = {kind: [] for kind in running}
    syncs: list[float] = []
    for turn in range(rounds + 1):
        for kind, one in running.items():
            many = load(one, one.gateway, body, connections, seconds)
            alone = load(one, one.gateway, body, 1, seconds)
            if turn:  # The first round warms up.
                rates[kind].append(many["rate"])
                delays[kind].append(alone["p50"])
        syncs.append(_sync_ms(disk))
    rate = {kind: median(found) for kind, found in rates.items()}
    delay = {kind: median(found) for kind, found in delays.items()}
    sync = median(syncs)
    return {
        "req_s": rate,
        "p50_ms": delay,
        "strict adds, ms": round(delay["strict"] - delay["off"], 3),
        "of that the disk alone, ms": round(_COMMITS * sync, 3),
        "strict costs of the throughput, %": round(100 * (1 - rate["strict"] / rate["off"]), 1),
        "strict against relaxed, ms": round(delay["strict"] - delay["relaxed"], 3),
        "strict against relaxed, %": round(100 * (1 - rate["strict"] / rate["relaxed"]), 1),
    }


def _sync_ms(path: Path) -> float:
    """Milliseconds of one ``fdatasync`` at p50, of a file that is written over as the log is."""
    took = []
    with path.open("wb", buffering=0) as file:
        file.write(bytes(_LOG_BYTES))
        os.fsync(file.fileno())
        for number in range(_SYNCS):
            file.seek(number * _COMMIT_BYTES)
            began = time.perf_counter()
            file.write(os.urandom(_COMMIT_BYTES))
            _sync(file.fileno())
            took.append(time.perf_counter() - began)
    return median(took) * 1e3


if __name__ == "__main__":
    sys.exit(main())

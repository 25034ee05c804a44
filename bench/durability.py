"""``python -m bench.durability``: what a durable audit log costs a call.

Three gateways with everything else alike stand beside each other: with ``durability: strict``, with
``relaxed``, and with ``audit: off``. They are asked in turns, round after round, so that a noisy
machine is noisy for all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
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
        print(json.dumps(_report(running, chosen.seconds, chosen.rounds, chosen.connections)))
    return 0


def _report(
    running: dict[str, Scene], seconds: float, rounds: int, connections: int
) -> dict[str, Any]:
    body = chat_body(_PROMPT + COUNTER.decode())
    rates: dict[str, list[float]] = {kind: [] for kind in running}
    delays: dict[str, list[float]] = {kind: [] for kind in running}
    for turn in range(rounds + 1):
        for kind, one in running.items():
            many = load(one, one.gateway, body, connections, seconds)
            alone = load(one, one.gateway, body, 1, seconds)
            if turn:  # The first round warms up.
                rates[kind].append(many["rate"])
                delays[kind].append(alone["p50"])
    rate = {kind: median(found) for kind, found in rates.items()}
    delay = {kind: median(found) for kind, found in delays.items()}
    return {
        "req_s": rate,
        "p50_ms": delay,
        "strict adds, ms": round(delay["strict"] - delay["off"], 3),
        "strict costs of the throughput, %": round(100 * (1 - rate["strict"] / rate["off"]), 1),
        "strict against relaxed, ms": round(delay["strict"] - delay["relaxed"], 3),
        "strict against relaxed, %": round(100 * (1 - rate["strict"] / rate["relaxed"]), 1),
    }


if __name__ == "__main__":
    sys.exit(main())

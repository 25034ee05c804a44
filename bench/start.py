"""``python -m bench.start``: what starting costs, in processor time and memory. Linux only.

Fresh processes, one after the other: importing the gateway, compiling the starter policy with all
that its first requests and streams need, and the same with every scanner on every text. Seconds
(the fastest of some rounds), and MiB of resident memory afterwards.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Final

from bench.figures import show

_SCRIPT: Final = """
import json, time
from pathlib import Path

def step(name):
    global began
    status = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    steps[name] = time.process_time() - began, kilobytes / 1024
    began = time.process_time()

steps, began = {}, time.process_time()
import gateway.app
step("import")
from bench.starter import starter
engine, decision = starter()
step("compile, starter policy")
from gateway.scan.engine import Engine, default_specs
specs = default_specs()
names = tuple(spec.name for spec in specs)
engine = Engine(specs)
step("compile, every scanner")
engine.stream("answer", names).feed(". ")
step("first stream, every scanner")
print(json.dumps(steps))
"""


def measure(rounds: int) -> dict[str, str]:
    """Seconds and MiB of each step."""
    steps: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        command = [sys.executable, "-c", _SCRIPT]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        for name, (seconds, size) in json.loads(done.stdout).items():
            steps.setdefault(name, []).append((seconds, size))
    least = {
        name: [min(values) for values in zip(*each, strict=True)] for name, each in steps.items()
    }
    return {name: f"{seconds:.2f} s, {size:.0f} MiB" for name, (seconds, size) in least.items()}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("this bench reads Linux's /proc")
    report = measure(chosen.rounds)
    show(report, as_json=chosen.json)


if __name__ == "__main__":
    main()

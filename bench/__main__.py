"""``python -m bench``: the demo upstream, the gateway with everything on, and a load generator.

Everything on means: a verified JWT, the starter policy, all scanners of it, and a strict, sealed
audit record in SQLite before and after every call. Every figure stands beside the same load sent
to the upstream alone, in the same run, because machines differ and are noisy.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.load import COUNTER
from bench.scene import chat_body, load, resident_mib, scene

if TYPE_CHECKING:
    from bench.scene import Scene

_PROMPT: Final = (
    "Please summarise the notes of yesterday's meeting for the team: we agreed on the new layout "
    "of the report, on the order of the next steps, and on who writes the first draft. Keep it "
    "short, friendly and free of jargon, and end with the two questions that stayed open. "
)
_LUA: Final = """
wrk.method = "POST"
wrk.body = [[{body}]]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
"""


def main() -> int:
    """Measures and prints; returns the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as running:
        report = _report(running, chosen.seconds, chosen.connections)
    if chosen.json:
        print(json.dumps(report))
    else:
        width = max(map(len, report))
        for name, value in report.items():
            print(f"{name:<{width}}  {value}")
    return 0


def _report(running: Scene, seconds: float, connections: int) -> dict[str, Any]:
    rest = resident_mib(running.pid)
    same, distinct = chat_body(_PROMPT), chat_body(_PROMPT + COUNTER.decode())
    story = chat_body("Tell me a long story.", stream=True)
    load(running, running.gateway, distinct, connections, 2.0)
    many = {
        name: load(running, base, body, connections, seconds)
        for name, base, body in (
            ("upstream", running.upstream, distinct),
            ("distinct", running.gateway, distinct),
            ("same", running.gateway, same),
        )
    }
    one = {
        name: load(running, base, distinct, 1, seconds)
        for name, base in (("upstream", running.upstream), ("gateway", running.gateway))
    }
    streams = {
        name: load(running, base, story, connections, seconds)
        for name, base in (("upstream", running.upstream), ("gateway", running.gateway))
    }
    report: dict[str, Any] = {
        f"upstream alone, {connections} connections, req/s": many["upstream"]["rate"],
        f"gateway, {connections} connections, distinct texts, req/s": many["distinct"]["rate"],
        f"gateway, {connections} connections, one text, req/s": many["same"]["rate"],
        "upstream alone, 1 connection, p50 / p99 ms": f"{one['upstream']['p50']} / "
        f"{one['upstream']['p99']}",
        "gateway, 1 connection, p50 / p99 ms": f"{one['gateway']['p50']} / {one['gateway']['p99']}",
        "added, 1 connection, p50 / p99 ms": f"{one['gateway']['p50'] - one['upstream']['p50']:.3f}"
        f" / {one['gateway']['p99'] - one['upstream']['p99']:.3f}",
        "upstream alone, SSE events/s": round(
            streams["upstream"]["events"] / streams["upstream"]["seconds"]
        ),
        "gateway, SSE events/s": round(
            streams["gateway"]["events"] / streams["gateway"]["seconds"]
        ),
        "gateway, resident MiB before / after": f"{rest} / {resident_mib(running.pid)}",
        "answers other than 200": sum(
            one["errors"] for group in (many, one, streams) for one in group.values()
        ),
    }
    if shutil.which("wrk"):
        report[f"gateway, {connections} connections, one text, by wrk, req/s"] = _wrk(
            running, same, connections, seconds
        )
    return report


def _wrk(running: Scene, body: bytes, connections: int, seconds: float) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA.format(body=body.decode(), token=running.token))
        script.flush()
        command = [
            "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", script.name,
            f"{running.gateway}/v1/chat/completions",
        ]  # fmt: skip
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    line = next(line for line in out.splitlines() if line.startswith("Requests/sec"))
    return float(line.split()[1])


if __name__ == "__main__":
    sys.exit(main())

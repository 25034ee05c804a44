"""``python -m bench.sinks``: what sinks of the audit log cost a call, and how fast they carry.

Four gateways with everything else alike stand beside each other: with no sink, with one that takes
all, with one that refuses all, and with one that never answers. They are asked in turns, round
after round, so that a noisy machine is noisy for all of them. Then the one that was refused all is
no more, and the log that it left is carried away at one go.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.load import COUNTER
from bench.scene import chat_body, load, scene
from gateway.audit.filters import Filters
from gateway.audit.store.opening import open_reader
from gateway.relay.outlet import Outlet
from gateway.relay.sinks.otlp import Otlp
from gateway.relay.sinks.runner import Runner, Share
from gateway.relay.sinks.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.scene import Scene
    from gateway.relay.sinks.parcel import Sink

_PROMPT: Final = (
    "Please summarise the notes of yesterday's meeting for the team: we agreed on the new layout "
    "of the report and on who writes the first draft. Keep it short and free of jargon. "
)
_KINDS: Final = {"none": "", "taking": "200", "refusing": "503", "silent": "0"}


def main() -> int:
    """Measures and prints; returns the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.sinks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--receive", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.receive is not None:
        _receive(chosen.receive)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        urls = {kind: stack.enter_context(_receiver(status)) for kind, status in _KINDS.items()}
        running = {
            kind: stack.enter_context(scene(Path(folder) / kind, _edit(url)))
            for kind, url in urls.items()
        }
        report = _report(running, chosen.seconds, chosen.rounds, chosen.connections)
        store = next((Path(folder) / "refusing").rglob("audit.db"))
        report["carried, records/s"] = _carried(f"sqlite:///{store}", urls["taking"])
        print(json.dumps(report))
    return 0


def _edit(url: str) -> dict[str, str]:
    sink = f'\\g<0>\n  sinks: {{siem: {{kind: webhook, url: "{url}", format: ocsf}}}}'
    return {r"^  signing_key: [^\n]*": sink} if url else {}


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
    costs = {kind: round(100 * (1 - rate[kind] / rate["none"]), 1) for kind in rate}
    delay = {kind: median(found) for kind, found in delays.items()}
    return {"req_s": rate, "p50_ms": delay, "cost of the throughput, %": costs}


def _carried(store: str, url: str) -> dict[str, int]:
    """Records per second that one sink takes, when nothing else goes on."""
    with open_reader(store) as reader:
        (count,) = reader.rows("SELECT count(*) FROM records")[0]
    sinks: dict[str, Sink] = {
        form: Webhook(Outlet(url, 5.0), form, b"secret") for form in ("jsonl", "ocsf", "cef")
    }
    sinks["otlp"] = Otlp(Outlet(url, 5.0))
    rates = {}
    for name, sink in sinks.items():
        runner = Runner(f"bench-{name}", sink, store, Share(Filters(), 200), lambda: True)
        began = time.perf_counter()
        runner.start()
        while runner.delivered < count:
            time.sleep(0.005)
        rates[name] = round(count / (time.perf_counter() - began))
        runner.stop(5)
    return rates


@contextmanager
def _receiver(status: str) -> Iterator[str]:
    """The URL of a receiver in a process of its own; nothing where there is to be none."""
    if not status:
        yield ""
        return
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        if status == "0":
            sock.listen(64)
            yield f"http://127.0.0.1:{port}"
            return
    command = [sys.executable, "-m", "bench.sinks", "--receive", f"{port}{status}"]
    with subprocess.Popen(command) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _receive(port_and_status: int) -> None:
    """Answers every request with one status, until it is ended."""
    port, status = divmod(port_and_status, 1000)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Reads and answers."""
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    sys.exit(main())

"""``python -m bench.audit_live``: from a record's time to each of 100 readers of the live stream.

The gateway runs with everything on and is asked ten times a second; the readers hold connections
of their own. A record's time is that of its making, so committing it is in the figures. The same
calls without readers and with 20 further ones that never read a byte say what readers cost calls.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bench.figures import show
from bench.scene import chat_body, scene
from gateway.identity.issuer import issue
from gateway.settings import load_settings

if TYPE_CHECKING:
    from bench.scene import Scene

_STALLED: Final = 20
_EVERY: Final = 0.1
_MARK: Final = b'data: {"id":"'


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_live", description=__doc__)
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as running:
        issuer = load_settings(Path(folder) / "home" / "gateway.yaml").identity.issuers[0]
        token = issue(issuer, roles=["auditor"], subject="reader", claims={}, ttl=3600)
        report = asyncio.run(_measure(running, token, chosen.readers, chosen.calls))
    show(report, as_json=chosen.json, form=">8.1f", unit=" ms")


async def _measure(running: Scene, token: str, readers: int, calls: int) -> dict[str, float]:
    await asyncio.to_thread(_ask, running, 20)
    alone = await asyncio.to_thread(_ask, running, calls)
    spent: list[float] = []
    tasks = [asyncio.create_task(_read(running, token, spent)) for _ in range(readers)]
    await asyncio.sleep(2)
    spent.clear()
    followed = await asyncio.to_thread(_ask, running, calls)
    await asyncio.sleep(1)
    cuts = statistics.quantiles(spent, n=100)
    stalled = [asyncio.create_task(_stall(running, token)) for _ in range(_STALLED)]
    await asyncio.sleep(2)
    beside = await asyncio.to_thread(_ask, running, calls)
    for task in (*tasks, *stalled):
        task.cancel()
    await asyncio.gather(*tasks, *stalled, return_exceptions=True)
    return {
        f"record to reader, p50 of {len(spent)}": cuts[49],
        "record to reader, p95": cuts[94],
        "record to reader, p99": cuts[98],
        "a call without readers, p50": statistics.median(alone),
        f"a call with {readers} readers, p50": statistics.median(followed),
        f"a call with {_STALLED} more that do not read, p50": statistics.median(beside),
    }


async def _open(running: Scene, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = urlsplit(running.gateway)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(
        f"GET /gateway/audit/stream HTTP/1.1\r\nhost: {url.netloc}\r\n"
        f"authorization: Bearer {token}\r\n\r\n".encode()
    )
    return reader, writer


async def _read(running: Scene, token: str, spent: list[float]) -> None:
    reader, writer = await _open(running, token)
    with contextlib.closing(writer):
        while line := await reader.readline():
            if line.startswith(_MARK):
                name = line[len(_MARK) :][:13].decode()
                spent.append(time.time() * 1e3 - int(name[:8] + name[9:13], 16))


async def _stall(running: Scene, token: str) -> None:
    _, writer = await _open(running, token)
    with contextlib.closing(writer):
        await asyncio.sleep(3600)


def _ask(running: Scene, calls: int) -> list[float]:
    """Milliseconds of each call."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{running.gateway}/v1/chat/completions",
        chat_body("Good morning."),
        {"authorization": f"Bearer {running.token}", "content-type": "application/json"},
    )
    spent = []
    for _ in range(calls):
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            answer.read()
        spent.append((time.perf_counter() - began) * 1e3)
        time.sleep(_EVERY)
    return spent


if __name__ == "__main__":
    main()

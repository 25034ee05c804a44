"""A load generator: ``python -m bench.load URL``, in a process of its own.

Plain asyncio protocols over keep-alive connections, with as little work per request as possible,
so that it does not measure itself. Bodies may hold a counter, so that no two texts are alike and
no cache helps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Final, cast
from urllib.parse import urlsplit

import uvloop

__all__ = ["COUNTER", "Result", "measure"]

COUNTER: Final = b"#0000000#"
"""What stands in a body where the number of the request goes."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run; latencies in milliseconds."""

    requests: int
    errors: int
    seconds: float
    rate: float
    p50: float
    p99: float
    events: int
    statuses: dict[str, int] = field(default_factory=dict)


class _Run:
    """What all connections of a run share."""

    def __init__(self, head: bytes, body: bytes, seconds: float) -> None:
        self.head = head
        self.body = body
        self.until = time.perf_counter() + seconds
        self.count = 0
        self.latencies: list[float] = []
        self.statuses: dict[str, int] = {}
        self.events = 0

    def next_request(self) -> bytes:
        self.count += 1
        return self.head + self.body.replace(COUNTER, b"#%07d#" % self.count)


class _Connection(asyncio.Protocol):
    """Sends one request after another and reads the answers to their ends."""

    def __init__(self, run: _Run, done: asyncio.Future[None]) -> None:
        self._run = run
        self._done = done
        self._buffer = bytearray()
        self._sent = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._end()) is not None:
            status = bytes(self._buffer[9:12]).decode()
            run = self._run
            run.latencies.append(time.perf_counter() - self._sent)
            run.statuses[status] = run.statuses.get(status, 0) + 1
            run.events += self._buffer.count(b"\ndata:", 0, end)
            del self._buffer[:end]
            if time.perf_counter() < run.until:
                self._send()
            else:
                self._transport.close()
                return

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._run.next_request())

    def _end(self) -> int | None:
        """Where the first answer in the buffer ends; None while it is not complete."""
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return None
        fields = bytes(self._buffer[:head]).lower()
        at = fields.find(b"content-length:")
        if at >= 0:
            end = head + 4 + int(fields[at + 15 :].split(b"\r\n", 1)[0])
            return end if len(self._buffer) >= end else None
        last = self._buffer.find(b"\r\n0\r\n\r\n", head)
        return last + 7 if last >= 0 else None


async def _measure(url: str, head: bytes, body: bytes, connections: int, seconds: float) -> Result:
    parts = urlsplit(url)
    run = _Run(head, body, seconds)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    loop = asyncio.get_running_loop()
    waits = []
    started = time.perf_counter()
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(partial(_Connection, run, done), host, port)
        waits.append(done)
    await asyncio.gather(*waits)
    took = time.perf_counter() - started
    latencies = sorted(run.latencies) or [0.0]
    good = run.statuses.get("200", 0)
    return Result(
        requests=good,
        errors=len(run.latencies) - good,
        seconds=round(took, 2),
        rate=round(good / took, 1),
        p50=round(latencies[len(latencies) // 2] * 1e3, 3),
        p99=round(latencies[int(len(latencies) * 0.99)] * 1e3, 3),
        events=run.events,
        statuses=run.statuses,
    )


def measure(
    url: str, body: bytes, token: str | None, *, connections: int, seconds: float
) -> Result:
    """Sends the body over and over for some seconds, in this process."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    return uvloop.run(_measure(url, head, body, connections, seconds))


def main() -> int:
    """Runs once; the body comes from standard input, the result goes to standard output."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--token")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    body = sys.stdin.buffer.read()
    result = measure(
        chosen.url, body, chosen.token, connections=chosen.connections, seconds=chosen.seconds
    )
    print(json.dumps(asdict(result)))
    return 0 if result.requests else 1


if __name__ == "__main__":
    sys.exit(main())

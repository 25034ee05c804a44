"""``python -m bench.stream_path``: streamed answers over real sockets, and what the gateway takes.

An upstream of its own writes one event at a time, as fast as it can or one in each millisecond, in
answers of 64 and of 1 000 events; the gateway has everything on as in ``python -m bench``, its
audit log included. Told are the events that leave in a second of the gateway's processor time,
which other load on the machine does not change, and the wall-clock rate. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvloop

from bench.figures import show
from bench.scene import chat_body, scene
from bench.streams import openai_events
from bench.texts import text_of
from gateway.demo.running import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.scene import Scene

_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
_LAST: Final = b"0\r\n\r\n"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class _Model(asyncio.Protocol):
    """Answers each request with the same stream, one write for each event."""

    def __init__(self, chunks: Sequence[bytes], pause: float) -> None:
        self._chunks = chunks
        self._pause = pause
        self._asked = b""
        self._transport: Any = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        head, blank, body = self._asked.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if blank and len(body) >= int(length or 0):
            self._asked = b""
            self._task = asyncio.ensure_future(self._answer())

    async def _answer(self) -> None:
        self._transport.write(_HEAD)
        for chunk in self._chunks:
            await asyncio.sleep(self._pause)
            self._transport.write(chunk)
        self._transport.write(_LAST)


def _serve(port: int, events: Sequence[bytes], pause: float) -> None:
    chunks = [b"%x\r\n%b\r\n" % (len(event), event) for event in events]

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(_Model, chunks, pause), "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(run())


async def _ask(running: Scene, body: bytes, until: float) -> tuple[int, int]:
    """How many events came on one connection, and in how many reads."""
    port = int(running.gateway.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b"
        % (running.token.encode(), len(body), body)
    )
    events = reads = 0
    while time.perf_counter() < until:
        writer.write(request)
        tail = b""
        while not tail.endswith(_LAST):
            data = await reader.read(2**16)
            if not data:
                raise ConnectionError("the gateway broke off")
            events += data.count(b"data: {")
            reads += 1
            tail = (tail + data)[-8:]
    writer.close()
    return events, reads


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _measure(running: Scene, connections: int, seconds: float) -> tuple[float, ...]:
    """Events, reads, processor seconds of the gateway, and seconds."""
    body = chat_body("Tell me a long story.", stream=True)
    await _ask(running, body, time.perf_counter() + 0.5)
    spent, began = _processor_seconds(running.pid), time.perf_counter()
    until = began + seconds
    counts = await asyncio.gather(*(_ask(running, body, until) for _ in range(connections)))
    took = time.perf_counter() - began
    spent = _processor_seconds(running.pid) - spent
    return sum(one for one, _ in counts), sum(one for _, one in counts), spent, took


def measure(connections: int, seconds: float) -> dict[str, float]:
    """Events per second, of processor time and of the clock; and events per read of the client."""
    report: dict[str, float] = {}
    for count in (64, 1000):
        for name, pause in (("as fast as they go", 0.0), ("one each millisecond", 0.001)):
            port = free_port()
            events = openai_events(text_of("prose", count * 9 // 2))
            model = multiprocessing.get_context("spawn").Process(
                target=_serve, args=(port, events, pause)
            )
            model.start()
            edit = {r"url: http://127\.0\.0\.1:\d+": f"url: http://127.0.0.1:{port}"}
            try:
                with tempfile.TemporaryDirectory() as folder, scene(Path(folder), edit) as running:
                    came, reads, spent, took = asyncio.run(_measure(running, connections, seconds))
            finally:
                model.terminate()
                model.join()
            label = f"{count} events, {name}"
            report[f"{label}, events/s of processor time"] = round(came / max(spent, 0.01))
            report[f"{label}, events/s"] = round(came / took)
            report[f"{label}, events a read"] = round(came / reads, 1)
    return report


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.stream_path", description=__doc__)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    show(measure(chosen.connections, chosen.seconds), as_json=chosen.json)


if __name__ == "__main__":
    main()

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from gateway.errors import BadRequest, InternalFault, RequestTimeout, TooLarge
from gateway.ingress import body as module
from gateway.ingress.body import ClientDisconnected, Receive, read_body

DISCONNECT: dict[str, Any] = {"type": "http.disconnect"}


def _receive(*pieces: bytes | dict[str, Any], pause: float = 0) -> Receive:
    """An ASGI receive that gives these pieces, the last as the end of the body."""
    messages: list[dict[str, Any]] = [
        piece
        if isinstance(piece, dict)
        else {"type": "http.request", "body": piece, "more_body": at < len(pieces) - 1}
        for at, piece in enumerate(pieces)
    ]

    async def receive() -> dict[str, Any]:
        if pause:
            await asyncio.sleep(pause)
        return messages.pop(0) if messages else DISCONNECT

    return receive


async def _endless(piece: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": piece, "more_body": True}


@pytest.mark.parametrize("pieces", [(b"",), (b"abc",), (b"a", b"", b"bc"), (b"abc", b"")])
async def test_a_body_is_whole(pieces: tuple[bytes, ...]) -> None:
    whole = b"".join(pieces)
    for declared in (None, len(whole)):
        assert whole == await read_body(_receive(*pieces), limit=3, timeout=1, declared=declared)


async def test_a_message_may_leave_everything_out() -> None:
    assert await read_body(_receive({"type": "http.request"}), limit=3, timeout=1) == b""


async def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError

    with pytest.raises(TooLarge, match="declared"):
        await read_body(receive, limit=3, timeout=1, declared=4)


@pytest.mark.parametrize("pieces", [(b"abcd",), (b"ab", b"cd"), (b"ab", b"cd", b"")])
async def test_a_body_over_the_limit_is_refused(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(TooLarge, match="limit"):
        await read_body(_receive(*pieces), limit=3, timeout=1)


async def test_an_endless_body_is_refused_at_the_limit() -> None:
    with pytest.raises(TooLarge):
        await read_body(lambda: _endless(b"x" * 1024), limit=2**20, timeout=60)


@pytest.mark.parametrize("declared", [2, 4])
async def test_a_body_is_as_long_as_declared(declared: int) -> None:
    with pytest.raises(BadRequest, match="declared"):
        await read_body(_receive(b"abc"), limit=10, timeout=1, declared=declared)


@pytest.mark.parametrize("before", [(), (b"a",)])
async def test_a_disconnect_is_no_end_of_body(before: tuple[bytes, ...]) -> None:
    with pytest.raises(ClientDisconnected):
        await read_body(_receive(*before, DISCONNECT), limit=10, timeout=1)


async def test_an_unknown_message_is_a_fault() -> None:
    with pytest.raises(InternalFault):
        await read_body(_receive({"type": "websocket.receive"}), limit=10, timeout=1)


async def test_silence_ends_at_the_deadline() -> None:
    start = time.monotonic()
    with pytest.raises(RequestTimeout, match="too long"):
        await read_body(_receive(b"a", pause=60), limit=10, timeout=0.05)
    assert time.monotonic() - start < 5


async def test_the_deadline_is_for_all_pieces_together() -> None:
    with pytest.raises(RequestTimeout, match="too long"):
        await read_body(_receive(*[b"x" * 1024] * 100, pause=0.02), limit=2**20, timeout=0.1)


async def test_slowloris_is_let_go_before_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.05)
    start = time.monotonic()
    with pytest.raises(RequestTimeout, match="too slowly"):
        await read_body(_receive(*[b"x"] * 1000, pause=0.01), limit=10_000, timeout=30)
    assert time.monotonic() - start < 5


async def test_a_slow_but_steady_client_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.05)
    monkeypatch.setattr(module, "_LEAST_RATE", 1000.0)
    pieces = [b"x" * 100] * 20
    body = await read_body(_receive(*pieces, pause=0.02), limit=10_000, timeout=30)
    assert len(body) == 2000


async def test_a_flood_of_empty_pieces_ends_at_the_deadline() -> None:
    with pytest.raises(RequestTimeout):
        await read_body(lambda: _endless(b""), limit=10, timeout=0.05)


async def test_single_bytes_take_linear_time() -> None:
    async def seconds(count: int) -> float:
        start = time.thread_time()
        await read_body(_receive(b"x" * 100_000, *[b"y"] * count), limit=2**24, timeout=60)
        return time.thread_time() - start

    small, large = [min([await seconds(count) for _ in range(3)]) for count in (2000, 20_000)]
    assert large < max(100 * small, 1)

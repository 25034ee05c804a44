"""Servers for tests and for the quickstart: they start, they stop, and leave nothing behind."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.demo.model_server import demo_app
from gateway.demo.running import serve


def test_it_serves_on_a_free_port_and_frees_it() -> None:
    with serve(demo_app()) as url:
        assert httpx.get(f"{url}/v1/models").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/v1/models")


def test_it_serves_on_the_port_it_is_given() -> None:
    with serve(demo_app()) as url:
        port = urlsplit(url).port
    assert port
    with serve(demo_app(), port) as again:
        assert again == url


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), serve(demo_app(), port):
            pass


def test_an_application_that_does_not_start_is_an_error() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(RuntimeError, match="did not start"), serve(broken):
        pass

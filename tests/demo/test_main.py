"""``python -m gateway.demo``: the demo model as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


def test_it_runs_on_the_port_it_is_given_until_it_is_asked_to_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gateway.demo", "--port", str(port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        try:
            answer = wait_for(f"http://127.0.0.1:{port}/v1/models")
        finally:
            process.terminate()
    assert answer.json()["data"][0]["id"] == "demo-small"


def wait_for(url: str) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(url)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)

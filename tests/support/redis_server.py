"""A real Redis for tests: a process of its own on a free port, gone with its test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["RedisServer", "run_redis"]

_MISSING = "redis-server is missing"


@dataclass
class RedisServer:
    """A server that can be stopped in every way that servers stop."""

    folder: Path
    options: tuple[str, ...] = ()
    password: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it is, as the settings name it."""
        user = f":{self.password}@" if self.password else ""
        return f"redis://{user}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it; the second time on the port of the first."""
        for _ in range(5):
            port = self.port or _free_port()
            self.process = self._launch(port)
            if self._is_up(port):
                self.port = port
                return
        raise AssertionError("redis-server did not start")

    def kill(self) -> None:
        """Ends it as a power cut would; nothing is kept."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def freeze(self) -> None:
        """Lets it accept connections and answer nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def do(self, *command: str | int) -> Any:
        """Runs one command."""
        with self._client(self.port) as client:
            return client.execute_command(*command)

    def _client(self, port: int) -> Redis:
        return Redis(port=port, password=self.password or None, decode_responses=True)

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        command = [
            _program(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--save", "", "--appendonly", "no", "--loglevel", "warning", *self.options,
        ]  # fmt: skip
        if self.password:
            command += ["--requirepass", self.password]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _is_up(self, port: int) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with self._client(port) as client:
                    info: Any = client.info("server")
            except (RedisError, OSError):
                time.sleep(0.02)
            else:
                # Another server may have taken the port in the meantime.
                return bool(info["process_id"] == self.process.pid)
        return False


@contextmanager
def run_redis(folder: Path, *options: str, password: str = "") -> Iterator[RedisServer]:
    """A running server with its files in a folder; skips the test where there is no Redis.

    With ``CI=true`` the test fails instead.
    """
    server = RedisServer(folder, options, password)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


def _program() -> str:
    found = shutil.which("redis-server")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    return found


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])

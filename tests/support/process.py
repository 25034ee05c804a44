"""The gateway as users run it: a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import orjson
from click.testing import CliRunner
from forked import Forked, fork_gateway
from house import NO_TLS, replace_policy

import gateway
from gateway.cli import main
from gateway.settings import Settings, load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Served", "gateway_command", "make_home", "run", "serve_process", "verify_log"]

_ROOT = Path(gateway.__file__).parent.parent


@dataclass
class Served:
    """A running ``gateway serve``; ``log`` is what it writes to stderr."""

    url: str
    process: subprocess.Popen[bytes] | Forked
    log: Path

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """Asks it to stop, and waits until it has."""
        self.process.send_signal(signal.SIGTERM)
        # The server ends by the signal that stopped it, as shells and supervisors expect.
        assert self.process.wait(20) in {0, -signal.SIGTERM}


def gateway_command(*arguments: str | Path) -> list[str]:
    """The command line of ``gateway``, run by this very Python."""
    return [sys.executable, "-m", "gateway", *map(str, arguments)]


def environment() -> dict[str, str]:
    """What a command sees: this tree, and no settings of the one who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return {**kept, "PYTHONPATH": str(_ROOT)}


def run(
    *arguments: str | Path, cwd: Path, stdin: str | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        gateway_command(*arguments), cwd=cwd, input=stdin, capture_output=True, text=True,
        timeout=timeout, env=environment(), check=False,
    )  # fmt: skip


def make_home(
    folder: Path, upstream: str, policy: str | None = None, audit: str | None = None
) -> Settings:
    """A new home in a folder, in front of an upstream; ``audit`` names another store of its log."""
    create_home(folder)
    if policy is not None:
        replace_policy(folder, policy)
    file = folder / "gateway.yaml"
    text = re.sub(r"url: http://127\.0\.0\.1:\d+", f"url: {upstream}", file.read_text())
    if audit is not None:
        text = text.replace("store: sqlite:///data/audit.db", f"store: {audit}")
    file.write_text(text)
    return load_settings(file)


def verify_log(home: Path) -> None:
    """Sees that ``gateway audit verify`` finds nothing wrong; in this process, which has it."""
    config = str(home / "gateway.yaml")
    verified = CliRunner().invoke(main, ["audit", "verify", "-c", config, "--json"])
    assert verified.exit_code == 0, verified.stdout + verified.stderr
    assert orjson.loads(verified.stdout)["ok"] is True


@contextmanager
def serve_process(home: Path, port: int = 0, *options: str) -> Iterator[Served]:
    """Runs ``gateway serve`` until the block ends; on a free port where none is given.

    With options it is a command of its own, else one that is forked.
    """
    log = home / f"stderr-{time.monotonic_ns()}.log"
    arguments = ["serve", "-c", str(home / "gateway.yaml"), "--port", str(port), *options]
    log.touch()
    with ExitStack() as stack:
        process: subprocess.Popen[bytes] | Forked
        if options:
            process = stack.enter_context(
                subprocess.Popen(
                    gateway_command(*arguments), cwd=home, env=environment(),
                    stderr=stack.enter_context(log.open("wb")),
                )
            )  # fmt: skip
        else:
            process = fork_gateway(arguments, home, log, environment())
        try:
            yield Served(_wait_until_ready(process, log), process, log)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(20)


def _wait_until_ready(process: subprocess.Popen[bytes] | Forked, log: Path) -> str:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        address = _listening(log)
        if address is not None and _answers(f"http://{address}"):
            return f"http://{address}"
        time.sleep(0.05)
    raise AssertionError("the gateway did not start: " + log.read_text())


def _listening(log: Path) -> str | None:
    for line in log.read_bytes().splitlines():
        entry: dict[str, Any] = orjson.loads(line)
        if entry["event"] == "listening":
            return str(entry["address"])
    return None


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/gateway/health/live", trust_env=False, verify=NO_TLS).is_success
    except httpx.HTTPError:
        return False

"""What the benches of a running gateway share: the demo upstream and a gateway in front of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.demo.running import free_port
from gateway.identity.issuer import issue
from gateway.settings import load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Scene", "chat_body", "load", "resident_mib", "scene"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is running."""

    upstream: str
    gateway: str
    token: str
    pid: int


@contextmanager
def scene(folder: Path, edit: Mapping[str, str] | None = None) -> Iterator[Scene]:
    """Runs both, with a home made in ``folder``, until the block is left.

    Args:
        folder: Where the home goes.
        edit: Patterns in ``gateway.yaml`` and what stands there instead.
    """
    port, demo_port = free_port(), free_port()
    home = folder / "home"
    create_home(home, port=port, demo_port=demo_port)
    _raise_limits(home / "policies" / "policy.yaml")
    _edit(home / "gateway.yaml", edit or {})
    config = str(home / "gateway.yaml")
    demo = subprocess.Popen([sys.executable, "-m", "gateway.demo", "--port", str(demo_port)])
    gateway = subprocess.Popen([sys.executable, "-m", "gateway", "serve", "-c", config])
    try:
        _await(f"http://127.0.0.1:{demo_port}/v1/models")
        _await(f"http://127.0.0.1:{port}/gateway/health/ready")
        issuer = load_settings(config).identity.issuers[0]
        token = issue(issuer, roles=["analyst"], subject="bench", claims={}, ttl=3600)
        base = "http://127.0.0.1:{}"
        yield Scene(base.format(demo_port), base.format(port), token, gateway.pid)
    finally:
        for process in (gateway, demo):
            process.terminate()
            process.wait(30)


def _raise_limits(policy: Path) -> None:
    """Lets one subject ask as often as it can; its requests are counted all the same."""
    limit = "{requests: 1M/s, tokens: 1000M/s, concurrent: 1000000}"
    text, found = re.subn(r"\{requests: [^}]*\}", limit, policy.read_text())
    if not found:
        sys.exit("the starter policy has no limits to raise")
    policy.write_text(text)


def _edit(settings: Path, edit: Mapping[str, str]) -> None:
    text = settings.read_text()
    for pattern, words in edit.items():
        text, found = re.subn(pattern, words, text, flags=re.MULTILINE | re.DOTALL)
        if not found:
            sys.exit(f"gateway.yaml has nothing like {pattern}")
    settings.write_text(text)


def _await(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    sys.exit(f"{url} did not come up")


def resident_mib(pid: int) -> float:
    """The memory of a process that is in RAM, in MiB."""
    out = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return round(int(out.stdout) / 1024, 1)


def chat_body(prompt: str, *, stream: bool = False) -> bytes:
    """A chat completion for the demo model."""
    message = {"role": "user", "content": prompt}
    return json.dumps({"model": "demo-small", "messages": [message], "stream": stream}).encode()


def load(running: Scene, base: str, body: bytes, connections: int, seconds: float) -> Any:
    """What ``bench.load`` measures, run in a process of its own."""
    command = [
        sys.executable, "-m", "bench.load", f"{base}/v1/chat/completions",
        "--connections", str(connections), "--seconds", str(seconds), "--token", running.token,
    ]  # fmt: skip
    done = subprocess.run(command, input=body, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"the load generator failed: {done.stdout.decode()} {done.stderr.decode()}")
    return json.loads(done.stdout)

"""The quickstart, as users run it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import gateway

ROOT = Path(gateway.__file__).parent.parent


def run(*arguments: str, timeout: float = 100) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.demo.quickstart", *arguments],
        capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.mark.slow
def test_once_shows_everything_and_ends_well(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = run("--once", "--dir", str(home), "--port", str(free_port()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 7
    assert "✗" not in done.stdout
    assert (home / "data" / "audit.db").is_file()


def test_a_home_that_is_broken_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("listen: {prt: 1}\n")
    done = run("--once", "--dir", str(tmp_path))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "unknown key 'prt'" in done.stderr

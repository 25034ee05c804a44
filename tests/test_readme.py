"""Every command and snippet of the README runs."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.running import free_port

if TYPE_CHECKING:
    from house import House

_ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def _blocks(language: str) -> list[str]:
    text = (_ROOT / "README.md").read_text()
    return [body for kind, body in _BLOCK.findall(text) if kind == language]


def _lines() -> list[list[str]]:
    lines = "".join(_blocks("sh")).splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@pytest.mark.parametrize("snippet", _blocks("python"))
def test_sdk_snippets_run(snippet: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    names: dict[str, Any] = {"TOKEN": house.token("analyst")}
    exec(snippet.replace("http://127.0.0.1:8080", house.url), names)  # noqa: S102 - our own README
    assert "Hello" in str(names["answer"])
    if "client" in names:
        names["client"].close()


def test_gateway_commands_run(tmp_path: Path) -> None:
    commands = [words for words in _lines() if words[0] == "gateway"]
    assert [words[1] for words in commands][:3] == ["init", "check", "serve"]
    for words in commands:
        if words[1] == "serve":
            continue  # It runs for ever; it has its own tests.
        if words[:3] == ["gateway", "audit", "query"]:
            _serve_for_a_moment(tmp_path)
        subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, check=True)


@pytest.mark.slow
def test_the_quickstart_shows_everything_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.demo.quickstart", "--once"]
    port = str(free_port())
    done = subprocess.run(
        [*command, "--port", port, "--dir", str(tmp_path / "home")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    again = subprocess.run(
        [*command, "--port", port, "--dir", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, "a second run on the same home works too"


def test_the_scripts_that_the_readme_names_are_there() -> None:
    for words in _lines():
        if words[0].startswith("scripts/"):
            assert (_ROOT / words[0]).stat().st_mode & 0o111


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in (_ROOT / "README.md", *(_ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def _serve_for_a_moment(folder: Path) -> None:
    """Runs the gateway until it answers, so that there is an audit log."""
    port = free_port()
    command = [sys.executable, "-m", "gateway", "serve", "-c", "home/gateway.yaml"]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=folder)
    try:
        for _ in range(600):
            with socket.socket() as sock:
                sock.settimeout(0.2)
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    return
            assert process.poll() is None
            time.sleep(0.1)
        raise AssertionError("the gateway did not start")
    finally:
        process.terminate()
        process.wait(30)

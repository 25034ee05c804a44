"""The command line as a user walks it: every command a process, from an empty folder on."""

from __future__ import annotations

import re
import stat
import subprocess
from typing import TYPE_CHECKING, Final

import httpx
import orjson
import pytest
from house import NO_TLS, chat
from process import environment, gateway_command, run, serve_process

from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.starter import create_home

if TYPE_CHECKING:
    from pathlib import Path

CARD: Final = "4111 1111 1111 1111"


def good(*arguments: str, cwd: Path, stdin: str | None = None) -> str:
    """What a command prints that must do well."""
    done = run(*arguments, cwd=cwd, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bad(code: int, *arguments: str, cwd: Path, stdin: str | None = None) -> str:
    """What a command says when it fails: sentences, and never a traceback."""
    done = run(*arguments, cwd=cwd, stdin=stdin)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def values(lines: str) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in lines.splitlines()]


@pytest.mark.slow
def test_tour(tmp_path: Path) -> None:
    good("init", "home", cwd=tmp_path)
    home = tmp_path / "home"
    for key in ("auditor.key", "log.key", "issuer.key"):
        assert stat.S_IMODE((home / "keys" / key).stat().st_mode) == 0o600
    assert "exists already" in bad(2, "init", "home", cwd=tmp_path)

    assert orjson.loads(good("check", "--json", cwd=home))["ok"] is True
    token = good("token", "issue", "--role", "analyst", "--sub", "ada", cwd=home).strip()
    assert "accepted: subject ada, roles analyst" in good("token", "inspect", token, cwd=home)
    refused = bad(1, "token", "inspect", cwd=home, stdin=token[:-6])
    assert "refused" in refused
    auditor = good("token", "issue", "--role", "auditor", "--sub", "eve", cwd=home).strip()

    with serve(demo_app()) as upstream:
        file = home / "gateway.yaml"
        text, found = re.subn(r"url: http://127\.0\.0\.1:\d+", f"url: {upstream}", file.read_text())
        assert found
        file.write_text(text)
        with serve_process(home) as served:
            events = _talk(served.url, token)
            _follow(served.url, auditor, home, events)
            served.stop()
    _look_back(home, events)


def _talk(url: str, token: str) -> dict[str, str]:
    """One call of each kind; gives their events."""
    headers = {"authorization": f"Bearer {token}"}
    asked = {
        "allowed": (200, chat("Hello")),
        "redacted": (200, chat("to ada@example.com")),
        "blocked": (400, chat(f"my card is {CARD}")),
        "denied": (403, chat("Hello", model="demo-large")),
        "streamed": (200, chat("Tell me a long story", stream=True)),
    }
    found = {}
    for name, (status, body) in asked.items():
        answer = httpx.post(
            f"{url}/v1/chat/completions", json=body, headers=headers, trust_env=False, verify=NO_TLS
        )
        assert answer.status_code == status
        found[name] = answer.headers["x-gateway-event"]
    return found


def _follow(url: str, auditor: str, home: Path, events: dict[str, str]) -> None:
    """The log of the running gateway, through the gateway."""
    at = ("--url", url, "--token", auditor, "--json")
    page = values(good("audit", "query", *at, "--decision", "deny", cwd=home))
    assert [one["request"] for one in page] == [events["denied"]]
    tail = subprocess.Popen(
        gateway_command("audit", "tail", *at, "--count", "1", "--actor", "eve"),
        cwd=home, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        # The tail's own read is the first thing that it sees, or else another read is.
        headers = {"authorization": f"Bearer {auditor}"}
        for _ in range(60):
            httpx.get(f"{url}/gateway/audit/events", headers=headers, trust_env=False,
                      verify=NO_TLS)  # fmt: skip
            try:
                out, err = tail.communicate(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                continue
        else:
            raise AssertionError("the tail saw nothing")
    finally:
        tail.kill()
        tail.communicate()
    assert tail.returncode == 0, err
    seen = orjson.loads(out)
    assert (seen["kind"], seen["data"]["stage"]) == ("record", "audit.read")
    assert "403" in bad(2, "audit", "query", "--url", url, "--token", _analyst(home), cwd=home)


def _analyst(home: Path) -> str:
    return good("token", "issue", "--role", "analyst", cwd=home).strip()


def _look_back(home: Path, events: dict[str, str]) -> None:
    """The log in the store, without a gateway."""
    page = values(good("audit", "query", "--entity", "CREDIT_CARD", "--json", cwd=home))
    assert [one["request"] for one in page] == [events["blocked"]]
    id_ = str(page[0]["id"])
    clear = good("audit", "show", id_, cwd=home)
    assert CARD not in clear
    assert CARD in good("audit", "show", id_, "--key", "keys/auditor.key", cwd=home)
    assert "the audit log holds" in good("audit", "verify", cwd=home)


@pytest.mark.slow
def test_policy_and_scan(tmp_path: Path) -> None:
    home = tmp_path / "home"
    create_home(home)
    assert good("policy", "check", "policies", cwd=home)
    assert "tests passed" in good("policy", "test", "policies", cwd=home)
    lines = '{"id":"a","text":"to ada@example.com"}\n{"id":"b","text":"hello"}\n'
    scanned = values(good("scan", "--jsonl", cwd=home, stdin=lines))
    assert [(one["id"], one["action"]) for one in scanned] == [("a", "redact"), ("b", "allow")]
    assert scanned[0]["text"] == "to [EMAIL_ADDRESS]"

    policy = home / "policies" / "policy.yaml"
    policy.write_text(policy.read_text().replace("revision: 1", "revision: one", 1))
    assert re.search(r"policy\.yaml:\d+:\d+: ", bad(1, "policy", "check", "policies", cwd=home))
    complaint = bad(2, "check", cwd=home)
    assert "policy.yaml" in complaint
    assert "policy.yaml" in bad(2, "serve", "--port", "0", cwd=home)

"""``gateway token revoke``: what it writes is what gateways refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from redis_server import run_redis

from gateway.cli import main
from gateway.identity.issuer import create_issuer
from gateway.identity.jws import read_jws

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SETTINGS = """\
upstreams: {demo: {url: "http://127.0.0.1:1", models: ["*"]}}
identity:
  issuers:
    - {issuer: "https://dev.test/", audience: llm-gateway, jwks_file: issuer.jwks.json,
       algorithms: [ES256], development_key: issuer.key}
  revocation: REVOCATION
policy: {path: policies}
audit: off
"""
FILE = "{file: revoked.jsonl}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_issuer(tmp_path)
    write(tmp_path, FILE)
    (tmp_path / "revoked.jsonl").touch()
    return tmp_path


def write(home: Path, revocation: str, more: str = "") -> None:
    (home / "gateway.yaml").write_text(SETTINGS.replace("REVOCATION", revocation) + more)


@pytest.fixture
def token(home: Path) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        command = ["token", *arguments, "-c", str(home / "gateway.yaml")]
        return CliRunner().invoke(main, command)

    return run


def refusal(token: Callable[..., Result], issued: str) -> str | None:
    report = json.loads(token("inspect", issued, "--json").stdout)
    found: str | None = report["reason"]
    return found


def test_one_token(token: Callable[..., Result], home: Path) -> None:
    issued, other = (token("issue").stdout.strip() for _ in range(2))
    jti = read_jws(issued).claims["jti"]
    assert refusal(token, issued) is None
    done = token(
        "revoke", "--jti", jti, "--issuer", "https://dev.test/", "--reason", "lost", "--json"
    )
    assert done.exit_code == 0, done.output
    line = {"jti": jti, "issuer": "https://dev.test/", "reason": "lost"}
    assert json.loads(done.stdout) == {"where": str(home / "revoked.jsonl"), "revoked": line}
    assert json.loads((home / "revoked.jsonl").read_text()) == line
    assert refusal(token, issued) == "revoked: the token"
    assert refusal(token, other) is None


def test_a_subject_until_now_and_no_longer(token: Callable[..., Result], home: Path) -> None:
    ada, bob = (token("issue", "--sub", name).stdout.strip() for name in ("ada", "bob"))
    assert token("revoke", "--subject", "ada").exit_code == 0
    assert refusal(token, ada) == "revoked: the subject"
    assert refusal(token, bob) is None
    assert token("revoke", "--subject", "bob", "--before", "2001-01-01T00:00:00Z").exit_code == 0
    assert refusal(token, bob) is None
    assert len((home / "revoked.jsonl").read_text().splitlines()) == 2


def test_a_whole_issuer(token: Callable[..., Result]) -> None:
    issued = token("issue").stdout.strip()
    done = token("revoke", "--issuer", "https://dev.test/", "--before", "now")
    assert done.exit_code == 0
    assert "revoked.jsonl: " in done.stdout
    assert refusal(token, issued) == "revoked: the issuer"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give --jti, --subject, or --issuer and --before"),
        (["--issuer", "https://dev.test/"], "give --jti"),
        (["--before", "now"], "give --jti"),
        (["--jti", "a", "--subject", "b"], "jti stands alone"),
        (["--jti", "a", "--before", "now"], "jti stands alone"),
        (["--subject", "a", "--before", "yesterday"], "no time such as 2026-11-24T10:00:00Z"),
        (["--jti", "a", "--issuer", "https://dev.test"], "there is no issuer 'https://dev.test'"),
    ],
)
def test_called_wrongly(
    token: Callable[..., Result], home: Path, arguments: list[str], words: str
) -> None:
    done = token("revoke", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert (home / "revoked.jsonl").read_text() == ""


def test_settings_without_a_list(token: Callable[..., Result], home: Path) -> None:
    file = home / "gateway.yaml"
    file.write_text(file.read_text().replace(f"  revocation: {FILE}\n", ""))
    done = token("revoke", "--jti", "a")
    assert done.exit_code == 2
    assert "the settings name no list of revocations" in done.stderr


def test_a_list_that_no_gateway_reads(token: Callable[..., Result], home: Path) -> None:
    (home / "revoked.jsonl").write_text('{"jti":"a"}\noops\n')
    done = token("revoke", "--jti", "b")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{home}/revoked.jsonl:2:1: revokes nothing: ")
    assert (home / "revoked.jsonl").read_text() == '{"jti":"a"}\noops\n'


def test_the_shared_state(token: Callable[..., Result], home: Path) -> None:
    issued = token("issue").stdout.strip()
    with run_redis(home) as server:
        write(home, "{shared: true, file: revoked.jsonl}", f"state: {server.url}\n")
        assert refusal(token, issued) is None
        done = token("revoke", "--subject", "developer")
        assert done.exit_code == 0
        assert done.stdout.startswith("shared state, 'revoked': ")
        assert refusal(token, issued) == "revoked: the subject"
        assert (home / "revoked.jsonl").read_text() == ""
    assert str(refusal(token, issued)).startswith("revocation unknown")
    assert token("revoke", "--subject", "developer").exit_code == 2

"""``gateway check``: every part is looked at, and every problem of each is told."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from redis_server import run_redis

from gateway.cli import main
from gateway.starter import create_home

if TYPE_CHECKING:
    from pathlib import Path


_PARTS = ("policy", "identity", "state", "pseudonyms", "audit", "relay", "upstreams")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_home(tmp_path / "home")
    return tmp_path / "home"


def check(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "-c", str(home / "gateway.yaml"), *arguments])


def test_a_good_home(home: Path) -> None:
    done = check(home)
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        [part, "ok"] for part in _PARTS
    ]
    assert not (home / "data").exists(), "nothing is made"
    found = json.loads(check(home, "--json").stdout)
    assert found["ok"] is True
    assert found["checked"]["audit"].endswith("data/audit.db will be made")


def test_a_signed_policy_is_checked_and_not_remembered(home: Path) -> None:
    runner, file = CliRunner(), home / "gateway.yaml"
    runner.invoke(main, ["policy", "keygen", str(home / "keys")])
    signing = ["policy", "sign", str(home / "policies"), "--key", str(home / "keys/policy.key")]
    assert runner.invoke(main, signing).exit_code == 0
    path = re.search(r"^policy: .*$", file.read_text(), re.MULTILINE)
    assert path is not None
    asked = "policy: {path: policies, signed_by: keys/policy.pub, revision_file: data/revision}"
    file.write_text(file.read_text().replace(path[0], asked))
    done = check(home)
    assert done.exit_code == 0, done.output
    assert "tests pass, signed for policy.pub" in done.stdout
    assert not (home / "data").exists(), "nothing is made"
    (home / "policies" / "tests.yaml").unlink()
    done = check(home)
    assert done.exit_code == 2
    assert "tests.yaml: is in the manifest, but not in the folder" in done.stderr


def test_every_problem_of_every_part(home: Path) -> None:
    for name in ("log.key", "auditor.pub", "issuer.jwks.json"):
        (home / "keys" / name).unlink()
    policy = home / "policies" / "policy.yaml"
    policy.write_text(policy.read_text().replace("rules:", "ruls:"))
    done = check(home)
    assert done.exit_code == 2
    for name in ("policy.yaml:", "log.key:", "auditor.pub:", "issuer.jwks.json:"):
        assert any(name in line for line in done.stderr.splitlines()), name


def add_identity(home: Path, issuer: str = "", more: str = "", end: str = "") -> None:
    """Puts another issuer into the settings, further keys of ``identity`` and of the whole."""
    file = home / "gateway.yaml"
    text = file.read_text()
    assert "\npolicy: {path: policies}" in text
    added = f'    - {{issuer: "https://two.test/", audience: x, {issuer}}}\n' if issuer else ""
    file.write_text(text.replace("\npolicy: {", f"\n{added}{more}policy: {{") + end)


def test_secrets_and_revocations_are_read(home: Path) -> None:
    secret, revoked = home / "keys" / "two.secret", home / "revoked.jsonl"
    add_identity(
        home,
        "secret_file: keys/two.secret, algorithms: [HS256]",
        "  revocation: {file: revoked.jsonl}\n",
    )
    done = check(home)
    assert done.exit_code == 2
    for name in ("two.secret: cannot be read", "revoked.jsonl: cannot be read"):
        assert name in done.stderr
    secret.write_text("changeme" * 8)
    secret.chmod(0o600)
    revoked.write_text('{"jti":"a"}\n{"jti":"b","sub":"c"}\n')
    done = check(home)
    assert "two.secret: this secret is made of words" in done.stderr
    assert "revoked.jsonl:2:1: line 2 revokes nothing" in done.stderr
    assert "changeme" not in done.stderr
    secret.write_bytes(secrets.token_bytes(32))
    revoked.write_text("")
    done = check(home)
    assert done.exit_code == 0, done.output
    assert "https://two.test/" in done.stdout


def test_a_gateway_does_not_start_on_a_weak_secret(home: Path) -> None:
    secret = home / "keys" / "two.secret"
    secret.write_text("your-256-bit-secret-your-256-bit-secret")
    secret.chmod(0o600)
    add_identity(home, "secret_file: keys/two.secret, algorithms: [HS256]")
    command = ["serve", "-c", str(home / "gateway.yaml"), "--port", "0"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "this secret is made of words; make one with" in done.stderr
    assert "256-bit" not in done.stderr


@pytest.mark.parametrize("source", ["discovery: true", 'jwks_url: "https://two.test/keys"'])
def test_issuers_elsewhere_are_not_asked(home: Path, source: str) -> None:
    add_identity(home, f"{source}, algorithms: [RS256]")
    assert check(home).exit_code == 0


@pytest.mark.parametrize("end", ["", "/0"])
def test_a_shared_state(home: Path, end: str) -> None:
    with run_redis(home, password="let-me-in") as server:
        url = server.url.removesuffix("/0") + end
        add_identity(home, more="  revocation: {shared: true}\n", end=f"state: {url}\n")
        server.do("HSET", "gateway:names:revoked", "a", '{"jti":"1"}')
        done = check(home)
        assert done.exit_code == 0, done.output
        assert f"redis://127.0.0.1:{server.port} answers; 1 revocations" in done.stdout
        assert "let-me-in" not in done.output
        server.do("HSET", "gateway:names:revoked", "b", "{}")
        done = check(home)
        assert done.exit_code == 2
        assert "entry b revokes nothing: there is neither jti nor before" in done.stderr
    done = check(home)
    assert done.exit_code == 2
    assert f"redis://127.0.0.1:{server.port}: " in done.stderr
    assert "let-me-in" not in done.output


def test_a_store_that_is_none(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "audit.db").write_text("no database" * 200)
    done = check(home)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{home}/data/audit.db: ")


def test_no_log_is_said_in_so_many_words(home: Path) -> None:
    file = home / "gateway.yaml"
    head, _, tail = file.read_text().partition("audit:\n")
    file.write_text(head + "audit: off\n" + tail[tail.index("limits:") :])
    assert "off: nothing of what happens is recorded" in check(home).stdout


def test_a_key_for_pseudonyms_that_is_none_is_told(home: Path) -> None:
    (home / "keys" / "pseudonyms.key").write_text("too short")
    done = check(home)
    assert done.exit_code == 2
    assert "pseudonyms.key: is no key of 32 random bytes" in done.stderr
    file = home / "gateway.yaml"
    file.write_text(re.sub(r"(?m)^pseudonyms: .*$", "", file.read_text()))
    done = check(home)
    assert done.exit_code == 0, done.stderr
    assert "each process makes a key of its own" in done.stdout


def test_what_is_wrong_with_what_leaves_the_log_is_told_together(home: Path) -> None:
    file = home / "gateway.yaml"
    more = """\
  witnesses: [{url: "http://127.0.0.1:1", vkey: keys/log.vkey}]
  mirror: {folder: nowhere}
  sinks:
    siem: {kind: webhook, url: "https://siem.example.com", filters: {colour: red}}
"""
    text = file.read_text()
    line = next(one for one in text.splitlines() if one.strip().startswith("signing_key:"))
    file.write_text(text.replace(line, f"{line}\n{more.rstrip()}"))
    done = check(home)
    assert done.exit_code == 2
    for words in ("this is no witness's key", "there is no folder", "no such filter"):
        assert words in done.stderr

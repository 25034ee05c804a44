"""A log lives on: its keys are replaced, a person is forgotten, and everything holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import orjson
import pytest
from click.testing import CliRunner, Result
from house import LEAN, chat
from process import make_home, serve_process

from gateway.cli import main
from gateway.demo.model_server import demo_app
from gateway.demo.running import serve
from gateway.identity.issuer import issue
from gateway.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from process import Served


def ask(home: Path, served: Served, subject: str) -> str:
    """A request of somebody; the id that its records share."""
    issuer = load_settings(home / "gateway.yaml").identity.issuers[0]
    token = issue(issuer, roles=["analyst"], subject=subject, ttl=600)
    answer = httpx.post(
        f"{served.url}/v1/chat/completions",
        json=chat(f"a question of {subject}"), headers={"authorization": f"Bearer {token}"},
        trust_env=False,
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return answer.headers["x-gateway-event"]


def run(home: Path, *arguments: str) -> Result:
    places = [str(home / one) if one.startswith("keys/") else one for one in arguments]
    return CliRunner().invoke(main, [*places, "-c", str(home / "gateway.yaml")])


def audit(home: Path, *arguments: str) -> str:
    done = run(home, "audit", *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def prompt(home: Path, request: str, *keys: str) -> str:
    """What the auditor reads of a request's intent, or why nothing."""
    found = audit(home, "query", "--request", request, "--stage", "intent", "--json")
    event = orjson.loads(found)["id"]
    for key in keys:
        done = run(home, "audit", "show", event, "--key", key, "--json")
        if done.exit_code == 0:
            shown = orjson.loads(done.stdout)
            return "erased" if shown.get("erased") else str(shown["content"]["prompt"])
    return "closed"


def rotate(home: Path, kind: str, old: str, new: str, *arguments: str) -> None:
    done = run(home, "keys", "rotate", kind, *arguments)
    assert done.exit_code == 0, done.stderr
    file = home / "gateway.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


@pytest.mark.slow
def test_keys_are_replaced_and_a_person_is_forgotten_and_everything_holds(tmp_path: Path) -> None:
    home, keys = tmp_path / "home", ["keys/auditor.key", "keys/auditor-2.key"]
    with serve(demo_app()) as upstream:
        make_home(home, upstream, LEAN)
        with serve_process(home) as served:
            old = {name: ask(home, served, name) for name in ("ada", "bob")}
            served.stop()
        rotate(home, "signing", "keys/log.key", "keys/log-2.key")
        rotate(home, "auditor", "keys/auditor.pub", "keys/auditor-2.pub", "--suite", "x-wing")
        (home / "keys/log.key").unlink()
        with serve_process(home) as served:
            later = {name: ask(home, served, name) for name in ("ada", "bob")}
            assert "a question of ada" in prompt(home, old["ada"], *keys)
            assert prompt(home, old["ada"], keys[1]) == "closed"
            assert prompt(home, later["ada"], keys[0]) == "closed"
            audit(home, "erase", "--subject", "ada", "--reason", "asked for it")
            last = ask(home, served, "ada")
            assert served.process.poll() is None
            served.stop()
    for request in (old["ada"], later["ada"]):
        assert prompt(home, request, *keys) == "erased"
    assert "a question of ada" in prompt(home, last, *keys)
    for request in (old["bob"], later["bob"]):
        assert "a question of bob" in prompt(home, request, *keys)
    report = orjson.loads(audit(home, "verify", "--key", keys[0], "--key", keys[1], "--json"))
    # An intent and an outcome of each request.
    assert (report["ok"], report["erased"], report["opened"]) == (True, 4, 6)
    assert any("the log's key is" in note and "and was" in note for note in report["notes"])
    changed = orjson.loads(audit(home, "query", "--stage", "key.changed", "--json"))
    assert set(changed["detail"]) == {"signing", "recipients"}

"""The tools of a policy that tokenises: they tell what happens, and no value."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import House, build, chat

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY: Final = """\
version: 1
roles: {analyst: {}, auditor: {control: [audit.read]}}
scanners:
  pii: {kind: pii, on: [user, answer], entities: {EMAIL_ADDRESS: tokenise, PHONE_NUMBER: flag}}
rules:
  - {id: chat, allow: {roles: [analyst], models: ["demo-*"]}, scan: [pii]}
"""
MAIL: Final = "ann@example.com"
FORGED: Final = "<EMAIL_ADDRESS_0123456789>"


def reply(request: DemoRequest) -> DemoReply:
    own = "Ask eve@example.org." if "own" in request.last.text else f"I have {request.last.text}"
    return DemoReply(own)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("tools"), reply, policy=POLICY) as house:
        client = house.client("analyst")
        asked: Any = {"model": "demo-small", "input": "hi", "instructions": "Call +1 212-555-0123"}
        calls = [
            ("/v1/chat/completions", chat(f"mail {MAIL}")),
            ("/v1/chat/completions", chat(f"mail {MAIL}", stream=True)),
            ("/v1/chat/completions", chat("your own")),
            ("/v1/chat/completions", chat(f"what is {FORGED}?")),
            ("/v1/responses", asked),
            ("/v1/responses", {**asked, "previous_response_id": "resp_0"}),
        ]
        for path, body in calls:
            answer = client.post(path, json=body)
            house.records_of(answer.headers["x-gateway-event"])
        yield house


def run(*arguments: str, text: str = "") -> str:
    command = [sys.executable, "-m", "gateway", *arguments]
    done = subprocess.run(
        command, check=False, input=text, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert MAIL not in done.stdout + done.stderr
    return done.stdout


def replayed(house: House, policy: str) -> Any:
    file = house.home.parent / "new.yaml"
    file.write_text(policy)
    settings, key = house.home / "gateway.yaml", house.home / "keys" / "auditor.key"
    return json.loads(
        run("policy", "replay", str(file), "-c", str(settings), "--key", str(key), "--json")
    )


def test_bug_the_same_policy_was_told_to_end_requests_otherwise(house: House) -> None:
    found = replayed(house, POLICY)
    assert found["changes"] == []
    assert (found["asked"], found["same"]) == (5, 5)
    assert [one["count"] for one in found["left_out"]] == [1]


def test_a_policy_that_redacts_in_place_of_tokenising_is_told_apart(house: House) -> None:
    found = replayed(house, POLICY.replace("tokenise", "redact"))
    (change,) = found["changes"]
    assert (change["kind"], change["before"], change["count"]) == ("stricter", "tokenise", 3)


def test_explain_and_diff_tell_what_is_tokenised(house: House) -> None:
    folder = house.home / "policies"
    request = house.home.parent / "request.json"
    request.write_text(json.dumps(chat(f"mail {MAIL} and {FORGED}")))
    asked = ("--role", "analyst", "--route", "chat.completions", "--model", "demo-small")
    told = run("policy", "explain", str(folder), *asked, "--request", str(request))
    assert "TOKENISE" in told
    assert "UNKNOWN_STAND_IN" in told
    other = house.home.parent / "redacting.yaml"
    other.write_text(POLICY.replace("tokenise", "redact"))
    assert "tokenise" in run("policy", "diff", str(folder), str(other))


def test_bug_a_scan_did_not_tell_of_stand_ins_that_nobody_issued(house: House) -> None:
    settings = str(house.home / "gateway.yaml")
    text = f"{MAIL} {FORGED}"
    told = json.loads(run("scan", "-c", settings, text=text))
    assert told["action"] == "tokenise"
    assert [one["entity"] for one in told["findings"]] == ["EMAIL_ADDRESS", "UNKNOWN_STAND_IN"]
    assert told["text"].endswith(FORGED)
    assert json.loads(run("scan", "-c", settings, text=FORGED))["action"] == "flag"

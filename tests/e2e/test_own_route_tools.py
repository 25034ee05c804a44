"""The commands know the routes of upstreams' own where they are given the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result
from own_endpoint import CARD, MAIL, POLICY, Endpoint, built

from gateway.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from house import House

ADVICE = "for routes of gateway.yaml, give that file with -c"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway that was asked on a route of its own."""
    with built(tmp_path_factory.mktemp("used"), Endpoint()) as house:
        analyst = house.client("analyst")
        for prompt in ("hi", f"write to {MAIL}", CARD, "mail"):
            analyst.post("/generate", json={"prompt": prompt})
        assert house.client("chatter").post("/generate", json={"prompt": "x"}).status_code == 403
        house.records_of(analyst.post("/words", json={"a": "b"}).headers["x-gateway-event"])
        yield house


def gateway(*args: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin)


def report(*args: object, stdin: bytes = b"") -> Any:
    result = gateway(*args, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


def settings(house: House) -> tuple[str, Path]:
    return "-c", house.home / "gateway.yaml"


@pytest.mark.parametrize("command", ["check", "test"])
def test_check_and_test_know_the_routes(used: House, command: str) -> None:
    policies = used.home / "policies"
    assert gateway("policy", command, policies, *settings(used)).exit_code == 0
    unknown = gateway("policy", command, policies)
    assert unknown.exit_code == 1
    assert "there is no route 'inhouse.generate'" in unknown.stderr
    assert all(line.endswith(ADVICE) for line in unknown.stderr.splitlines())


def test_a_misspelt_route_is_one_with_the_settings_too(used: House, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(POLICY.replace("[inhouse.generate, wordy]", "[inhouse.generat, wordy]"))
    found = gateway("policy", "check", file, *settings(used))
    assert found.exit_code == 1
    assert "no route 'inhouse.generat'; did you mean 'inhouse.generate'?\n" in found.stderr


def test_settings_that_are_wrong_end_the_command(used: House, tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    text = (used.home / "gateway.yaml").read_text()
    file.write_text(text.replace("path: /generate", "path: /v1/messages"))
    for args in (
        ("policy", "check", used.home / "policies", "-c", file),
        ("check", "-c", file),
        ("scan", "-c", file),
    ):
        found = gateway(*args)
        assert found.exit_code == 2
        assert found.stderr.count("the path '/v1/messages' is one of every gateway") == 1
        assert f"{file}:" in found.stderr


def test_the_gateways_own_check_shows_them(used: House) -> None:
    checked = report("check", *settings(used))["checked"]
    assert checked["upstreams"].endswith("inhouse, inhouse.generate, wordy")


def test_texts_are_scanned_by_a_policy_about_them(used: House) -> None:
    found = gateway("scan", *settings(used), stdin=MAIL.encode())
    assert orjson.loads(found.stdout)["text"] == "[EMAIL_ADDRESS]"


def test_a_body_is_read_as_the_settings_say(used: House) -> None:
    asked = ("--role", "analyst", "--route", "inhouse.generate", "--request", "-")
    explain = ("policy", "explain", used.home / "policies", *settings(used), *asked)
    found = report(*explain, stdin=orjson.dumps({"history": [{"text": MAIL}]}))
    assert (found["asked"]["model"], found["verdict"]) == ("my-model", "redact")
    assert found["request"]["findings"][0]["where"] == "/history/0/text"
    wrong = gateway(*explain, stdin=orjson.dumps({"prompt": 5}))
    assert (wrong.exit_code, "/prompt must be a text" in wrong.stderr) == (2, True)


def test_what_nobody_knows_of_a_request_counts_against_it_in_every_tool(
    used: House, tmp_path: Path
) -> None:
    file = tmp_path / "p.yaml"
    denies = "  - {id: no-tools, deny: {when: {tools: present}}}\ntests:\n"
    file.write_text(POLICY.replace("tests:\n", denies))
    asked = ("--role", "analyst", "--route", "inhouse.generate")
    found = report("policy", "explain", file, *settings(used), *asked)
    assert (found["asked"]["model"], found["verdict"]) == ("my-model", "deny")
    failed = gateway("policy", "test", file, *settings(used))
    assert (failed.exit_code, "expected allow, got deny" in failed.stdout) == (1, True)
    old = ("policy", "diff", used.home / "policies", file, *settings(used))
    (denied,) = [one for one in report(*old)["changes"] if "inhouse.generate" in one["routes"]]
    assert (denied["kind"], denied["models"]) == ("denied", ["my-model"])
    assert denied["routes"] == ["inhouse.generate", "wordy"]


def test_such_a_policy_is_signed_and_verified(used: House, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "p.yaml").write_text(POLICY)
    assert gateway("policy", "keygen", tmp_path).exit_code == 0
    sign = ("policy", "sign", folder, "--key", tmp_path / "policy.key")
    assert gateway(*sign).exit_code == 1
    assert gateway(*sign, *settings(used)).exit_code == 0
    verify = ("policy", "verify", folder, "--key", tmp_path / "policy.pub")
    assert gateway(*verify).exit_code == 1
    assert gateway(*verify, *settings(used)).exit_code == 0


def test_what_was_asked_of_them_is_replayed(used: House, tmp_path: Path) -> None:
    key = ("--key", used.home / "keys" / "auditor.key")
    same = report("policy", "replay", used.home / "policies", *settings(used), *key)
    assert (same["asked"], same["same"], same["changes"]) == (6, 6, [])
    file = tmp_path / "p.yaml"
    file.write_text(POLICY.replace("EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: block"))
    store = ("--store", f"sqlite:///{used.home}/data/audit.db")
    found = report("policy", "replay", file, *store, *settings(used), *key)
    assert [(one["kind"], one["count"]) for one in found["changes"]] == [("stricter", 2)]
    unknown = gateway("policy", "replay", file, *store, *key)
    assert (unknown.exit_code, ADVICE in unknown.stderr) == (1, True)

"""``gateway policy replay``, on the log of a gateway that answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner, Result
from house import LEAN, House, build, chat

from gateway.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHAT = "/v1/chat/completions"
WITH_TOOLS = LEAN + "  - {id: no-tools, deny: {when: {tools: present}}}\n"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway that has answered one request of each kind."""
    with build(tmp_path_factory.mktemp("used"), policy=LEAN) as house:
        analyst = house.client("analyst", subject="ada")
        assert analyst.post(CHAT, json=chat("hello")).status_code == 200
        assert analyst.post(CHAT, json=chat("hello", stream=True)).status_code == 200
        redacted = analyst.post(CHAT, json=chat("mail to canary@example.com"))
        assert redacted.headers["x-gateway-decision"] == "redact"
        assert analyst.post(CHAT, json=chat("4111 1111 1111 1111")).status_code == 400
        assert analyst.get("/v1/models").status_code == 200
        guest = house.client("guest", subject="bob")
        assert guest.post(CHAT, json=chat("hello")).status_code == 403
        assert house.client().post(CHAT, json=chat("hello")).status_code == 401
        yield house


def replay(used: House, policy: str, folder: Path, *arguments: str) -> Result:
    (folder / "new.yaml").write_text(policy)
    where = () if "-c" in arguments else ("--store", f"sqlite:///{used.home}/data/audit.db")
    command = ["policy", "replay", str(folder / "new.yaml"), *where, *arguments]
    return CliRunner().invoke(main, command)


def report(used: House, policy: str, folder: Path, *arguments: str) -> dict[str, Any]:
    result = replay(used, policy, folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = orjson.loads(result.stdout)
    return found


def key(used: House) -> tuple[str, str]:
    return "--key", str(used.home / "keys" / "auditor.key")


LEFT = [
    {"why": "it asked for the list of models", "count": 1},
    {"why": "it was refused before the policy was asked", "count": 1},
]


@pytest.mark.parametrize("opened", [False, True])
def test_the_same_policy_decides_the_same(used: House, tmp_path: Path, opened: bool) -> None:  # noqa: FBT001 - a parameter of the test
    found = report(used, LEAN, tmp_path, *(key(used) if opened else ()))
    assert (found["asked"], found["same"], found["changes"]) == (5, 5, [])
    assert found["left_out"] == LEFT


def test_what_opens_is_told_first_with_whom_it_is_about(used: House, tmp_path: Path) -> None:
    policy = LEAN.replace("roles: [analyst]", "roles: [guest]").replace(
        "roles:\n", "roles:\n  guest: {}\n", 1
    )
    found = report(used, policy, tmp_path, "-c", str(used.home / "gateway.yaml"), *key(used))
    first = found["changes"][0]
    assert (first["kind"], first["before"]) == ("allowed", "no rule allowed it")
    assert first["callers"] == ["bob (no role)"]
    assert {change["kind"] for change in found["changes"]} == {"allowed", "denied"}


def test_with_a_key_texts_are_scanned_and_never_shown(used: House, tmp_path: Path) -> None:
    policy = LEAN.replace("EMAIL_ADDRESS: redact, CREDIT_CARD: block", "CREDIT_CARD: flag")
    result = replay(used, policy, tmp_path, *key(used))
    assert result.exit_code == 0
    assert "a weaker action on texts" in result.stdout
    assert "flag (pii CREDIT_CARD)" in result.stdout
    assert "2 of 5 requests would end otherwise" in result.stdout
    assert "canary" not in result.stdout
    assert "4111" not in result.stdout


def test_without_a_key_it_says_what_does_not_count(used: House, tmp_path: Path) -> None:
    policy = LEAN.replace("CREDIT_CARD: block", "CREDIT_CARD: flag")
    result = replay(used, policy, tmp_path)
    assert "0 of 5 requests would end otherwise" in result.stdout
    assert "note: without --key, parameters, texts and claims are sealed" in result.stdout
    assert "1 left out: it asked for the list of models" in result.stdout


def test_what_depends_on_sealed_parameters_is_counted(used: House, tmp_path: Path) -> None:
    found = report(used, WITH_TOOLS, tmp_path)
    assert (found["asked"], found["left_out"][0]["count"]) == (1, 4)
    assert report(used, WITH_TOOLS, tmp_path, *key(used))["same"] == 5


def test_requests_before_a_time_are_not_looked_at(used: House, tmp_path: Path) -> None:
    found = report(used, LEAN, tmp_path, "--since", "2100-01-01T00:00:00Z")
    assert (found["asked"], found["left_out"]) == (0, [])
    assert report(used, LEAN, tmp_path, "--since", "24h")["asked"] == 5


def test_the_exit_code_is_1_on_changes_only_where_that_is_asked_for(
    used: House, tmp_path: Path
) -> None:
    policy = LEAN.replace("roles: [analyst]", "roles: [auditor]")
    assert replay(used, policy, tmp_path, "--exit-code").exit_code == 1
    assert replay(used, policy, tmp_path).exit_code == 0
    assert replay(used, LEAN, tmp_path, "--exit-code").exit_code == 0


def test_the_store_is_that_of_the_settings_if_none_is_named(used: House, tmp_path: Path) -> None:
    config = str(used.home / "gateway.yaml")
    found = report(used, LEAN, tmp_path, "-c", config, *key(used))
    assert found["same"] == 5
    assert found["notes"] == [
        "limits are not replayed: who was refused for them would be again, or not"
    ]


def test_what_is_wrong_with_the_call_is_a_sentence(used: House, tmp_path: Path) -> None:
    wrong = replay(used, LEAN, tmp_path, "--store", "mysql://x")
    assert (wrong.exit_code, "this is no audit store" in wrong.stderr) == (2, True)
    off = tmp_path / "gateway.yaml"
    text = (used.home / "gateway.yaml").read_text()
    off.write_text(text.split("\naudit:")[0] + "\naudit: off\n")
    refused = replay(used, LEAN, tmp_path, "-c", str(off))
    assert refused.exit_code == 2
    assert "audit is off: there is no log" in refused.stderr
    gone = replay(used, LEAN, tmp_path, "--since", "yesterday")
    assert (gone.exit_code, "a time is" in gone.stderr) == (2, True)


def test_a_store_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(LEAN)
    command = ["policy", "replay", str(tmp_path / "new.yaml"), "--store", "sqlite:////gone.db"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "gone.db" in result.stderr

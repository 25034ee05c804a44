"""A running gateway takes policies from their signer only, and none that is older."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat

from gateway.policy.bundle_keys import create_keys, load_signing_key
from gateway.policy.signing import sign_bundle
from gateway.steps.activation import activate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIGNED: Final = {
    "policy: {path: policies}": "policy: {path: policies, signed_by: keys/policy.pub, "
    "revision_file: data/policy.revision}"
}
BLOCKING: Final = LEAN.replace("EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: block")


def revised(text: str, revision: int) -> str:
    return text.replace("revision: 1", f"revision: {revision}")


def sign(home: Path) -> None:
    create_keys(home / "keys")
    key = load_signing_key(home / "keys" / "policy.key")
    sign_bundle(home / "policies", activate([home / "policies"]).policy, key)


def publish(house: House, text: str) -> None:
    """Writes and signs a policy beside the gateway's, and puts the files in place."""
    made = house.home / "made"
    (made / "policies").mkdir(parents=True, exist_ok=True)
    (made / "policies" / "policy.yaml").write_text(text)
    key = load_signing_key(house.home / "keys" / "policy.key")
    sign_bundle(made / "policies", activate([made / "policies"]).policy, key)
    for file in sorted((made / "policies").iterdir()):
        (house.home / "policies" / file.name).write_bytes(file.read_bytes())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build(tmp_path, edit=SIGNED, policy=revised(LEAN, 5), prepare=sign) as house:
        yield house


def policy(house: House) -> dict[str, Any]:
    answer = house.client("auditor").get("/gateway/policy")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def wait_for(what: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def ask(house: House) -> int:
    body = chat("to ada@example.com")
    return house.client("analyst").post("/v1/chat/completions", json=body).status_code


def test_a_signed_policy_comes_into_force_without_a_restart(house: House) -> None:
    assert ask(house) == 200
    publish(house, revised(BLOCKING, 6))
    wait_for(lambda: policy(house)["revision"] == 6)
    assert ask(house) == 400


@pytest.mark.parametrize(
    ("name", "problem"),
    [("unsigned", "differs from what was signed"), ("rolled back", "older than revision 5")],
)
def test_what_is_unsigned_or_old_is_refused_and_recorded(
    house: House, name: str, problem: str
) -> None:
    if name == "unsigned":
        (house.home / "policies" / "policy.yaml").write_text(revised(BLOCKING, 9))
    else:
        publish(house, revised(BLOCKING, 4))
    wait_for(lambda: policy(house)["refused"])
    found = policy(house)
    assert found["revision"] == 5
    assert problem in " ".join(found["refused"]["problems"])
    assert ask(house) == 200
    refused = [one for one in house.events(limit="50") if one["stage"] == "policy.refused"]
    assert refused[0]["detail"]["problems"] == found["refused"]["problems"]

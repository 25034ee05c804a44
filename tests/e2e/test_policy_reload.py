"""A policy that changes under a running gateway: all of it at once, or nothing of it."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from scripted import ScriptedModel, stream_of, text_of

from gateway.demo.running import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OPENAI: Final = "/v1/chat/completions"
REVISED: Final = LEAN.replace("revision: 1", "revision: 2")
BLOCKING: Final = REVISED.replace("EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: block")
UNSCANNED: Final = REVISED.replace("    scan: [pii]\n", "")
_FAILING_TEST: Final = """
tests:
  - name: an address is let through
    given: {role: analyst, route: chat.completions, model: demo-small, prompt: to ada@example.com}
    expect: {decision: allow}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build(tmp_path, policy=LEAN) as house:
        yield house


def write(house: House, text: str) -> None:
    (house.home / "policies" / "policy.yaml").write_text(text)


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
    return house.client("analyst").post(OPENAI, json=chat("to ada@example.com")).status_code


def loads(house: House, outcome: str) -> float:
    text = house.client("auditor").get("/gateway/metrics").text
    found = re.search(
        rf'^gateway_policy_loads_total{{outcome="{outcome}"}} (.+)$', text, re.MULTILINE
    )
    return float(found[1]) if found else 0.0


def test_good_edit_takes_effect_and_is_recorded(house: House) -> None:
    before = policy(house)
    assert ask(house) == 200
    write(house, BLOCKING)
    wait_for(lambda: policy(house)["revision"] == 2)
    after = policy(house)
    assert after["digest"] != before["digest"]
    assert after["loaded_at"] > before["loaded_at"]
    assert after["refused"] is None
    answer = house.client("analyst").post(OPENAI, json=chat("to ada@example.com"))
    assert answer.json()["error"]["code"] == "content_blocked"
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert outcome["policy"] == {"revision": 2, "digest": after["digest"]}
    loaded = [one for one in house.events(limit="200") if one["stage"] == "policy.loaded"]
    assert loaded[0]["policy"] == {"revision": 2, "digest": after["digest"]}
    assert loads(house, "loaded") >= 1


BAD: Final = {
    "broken YAML": (BLOCKING + "rules: [\n", "policy.yaml"),
    "an unknown key": (BLOCKING.replace("defaults: {", "defaults: {secret: 1, "), "secret"),
    "an unknown scanner": (BLOCKING.replace("scan: [pii]", "scan: [pii, piii]"), "piii"),
    "an unknown role": (BLOCKING.replace("roles: [analyst]", "roles: [analist]"), "analist"),
    "a test that fails": (REVISED + _FAILING_TEST, "an address is let through"),
    "an empty file": ("", "policy.yaml"),
    "allow by default": (BLOCKING.replace("decision: deny", "decision: allow"), "deny"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_edit_is_refused_and_the_last_good_policy_stays(house: House, name: str) -> None:
    text, named = BAD[name]
    before = policy(house)
    write(house, text)
    wait_for(lambda: policy(house)["refused"])
    after = policy(house)
    problems = after.pop("refused")["problems"]
    assert after == {key: value for key, value in before.items() if key != "refused"}
    assert named in " ".join(problems)
    assert re.search(r"policy\.yaml(:\d+:\d+)?: ", problems[0])
    assert ask(house) == 200
    refused = [one for one in house.events(limit="200") if one["stage"] == "policy.refused"]
    assert refused[0]["detail"]["problems"] == problems
    assert refused[0]["policy"]["digest"] == before["digest"]
    assert loads(house, "refused") >= 1
    assert house.client().get("/gateway/health/ready").status_code == 200


def test_correction_of_a_bad_edit_takes_effect(house: House) -> None:
    write(house, "not a policy")
    wait_for(lambda: policy(house)["refused"])
    write(house, BLOCKING)
    wait_for(lambda: policy(house)["revision"] == 2)
    assert policy(house)["refused"] is None
    assert ask(house) == 400


@pytest.mark.slow
def test_policy_that_is_deleted_leaves_the_last_good_one(house: House) -> None:
    (house.home / "policies" / "policy.yaml").unlink()
    wait_for(lambda: policy(house)["refused"])
    assert ask(house) == 200


def test_stream_in_flight_keeps_its_policy(tmp_path: Path) -> None:
    model, changed = ScriptedModel(), threading.Event()
    events = stream_of("openai", "Hello. ", "Write to ada@example.com now.")

    def script() -> Iterator[bytes | float]:
        yield events[0]
        while not changed.is_set():
            yield 0.05
        yield from events[1:]

    with serve(model) as upstream, build(tmp_path, upstream=upstream, policy=LEAN) as house:
        model.steps = script()
        body = chat("hello", stream=True)
        with house.client("analyst").stream("POST", OPENAI, json=body) as answer:
            told = next(parts := answer.iter_raw())
            write(house, UNSCANNED)
            wait_for(lambda: policy(house)["revision"] == 2)
            changed.set()
            told += b"".join(parts)
        assert text_of("openai", told).texts == {0: "Hello. Write to [EMAIL_ADDRESS] now."}
        outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
        assert (outcome["policy"]["revision"], outcome["decision"]) == (1, "redact")
        # The next one is under the new policy, which reads nothing.
        model.play(*events)
        after = house.client("analyst").post(OPENAI, json=body)
        assert b"ada@example.com" in after.content

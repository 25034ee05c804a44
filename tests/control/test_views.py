"""What callers may learn of themselves, of the policy and of the counters."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from house import build, chat
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from pathlib import Path

    from house import House


def test_a_caller_learns_who_it_is_and_what_it_may(house: House) -> None:
    found = house.client("analyst", subject="ada", tenant="acme").get("/gateway/whoami").json()
    assert found["subject"] == "ada"
    assert found["tenant"] == "acme"
    assert found["roles"] == ["analyst"]
    assert found["routes"] == [
        "chat.completions",
        "responses",
        "messages",
        "generate_content",
        "ollama.chat",
    ]
    assert "demo-small" in found["models"]
    assert "demo-large" not in found["models"]
    assert found["control"] == []


def test_a_role_of_the_token_that_the_policy_does_not_know_is_none(house: House) -> None:
    found = house.client("stranger").get("/gateway/whoami").json()
    assert (found["roles"], found["routes"], found["models"]) == ([], [], [])


def test_an_auditor_learns_what_it_controls(house: House) -> None:
    found = house.client("auditor").get("/gateway/whoami").json()
    assert found["control"] == ["audit.read", "audit.stream", "policy.read"]


def test_the_metrics_are_prometheus_text(house: House) -> None:
    answer = house.client("analyst").post("/v1/chat/completions", json=chat("to bob@example.com"))
    assert answer.is_success
    answer = house.client("admin").get("/gateway/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found[sample.name, *sorted(sample.labels.values())] = sample.value
    assert found["gateway_requests_total", "200", "chat.completions", "redact"] >= 1
    assert found["gateway_findings_total", "EMAIL_ADDRESS", "pii", "redact"] >= 1
    assert found["gateway_overhead_seconds_count",] >= 1
    assert "bob@example.com" not in answer.text


def test_the_policy_in_force_and_the_one_that_was_refused(tmp_path: Path) -> None:
    with build(tmp_path) as house:
        client = house.client("admin")
        before = client.get("/gateway/policy").json()
        assert (before["name"], before["revision"], before["refused"]) == ("starter", 1, None)
        assert {name.rpartition("/")[2] for name in before["files"]} == {
            "policy.yaml",
            "scanners.yaml",
            "tests.yaml",
        }
        file = house.home / "policies" / "policy.yaml"
        good = file.read_text()
        file.write_text(good.replace("rules:", "ruls:"))
        refused = _changed(house, lambda now: now["refused"] is not None)
        assert refused["digest"] == before["digest"], "the last good one stays"
        assert "unknown key 'ruls'; did you mean 'rules'?" in refused["refused"]["problems"][0]
        file.write_text(good.replace("revision: 1", "revision: 2"))
        after = _changed(house, lambda now: now["revision"] == 2)
        assert after["refused"] is None
        assert after["loaded_at"] > before["loaded_at"]
        stages = [event["stage"] for event in house.events(limit="50")]
        assert stages.count("policy.loaded") == 2
        assert stages.count("policy.refused") == 1
        samples = client.get("/gateway/metrics").text
        assert 'gateway_policy_loads_total{outcome="refused"} 1.0' in samples


def _changed(house: House, arrived: Any) -> dict[str, Any]:
    client = house.client("admin")
    for _ in range(300):
        now: dict[str, Any] = client.get("/gateway/policy").json()
        if arrived(now):
            return now
        time.sleep(0.05)
    raise AssertionError("the policy did not change")

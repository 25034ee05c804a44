"""Events of OCSF are what its makers' schema allows, and say what the header says."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from made_up_headers import headers, new_header
from official import ocsf_captions, ocsf_problems

from gateway.audit.exports.ocsf import SCHEMA, to_ocsf
from gateway.audit.record import Source


def check(event: dict[str, Any]) -> None:
    """Holds an event to the schema."""
    assert ocsf_problems(event) == []
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["metadata"]["version"] == SCHEMA
    captions = ocsf_captions(event)
    assert {name for name, (theirs, ours) in captions.items() if theirs != ours} == set()
    assert {"class_uid", "category_uid", "severity_id", "status_id"} <= captions.keys()
    profiled = event["class_uid"] == 6003
    assert ("action_id" in event) == ("profiles" in event["metadata"]) == profiled


@given(headers)
def test_every_header_is_an_event_of_the_schema(header: dict[str, Any]) -> None:
    event = to_ocsf(header)
    check(event)
    assert b":null" not in orjson.dumps({**event, "unmapped": None, "enrichments": None}).replace(
        b'"unmapped":null', b""
    ).replace(b'"enrichments":null', b"")
    assert event["metadata"]["uid"] == header["id"]
    assert event["metadata"]["sequence"] == header["wseq"]


def test_a_call_is_api_activity_with_its_model_and_what_was_decided() -> None:
    event = to_ocsf(new_header())
    check(event)
    assert event["type_uid"] == 600301
    assert event["actor"]["user"]["uid"] == "alice"
    assert event["actor"]["user"]["groups"] == [{"name": "analyst"}, {"name": "developer"}]
    assert event["actor"]["idp"] == {"name": "https://id.example"}
    assert event["src_endpoint"] == {"ip": "192.0.2.1"}
    assert event["ai_model"] == {"name": "gpt-5-mini", "ai_provider": "inhouse"}
    assert event["message_context"]["ai_role_id"] == 2
    assert event["message_context"]["total_tokens"] == 42
    assert (event["action_id"], event["disposition_id"], event["is_alert"]) == (3, 15, True)
    assert event["http_response"] == {"code": 200, "latency": 802}
    assert event["policy"] == {"uid": "ab" * 32, "name": "policy", "version": "42"}
    assert event["authorizations"][0]["policy"]["uid"] == "chat-analysts"
    (finding,) = event["enrichments"]
    assert (finding["provider"], finding["type"]) == ("pii", "EMAIL_ADDRESS")
    assert finding["data"] == {
        "entity": "EMAIL_ADDRESS", "score": 0.9, "action": "flag", "count": 2,
    }  # fmt: skip
    assert event["time"] == int("019a2c3d4e5f", 16)


def test_an_intent_is_the_users_message_and_has_no_outcome_yet() -> None:
    event = to_ocsf(new_header(stage="intent", status=None, timing=None))
    assert event["message_context"]["ai_role_id"] == 1
    assert event["status_id"] == 0
    assert "http_response" not in event


@pytest.mark.parametrize(
    ("decision", "action", "disposition"),
    [
        ("allow", 1, 1), ("flag", 3, 15), ("tokenise", 4, 11), ("redact", 4, 11),
        ("block", 2, 2), ("deny", 2, 26), (None, 0, 0),
    ],
)  # fmt: skip
def test_decisions_are_actions_and_dispositions(
    decision: str | None, action: int, disposition: int
) -> None:
    event = to_ocsf(new_header(decision=decision))
    assert (event["action_id"], event["disposition_id"]) == (action, disposition)
    check(event)


def test_a_refused_token_is_authentication_that_names_nobody() -> None:
    error = "unauthenticated: expired"
    event = to_ocsf(new_header(actor=None, status=401, decision="deny", error=error))
    check(event)
    assert event["type_uid"] == 300201
    assert (event["status_id"], event["status_code"]) == (2, "401")
    assert event["status_detail"] == "unauthenticated: expired"
    assert event["src_endpoint"] == {"ip": "192.0.2.1"}
    assert event["user"]["name"] == "unknown"


@pytest.mark.parametrize(
    ("stage", "type_uid"),
    [
        ("gateway.start", 600203), ("gateway.stop", 600204), ("writer.open", 600203),
        ("writer.close", 600204), ("policy.loaded", 600303), ("policy.refused", 600399),
        ("audit.read", 600302), ("control.read", 600302), ("key.changed", 600303),
        ("audit.erased", 600304), ("audit.pruned", 600304), ("writer.lost", 600299),
    ],
)  # fmt: skip
def test_the_gateways_own_events_have_a_class(stage: str, type_uid: int) -> None:
    event = to_ocsf(
        new_header(stage=stage, actor=None, source=Source(), request=None, route=None, model=None)
    )
    check(event)
    assert event["type_uid"] == type_uid
    assert event["metadata"]["event_code"] == stage


def test_a_refused_policy_is_severe() -> None:
    assert to_ocsf(new_header(stage="policy.refused", decision=None))["severity_id"] == 4


def test_a_record_that_stands_for_many_says_how_many() -> None:
    detail = {
        "repeats": 997,
        "first": "2027-01-15T08:00:00.000Z",
        "last": "2027-01-15T08:00:09.500Z",
        "of": "019a2c3d-4e5f-7abc-8def-0123456789ab",
    }
    event = to_ocsf(new_header(actor=None, status=401, decision="deny", detail=detail))
    check(event)
    assert event["count"] == 997
    assert event["end_time"] - event["start_time"] == 9500
    assert "count" not in to_ocsf(new_header(detail={"repeats": 997}))


def test_a_caller_whose_address_is_none_was_said_to_have_one() -> None:
    event = to_ocsf(new_header(source=Source("unix:/run/gateway.sock", None)))
    check(event)
    assert event["src_endpoint"] == {"name": "unix:/run/gateway.sock"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("activity_id", 7),
        ("severity_id", 42),
        ("class_uid", 6003.5),
        ("time", "yesterday"),
        ("no_such_attribute", 1),
        ("ai_model", {"ai_provider": "openai"}),
        ("src_endpoint", {"ip": "nowhere"}),
        ("src_endpoint", {}),
    ],
)
def test_what_is_not_of_the_schema_is_seen_here(path: str, value: Any) -> None:
    event = {**to_ocsf(new_header()), path: value}
    if path == "class_uid":
        event["class_uid"] = 6003
        event["type_uid"] = value
    assert ocsf_problems(event) != []

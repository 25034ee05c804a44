"""Log records of OpenTelemetry are well-formed OTLP, with the names of the GenAI conventions."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from google.protobuf.json_format import ParseError
from hypothesis import given
from made_up_headers import headers, new_header
from official import attribute_names, otlp_read

from gateway.audit.exports.genai import to_log_record, to_logs

_KINDS = {"stringValue", "intValue", "doubleValue", "boolValue", "arrayValue"}


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in attributes:
        assert attribute["key"] not in found
        found[attribute["key"]] = _plain(attribute["value"])
    return found


def _plain(value: dict[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    assert kind in _KINDS
    if kind == "arrayValue":
        return [_plain(one) for one in inner["values"]]
    if kind == "intValue":
        assert isinstance(inner, str)
        return int(inner)
    return inner


def test_a_call_has_the_names_of_the_conventions() -> None:
    record = to_log_record(new_header())
    found = plain(record["attributes"])
    assert found["gen_ai.operation.name"] == "chat"
    assert found["gen_ai.provider.name"] == "openai"
    assert found["gen_ai.request.model"] == "gpt-5-mini"
    assert (found["gen_ai.usage.input_tokens"], found["gen_ai.usage.output_tokens"]) == (12, 30)
    assert found["gen_ai.response.time_to_first_chunk"] == 0.3
    assert found["user.roles"] == ["analyst", "developer"]
    assert found["gateway.entities"] == ["EMAIL_ADDRESS"]
    assert record["timeUnixNano"] == str(int("019a2c3d4e5f", 16) * 1_000_000)
    assert (record["severityNumber"], record["severityText"]) == (13, "WARN")


@pytest.mark.parametrize(
    ("route", "operation"),
    [("messages", "chat"), ("embeddings", "embeddings"), ("inhouse.generate", None)],
)
def test_routes_that_the_conventions_know_have_an_operation(
    route: str, operation: str | None
) -> None:
    found = plain(to_log_record(new_header(route=route))["attributes"])
    assert found.get("gen_ai.operation.name") == operation


@given(headers)
def test_every_header_is_a_log_record_with_the_whole_of_it(header: dict[str, Any]) -> None:
    logs = orjson.loads(orjson.dumps(to_logs([to_log_record(header)] * 2)))
    (resource,) = logs["resourceLogs"]
    assert plain(resource["resource"]["attributes"])["service.name"] == "llm-security-gateway"
    ((scope),) = resource["scopeLogs"]
    assert len(scope["logRecords"]) == 2
    record = scope["logRecords"][0]
    assert orjson.loads(record["body"]["stringValue"]) == header
    assert plain(record["attributes"])["gateway.event"] == header["id"]
    assert 1 <= record["severityNumber"] <= 24


@given(headers)
def test_a_collector_reads_all_that_is_sent_and_nothing_else(header: dict[str, Any]) -> None:
    sent = to_logs([to_log_record(header)])
    read = otlp_read(orjson.dumps(sent))
    (record,) = read["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    (given,) = sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert record.pop("severityNumber").removeprefix("SEVERITY_NUMBER_") == given["severityText"]
    assert record == {name: value for name, value in given.items() if name != "severityNumber"}
    assert read["resourceLogs"][0]["resource"] == sent["resourceLogs"][0]["resource"]


@pytest.mark.parametrize(
    "change",
    [
        {"severityNumber": 10**12},
        {"body": "not a value"},
        {"timeUnixNano": "yesterday"},
        {"occurred": 1},
        {"attributes": {"a": "b"}},
    ],
)
def test_what_no_collector_reads_is_seen_here(change: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        otlp_read(orjson.dumps(to_logs([{**to_log_record(new_header()), **change}])))


def test_names_are_those_of_the_conventions_or_our_own() -> None:
    record = to_log_record(new_header())
    names = {attribute["key"] for attribute in record["attributes"]}
    names |= {
        attribute["key"] for attribute in to_logs([])["resourceLogs"][0]["resource"]["attributes"]
    }
    assert {name for name in names if not name.startswith("gateway.")} <= attribute_names()
    assert "gen_ai.request.model" in names

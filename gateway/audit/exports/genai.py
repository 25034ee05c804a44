"""Audit records as log records of OpenTelemetry, in the JSON of OTLP 1.

The names of the GenAI conventions are all still in development, so they stand in this module and
nowhere else. What they have no name for is called ``gateway.…``, as in the header.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["to_log_record", "to_logs"]

_OPERATIONS: Final = {
    "chat.completions": "chat",
    "responses": "chat",
    "messages": "chat",
    "ollama.chat": "chat",
    "generate_content": "generate_content",
    "completions": "text_completion",
    "ollama.generate": "text_completion",
    "embeddings": "embeddings",
}
"""``gen_ai.operation.name`` of the routes that have one."""
_PROVIDERS: Final = {
    "openai": "openai",
    "azure": "azure.ai.openai",
    "anthropic": "anthropic",
    "gemini": "gcp.gemini",
}
"""``gen_ai.provider.name`` by the format that was spoken; of others the upstream's name."""
_SEVERITIES: Final = {
    "allow": (9, "INFO"),
    "tokenise": (10, "INFO2"),
    "redact": (10, "INFO2"),
    "flag": (13, "WARN"),
    "deny": (13, "WARN"),
    "block": (14, "WARN2"),
}
_RESOURCE: Final = {"service.name": "llm-security-gateway", "service.version": __version__}


def to_logs(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An ``ExportLogsServiceRequest`` of log records, in their order."""
    scope = {"name": "gateway.audit", "version": __version__}
    return {
        "resourceLogs": [
            {
                "resource": {"attributes": _attributes(_RESOURCE)},
                "scopeLogs": [{"scope": scope, "logRecords": [*records]}],
            }
        ]
    }


def to_log_record(header: Mapping[str, Any]) -> dict[str, Any]:
    """The log record of a record's clear header; its body is the header as JSON."""
    number, word = _SEVERITIES.get(header["decision"], (9, "INFO"))
    moment = round(datetime.fromisoformat(header["time"]).timestamp() * 1000)
    return {
        "timeUnixNano": str(moment * 1_000_000),
        "severityNumber": number,
        "severityText": word,
        "eventName": f"gateway.audit.{header['stage']}",
        "body": {"stringValue": orjson.dumps(header).decode()},
        "attributes": _attributes(_named(header)),
    }


def _named(header: Mapping[str, Any]) -> dict[str, Any]:
    actor, source = header["actor"] or {}, header["source"]
    usage, policy = header["usage"] or {}, header["policy"] or {}
    timing = header["timing"] or {}
    first = timing.get("first_byte_ms")
    return {
        "gen_ai.operation.name": _OPERATIONS.get(header["route"]),
        "gen_ai.provider.name": _PROVIDERS.get(header["format"], header["upstream"]),
        "gen_ai.request.model": header["model"],
        "gen_ai.usage.input_tokens": usage.get("input_tokens"),
        "gen_ai.usage.output_tokens": usage.get("output_tokens"),
        "gen_ai.response.time_to_first_chunk": None if first is None else first / 1000,
        "http.response.status_code": header["status"],
        "error.type": None if header["error"] is None else str(header["status"] or "error"),
        "client.address": source.get("ip"),
        "user_agent.original": source.get("user_agent"),
        "user.id": actor.get("subject"),
        "user.roles": list(actor.get("roles", ())) or None,
        "gateway.event": header["id"],
        "gateway.request": header["request"],
        "gateway.stage": header["stage"],
        "gateway.writer": header["writer"],
        "gateway.wseq": header["wseq"],
        "gateway.tenant": header["tenant"],
        "gateway.route": header["route"],
        "gateway.decision": header["decision"],
        "gateway.rules": list(header["rules"]) or None,
        "gateway.entities": sorted({one["entity"] for one in header["findings"]}) or None,
        "gateway.policy.digest": policy.get("digest"),
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": _value(value)} for name, value in values.items() if value is not None
    ]


def _value(value: Any) -> dict[str, Any]:
    """An ``AnyValue``; whole numbers are strings there, as in all JSON of protocol buffers."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": str(value)}

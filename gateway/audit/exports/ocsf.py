"""Audit records as events of the Open Cybersecurity Schema Framework, version 1.8.

Calls and what is done to the gateway are API Activity (6003); calls also carry the profiles
``ai_operation`` and ``security_control``. A refused token is Authentication (3002); the start and
the end of a process is Application Lifecycle (6002). What the schema has no name for stands under
``unmapped``, by its name in the header.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from gateway import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SCHEMA", "to_ocsf"]

SCHEMA: Final = "1.8.0"
"""The version of the schema."""

_GATEWAY: Final = "llm-security-gateway"
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class _Class:
    """An event class: ``activities`` are the captions of its ``activity_id``."""

    uid: int
    name: str
    category: int
    category_name: str
    activities: Mapping[int, str]


_API: Final = _Class(
    6003, "API Activity", 6, "Application Activity",
    {1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other"},
)  # fmt: skip
_LIFECYCLE: Final = _Class(
    6002, "Application Lifecycle", 6, "Application Activity", {3: "Start", 4: "Stop", 99: "Other"}
)
_LOGON: Final = _Class(
    3002, "Authentication", 3, "Identity & Access Management", {1: "Logon"}
)  # fmt: skip

_STARTS: Final = {
    "gateway.start": 3, "writer.open": 3, "gateway.stop": 4, "writer.close": 4, "writer.lost": 99,
}  # fmt: skip
_SEVERITIES: Final = {
    1: "Informational", 2: "Low", 3: "Medium", 4: "High",
}  # fmt: skip
_DECISIONS: Final = {
    # What was decided: action_id, disposition_id, severity_id.
    "allow": (1, 1, 1),
    "flag": (3, 15, 3),
    "tokenise": (4, 11, 2),
    "redact": (4, 11, 2),
    "block": (2, 2, 3),
    "deny": (2, 26, 2),
}
_ACTIONS: Final = {1: "Allowed", 2: "Denied", 3: "Observed", 4: "Modified"}
_DISPOSITIONS: Final = {1: "Allowed", 2: "Blocked", 11: "Corrected", 15: "Detected",
                        26: "Unauthorized"}  # fmt: skip
_ALARMS: Final = ("policy.refused", "writer.lost")
_VERBS: Final = {"read": 2, "loaded": 3, "changed": 3, "held": 3, "released": 3, "erased": 4,
                 "pruned": 4}  # fmt: skip
_READS: Final = (None, "control", "models")
_REST: Final = ("coverage", "detail", "omitted", "sealed", "shadow", "stream", "timing", "wseq")


def to_ocsf(header: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a record's clear header: a JSON object with no null in it."""
    stage = str(header["stage"])
    if stage in _STARTS:
        kind, activity, own = _LIFECYCLE, _STARTS[stage], _lifecycle()
    elif header["status"] == 401 and header["actor"] is None:
        kind, activity, own = _LOGON, 1, _logon(header)
    else:
        kind, activity, own = _API, _activity(header), _api(header)
    event = {**_base(header, kind, activity), **own}
    return {name: value for name, value in event.items() if value is not None}


def _base(header: Mapping[str, Any], kind: _Class, activity: int) -> dict[str, Any]:
    severity = _severity(header)
    return {
        "activity_id": activity,
        "activity_name": kind.activities[activity],
        "category_uid": kind.category,
        "category_name": kind.category_name,
        "class_uid": kind.uid,
        "class_name": kind.name,
        "type_uid": kind.uid * 100 + activity,
        "type_name": f"{kind.name}: {kind.activities[activity]}",
        "time": _milliseconds(header["time"]),
        "severity_id": severity,
        "severity": _SEVERITIES[severity],
        **_status(header),
        **_repeats(header.get("detail") or {}),
        "message": _message(header),
        "metadata": _metadata(header, kind),
        "unmapped": _only({name: header.get(name) for name in _REST}) or None,
    }


def _metadata(header: Mapping[str, Any], kind: _Class) -> dict[str, Any]:
    return _only(
        {
            "version": SCHEMA,
            "product": {"name": _GATEWAY, "vendor_name": _GATEWAY, "version": __version__},
            "profiles": ["ai_operation", "security_control"] if kind is _API else None,
            "uid": header["id"],
            "event_code": header["stage"],
            "correlation_uid": header["request"],
            "log_name": "audit",
            "log_provider": header["writer"],
            "sequence": header["wseq"],
            "tenant_uid": header["tenant"],
            "original_time": header["time"],
        }
    )


def _status(header: Mapping[str, Any]) -> dict[str, Any]:
    status = header["status"]
    if status is None and header["error"] is None:
        return {"status_id": 0, "status": "Unknown"} if header["stage"] == "intent" else _done()
    if header["error"] is None and status < 400:
        return {**_done(), "status_code": str(status)}
    return {
        "status_id": 2,
        "status": "Failure",
        "status_code": None if status is None else str(status),
        "status_detail": header["error"],
    }


def _repeats(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a record counts that stands for many alike."""
    if not {"repeats", "first", "last"} <= detail.keys():
        return {}
    return {
        "count": detail["repeats"],
        "start_time": _milliseconds(detail["first"]),
        "end_time": _milliseconds(detail["last"]),
    }


def _done() -> dict[str, Any]:
    return {"status_id": 1, "status": "Success"}


def _severity(header: Mapping[str, Any]) -> int:
    if header["stage"] in _ALARMS:
        return 4
    return _DECISIONS.get(header["decision"], (0, 0, 1))[2]


def _message(header: Mapping[str, Any]) -> str:
    words = [header["stage"], header["route"], header["model"], header["decision"]]
    return " ".join(str(word) for word in words if word)


def _activity(header: Mapping[str, Any]) -> int:
    """A call asks a model to make something; of the gateway's own events their verb decides."""
    stage = header["stage"]
    if stage in {"intent", "outcome"}:
        return 2 if header["route"] in _READS else 1
    return _VERBS.get(str(stage).rpartition(".")[2], 99)


def _api(header: Mapping[str, Any]) -> dict[str, Any]:
    operation = header["route"] or header["stage"]
    response = {"code": header["status"], "error": header["error"]}
    return {
        "actor": _actor(header),
        "api": _only(
            {
                "operation": operation,
                "service": _named(header["upstream"] or _GATEWAY),
                "request": _only({"uid": header["request"] or header["id"]}),
                "response": _only(response) or None,
                "version": header["format"],
            }
        ),
        "src_endpoint": _source(header),
        "dst_endpoint": {"svc_name": header["upstream"] or _GATEWAY},
        "http_request": _agent(header),
        "http_response": _response(header),
        "ai_model": _model(header),
        "message_context": _messages(header),
        "policy": _policy(header["policy"]),
        "authorizations": _authorizations(header),
        "enrichments": [_finding(finding) for finding in header["findings"]] or None,
        **_control(header),
    }


def _control(header: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of the profile ``security_control``."""
    action, disposition, _ = _DECISIONS.get(header["decision"], (0, 0, 0))
    if not action:
        return {"action_id": 0, "action": "Unknown", "disposition_id": 0, "disposition": "Unknown"}
    return {
        "action_id": action,
        "action": _ACTIONS[action],
        "disposition_id": disposition,
        "disposition": _DISPOSITIONS[disposition],
        "is_alert": header["decision"] in {"flag", "block"},
    }


def _logon(header: Mapping[str, Any]) -> dict[str, Any]:
    """A token was refused: who it named was not proven, so that is not said."""
    return {
        "user": {"name": _UNKNOWN, "type_id": 0},
        "service": {"name": _GATEWAY, "version": __version__},
        "dst_endpoint": {"svc_name": _GATEWAY},
        "src_endpoint": _source(header),
        "http_request": _agent(header),
        "is_remote": True,
        "auth_protocol": "JWT",
        "auth_protocol_id": 99,
        "logon_type": "Network",
        "logon_type_id": 3,
    }


def _lifecycle() -> dict[str, Any]:
    return {"app": {"name": _GATEWAY, "vendor_name": _GATEWAY, "version": __version__}}


def _actor(header: Mapping[str, Any]) -> dict[str, Any]:
    actor = header["actor"]
    if actor is None:
        return {"app_name": header["source"].get("user_agent") or _GATEWAY}
    groups = [{"name": role} for role in actor["roles"]]
    tenant = header["tenant"]
    user = {
        "uid": actor["subject"],
        "name": actor["subject"] or _UNKNOWN,
        "groups": groups or None,
        "org": None if tenant is None else {"name": tenant, "uid": tenant},
    }
    acting = actor.get("act") or [None]
    found = {"user": _only(user), "idp": _named(actor["issuer"]), "app_name": acting[0]}
    return _only(found)


def _source(header: Mapping[str, Any]) -> dict[str, Any]:
    ip = header["source"].get("ip")
    if ip is not None:
        return {"ip": ip} if _is_address(ip) else {"name": ip}
    return {"svc_name": _GATEWAY} if header["request"] is None else {"name": _UNKNOWN}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _agent(header: Mapping[str, Any]) -> dict[str, Any] | None:
    return _only({"user_agent": header["source"].get("user_agent")}) or None


def _response(header: Mapping[str, Any]) -> dict[str, Any] | None:
    if header["status"] is None:
        return None
    timing = header["timing"] or {}
    spent = [timing.get(name) for name in ("gateway_ms", "upstream_ms")]
    latency = sum(one for one in spent if one is not None)
    return {"code": header["status"], "latency": round(latency)}


def _model(header: Mapping[str, Any]) -> dict[str, Any] | None:
    if header["model"] is None:
        return None
    return {
        "name": header["model"],
        "ai_provider": header["upstream"] or _UNKNOWN,
    }


def _messages(header: Mapping[str, Any]) -> dict[str, Any] | None:
    """An intent is what a user says, an outcome what the model answers."""
    if header["stage"] not in {"intent", "outcome"} or header["model"] is None:
        return None
    usage = header["usage"] or {}
    prompt, completion = usage.get("input_tokens"), usage.get("output_tokens")
    total = None if prompt is None or completion is None else prompt + completion
    role = (1, "User") if header["stage"] == "intent" else (2, "Assistant")
    return _only(
        {
            "uid": header["request"],
            "ai_role_id": role[0],
            "ai_role": role[1],
            "service": _named(header["upstream"] or _UNKNOWN),
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": total,
        }
    )


def _policy(policy: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    revision = policy["revision"]
    version = None if revision is None else str(revision)
    return _only({"uid": policy["digest"], "name": "policy", "version": version})


def _authorizations(header: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The rules that decided."""
    decision = header["decision"] or _UNKNOWN
    rules = [
        {"decision": decision, "policy": {"name": rule, "uid": rule}} for rule in header["rules"]
    ]
    return rules or None


def _finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    names = ("entity", "score", "action", "count")
    return {
        "name": "message_context",
        "value": finding["where"],
        "type": finding["entity"],
        "provider": finding["scanner"],
        "data": {name: finding[name] for name in names},
    }


def _named(name: str | None) -> dict[str, Any] | None:
    return None if name is None else {"name": name}


def _only(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value is not None}


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)

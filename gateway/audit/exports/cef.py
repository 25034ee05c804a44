"""Audit records as lines of ArcSight's Common Event Format, version 0.

In the head backslashes and pipes are escaped, in the extension backslashes, equals signs and line
breaks; a head has one line. Keys are those of the dictionary; custom ones carry their labels.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from gateway import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["extension_value", "head_value", "to_cef"]

_VENDOR: Final = "LLM Security Gateway"
_PRODUCT: Final = "gateway"
_MOST: Final = 1023
"""Characters of a value; what the format's dictionary allows most of the keys used here."""
_LESS: Final = {"act": 63, "app": 31, "externalId": 40, "outcome": 63, "sntdom": 255}
"""What it allows the others, where that is less."""
_SEVERITIES: Final = {"allow": 1, "tokenise": 3, "redact": 3, "deny": 4, "flag": 6, "block": 7}
_ALARMS: Final = {"policy.refused": 7, "writer.lost": 8}
_BREAKS: Final = str.maketrans(dict.fromkeys("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))
_EXTENSION: Final = str.maketrans({"\\": "\\\\", "=": "\\=", "\n": "\\n", "\r": "\\r"})


def to_cef(header: Mapping[str, Any]) -> str:
    """The line of a record's clear header."""
    head = (_VENDOR, _PRODUCT, __version__, _signature(header), _name(header))
    fields = "|".join(head_value(str(value)) for value in head)
    extension = " ".join(
        f"{key}={extension_value(_text(value)[: _LESS.get(key)])}"
        for key, value in _extension(header).items()
        if value not in (None, "", [])
    )
    return f"CEF:0|{fields}|{_severity(header)}|{extension}"


def head_value(text: str) -> str:
    """A value of the head: backslashes and pipes escaped, line breaks become spaces."""
    return text.translate(_BREAKS).replace("\\", "\\\\").replace("|", "\\|")


def extension_value(text: str) -> str:
    """A value of the extension, at most 1 023 characters of it: escaped, and on one line."""
    return text[:_MOST].translate(_EXTENSION)


def _signature(header: Mapping[str, Any]) -> str:
    """What kind of event it is: the stage, and for a call what was decided."""
    decision = header["decision"]
    return f"{header['stage']}.{decision}" if decision else str(header["stage"])


def _name(header: Mapping[str, Any]) -> str:
    words = [header["stage"], header["route"], header["decision"]]
    return " ".join(str(word) for word in words if word)


def _severity(header: Mapping[str, Any]) -> int:
    """From 0 to 10."""
    return _ALARMS.get(header["stage"], _SEVERITIES.get(header["decision"], 1))


def _extension(header: Mapping[str, Any]) -> dict[str, Any]:
    actor, source = header["actor"] or {}, header["source"]
    usage, policy = header["usage"] or {}, header["policy"] or {}
    timing = header["timing"] or {}
    return {
        "rt": _milliseconds(header["time"]),
        **_repeats(header.get("detail") or {}),
        "externalId": header["id"],
        "cat": header["stage"],
        "act": header["decision"],
        "outcome": _outcome(header),
        "reason": header["error"],
        "suser": actor.get("subject"),
        "sntdom": actor.get("issuer"),
        "spriv": ",".join(role or "" for role in actor.get("roles", ())),
        **_address(source.get("ip")),
        "requestClientApplication": source.get("user_agent"),
        "app": header["format"],
        "destinationServiceName": header["upstream"],
        "requestContext": header["route"],
        "deviceProcessName": header["writer"],
        **_custom("cs1", "model", header["model"]),
        **_custom("cs2", "tenant", header["tenant"]),
        **_custom("cs3", "rules", ",".join(rule or "" for rule in header["rules"])),
        **_custom("cs4", "findings", _findings(header)),
        **_custom("cs5", "policy", policy.get("digest")),
        **_custom("cs6", "request", header["request"]),
        **_custom("cn1", "status", header["status"]),
        **_custom("cn2", "inputTokens", usage.get("input_tokens")),
        **_custom("cn3", "outputTokens", usage.get("output_tokens")),
        **_custom("cfp1", "gatewayMilliseconds", timing.get("gateway_ms")),
        **_custom("cfp2", "upstreamMilliseconds", timing.get("upstream_ms")),
    }


def _repeats(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a record counts that stands for many alike."""
    if not {"repeats", "first", "last"} <= detail.keys():
        return {}
    return {
        "cnt": detail["repeats"],
        "start": _milliseconds(detail["first"]),
        "end": _milliseconds(detail["last"]),
    }


def _outcome(header: Mapping[str, Any]) -> str | None:
    status = header["status"]
    if status is None:
        return None if header["error"] is None else "failure"
    return "success" if status < 400 and header["error"] is None else "failure"


def _address(ip: str | None) -> dict[str, Any]:
    """``src`` holds an IPv4 address only; what is no address at all is a host's name."""
    if ip is None:
        return {}
    try:
        version = ip_address(ip).version
    except ValueError:
        return {"shost": ip}
    return {"src": ip} if version == 4 else _custom("c6a2", "Source IPv6 Address", ip)


def _findings(header: Mapping[str, Any]) -> str:
    return ",".join(
        f"{one['scanner']}:{one['entity']}:{one['action']}:{one['count']}"
        for one in header["findings"]
    )


def _custom(key: str, label: str, value: Any) -> dict[str, Any]:
    """A custom field with its label; neither where there is no value."""
    return {} if value in (None, "") else {key: value, f"{key}Label": label}


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)

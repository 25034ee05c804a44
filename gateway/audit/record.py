"""An audit record and its clear header.

The header holds no text of a prompt or an answer and no matched value. What comes from a client
is bounded and printable in it, and the whole of it fits into an entry of a transparency log
(65 535 bytes): long lists are cut, and ``omitted`` says by how many.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from gateway.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_HEADER",
    "Actor",
    "Coverage",
    "FindingNote",
    "PolicyNote",
    "Record",
    "SealedNote",
    "ShadowNote",
    "Source",
    "Stage",
    "Timing",
    "TokenUsage",
    "encode",
]

Stage = Literal[
    "intent", "outcome",
    "writer.open", "writer.close", "writer.lost",
    "policy.loaded", "policy.refused",
    "key.changed",
    "audit.read", "audit.erased", "audit.pruned", "audit.held", "audit.released",
    "control.read",
    "gateway.start", "gateway.stop",
]  # fmt: skip

MAX_HEADER: Final = 65_535
"""Bytes of a header: the most that an entry of c2sp.org/tlog-tiles holds."""

_LISTS: Final = ("findings", "rules", "shadow")
_CAPS: Final = (256, 64, 16, 4, 0)
_SHORT, _NAME, _LONG, _SENTENCE = 64, 128, 256, 1024
_MAX_INT: Final = 2**53 - 1
_STEP: Final = re.compile(r"[A-Za-z_]{1,32}|[0-9]{1,6}", re.ASCII)
_EMBEDDED_STEP: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who called, as the verified token says; ``act`` are those who act for the subject."""

    subject: str | None
    issuer: str | None = None
    roles: tuple[str, ...] = ()
    act: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the call came from."""

    ip: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class FindingNote:
    """What a scanner found, without the text.

    ``where`` is a JSON Pointer; a step that could be a client's own words becomes ``*`` in the
    header. ``score`` is 0 to 1, ``action`` an action's word, ``count`` how often at this place.
    """

    scanner: str
    entity: str
    where: str
    score: float
    action: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was scanned: characters present and scanned, and a verdict per scanner.

    A verdict is ``clean``, ``hit``, ``error``, ``timeout`` or ``not_run(reason)``.
    """

    chars: int
    scanned: int
    scanners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as the provider counts them."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds spent in the gateway, upstream, and until the answer's first byte."""

    gateway_ms: float | None = None
    upstream_ms: float | None = None
    first_byte_ms: float | None = None


@dataclass(frozen=True, slots=True)
class PolicyNote:
    """Which policy decided."""

    revision: int | str | None
    digest: str


@dataclass(frozen=True, slots=True)
class ShadowNote:
    """What a rule in shadow mode would have done."""

    rule: str
    decision: str
    scanner: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class SealedNote:
    """Where a record's sealed part is: its segment, its ciphertext's SHA-256 and size in bytes.

    ``salt`` is the SHA-256 of its subject's sealed salt; None where it has no subject. ``tokens``
    binds those by which its values are found; None where it has none.
    """

    segment: str
    sha256: str
    bytes: int
    salt: str | None = None
    tokens: str | None = None

    def value(self) -> dict[str, Any]:
        """As the header holds it."""
        found: dict[str, Any] = {
            "segment": self.segment, "sha256": self.sha256, "bytes": self.bytes
        }  # fmt: skip
        more = {"salt": self.salt, "tokens": self.tokens}
        return found | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Record:
    """One event, before a writer has numbered it.

    Attributes:
        stage: What kind of event it is.
        request: The id that the records of one call share.
        detail: Facts of a control event that have no name of their own; None for a call.
        id: A UUIDv7; the record's time is the one in it.
    """

    stage: Stage
    request: str | None = None
    tenant: str | None = None
    actor: Actor | None = None
    source: Source = Source()
    route: str | None = None
    format: str | None = None
    upstream: str | None = None
    model: str | None = None
    stream: bool | None = None
    decision: str | None = None
    rules: tuple[str, ...] = ()
    findings: tuple[FindingNote, ...] = ()
    coverage: Coverage | None = None
    usage: TokenUsage | None = None
    status: int | None = None
    error: str | None = None
    timing: Timing | None = None
    policy: PolicyNote | None = None
    shadow: tuple[ShadowNote, ...] = ()
    detail: Mapping[str, Any] | None = None
    id: str = field(default_factory=uuid7)

    @property
    def time(self) -> str:
        """When the record was made: RFC 3339, UTC, milliseconds."""
        seconds, milliseconds = divmod(int(self.id[:8] + self.id[9:13], 16), 1000)
        return f"{_second(seconds)}.{milliseconds:03d}Z"

    def header(self, writer: str, wseq: int) -> dict[str, Any]:
        """The clear header, in its fixed order; the writer sets ``sealed``."""
        header: dict[str, Any] = {
            "id": self.id,
            "time": self.time,
            "stage": self.stage,
            "request": _clean(self.request, _SHORT),
            "writer": writer,
            "wseq": wseq,
            "tenant": _clean(self.tenant, _LONG),
            "actor": _actor(self.actor),
            "source": {
                "ip": _clean(self.source.ip, _SHORT),
                "user_agent": _clean(self.source.user_agent, _LONG),
            },
            "route": _clean(self.route, _NAME),
            "format": _clean(self.format, _SHORT),
            "upstream": _clean(self.upstream, _SHORT),
            "model": _clean(self.model, _NAME),
            "stream": self.stream,
            "decision": self.decision,
            "rules": [_clean(rule, _NAME) for rule in self.rules],
            "findings": [_finding(finding) for finding in self.findings],
            "coverage": _coverage(self.coverage),
            "usage": _usage(self.usage),
            "status": self.status,
            "error": _clean(self.error, _SENTENCE),
            "timing": _timing(self.timing),
            "policy": _policy(self.policy),
            "shadow": [_shadow(note) for note in self.shadow],
            "sealed": None,
        }
        if self.detail is not None:
            header["detail"] = _value(self.detail)
        return header

    def to_header(self, writer: str, wseq: int, sealed: SealedNote | None = None) -> bytes:
        """The header as the bytes that are chained: one line of JSON, at most ``MAX_HEADER``."""
        header = self.header(writer, wseq)
        if sealed is not None:
            header["sealed"] = sealed.value()
        return encode(header)


def encode(header: dict[str, Any]) -> bytes:
    """A header's bytes. Where it is too long, its lists are cut in place and ``omitted`` counts."""
    lists = [(header, name) for name in _LISTS]
    if header["actor"] is not None:
        lists.append((header["actor"], "roles"))
    if all(len(holder[name]) <= _CAPS[0] for holder, name in lists):
        raw = orjson.dumps(header)
        if len(raw) <= MAX_HEADER:
            return raw
    omitted: dict[str, int] = header.setdefault("omitted", {})
    for cap in _CAPS:
        for holder, name in lists:
            _cut(holder, name, cap, omitted)
        raw = orjson.dumps(header)
        if len(raw) <= MAX_HEADER:
            return raw
    header["detail"], omitted["detail"] = None, 1
    return orjson.dumps(header)


def _cut(holder: dict[str, Any], name: str, cap: int, omitted: dict[str, int]) -> None:
    extra = len(holder[name]) - cap
    if extra > 0:
        omitted[name] = omitted.get(name, 0) + extra
        holder[name] = holder[name][:cap]


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _clean(text: str | None, limit: int) -> str | None:
    """At most ``limit`` characters, what does not print replaced by U+FFFD."""
    if text is None or (len(text) <= limit and text.isprintable()):
        return text
    if len(text) > limit:
        text = text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _number(value: int | None) -> int | None:
    return None if value is None else max(-_MAX_INT, min(_MAX_INT, value))


def _where(pointer: str) -> str:
    """The pointer with every step starred that could be a client's words instead of a format's."""
    plain, mark, embedded = pointer[:_SENTENCE].partition("#")
    text = "/".join(_step(step, _STEP) for step in plain.split("/"))
    if mark:
        text += "#" + "/".join(_step(step, _EMBEDDED_STEP) for step in embedded.split("/"))
    return text[:_LONG]


def _step(step: str, allowed: re.Pattern[str]) -> str:
    return step if not step or allowed.fullmatch(step) else "*"


def _actor(actor: Actor | None) -> dict[str, Any] | None:
    if actor is None:
        return None
    value: dict[str, Any] = {
        "subject": _clean(actor.subject, _LONG),
        "issuer": _clean(actor.issuer, _LONG),
        "roles": [_clean(role, _NAME) for role in actor.roles],
    }
    if actor.act:
        value["act"] = [_clean(name, _LONG) for name in actor.act[: _CAPS[2]]]
    return value


def _finding(note: FindingNote) -> dict[str, Any]:
    return {
        "scanner": _clean(note.scanner, _SHORT),
        "entity": _clean(note.entity, _SHORT),
        "where": _where(note.where),
        "score": round(note.score, 3),
        "action": note.action,
        "count": _number(note.count),
    }


def _coverage(coverage: Coverage | None) -> dict[str, Any] | None:
    if coverage is None:
        return None
    verdicts = list(coverage.scanners.items())[:64]
    return {
        "chars": coverage.chars,
        "scanned": coverage.scanned,
        "scanners": {_clean(name, _SHORT): _clean(word, _SHORT) for name, word in verdicts},
    }


def _usage(usage: TokenUsage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "input_tokens": _number(usage.input_tokens),
        "output_tokens": _number(usage.output_tokens),
    }


def _timing(timing: Timing | None) -> dict[str, Any] | None:
    if timing is None:
        return None
    return {
        "gateway_ms": _milliseconds(timing.gateway_ms),
        "upstream_ms": _milliseconds(timing.upstream_ms),
        "first_byte_ms": _milliseconds(timing.first_byte_ms),
    }


def _milliseconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _policy(note: PolicyNote | None) -> dict[str, Any] | None:
    if note is None:
        return None
    revision = note.revision
    return {
        "revision": _clean(revision, _SHORT) if isinstance(revision, str) else _number(revision),
        "digest": _clean(note.digest, _NAME),
    }


def _shadow(note: ShadowNote) -> dict[str, Any]:
    return {
        "rule": _clean(note.rule, _NAME),
        "decision": note.decision,
        "scanner": _clean(note.scanner, _SHORT),
        "entity": _clean(note.entity, _SHORT),
    }


def _value(value: Any, depth: int = 4) -> Any:
    """A control event's fact, bounded: texts, whole numbers, and short lists and mappings."""
    if isinstance(value, str):
        return _clean(value, _SENTENCE)
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return _number(value)
    if depth and isinstance(value, list | tuple):
        return [_value(inner, depth - 1) for inner in value[:_SHORT]]
    if depth and isinstance(value, dict):
        pairs = list(value.items())[:_SHORT]
        return {_clean(str(key), _NAME): _value(inner, depth - 1) for key, inner in pairs}
    return _clean(str(value), _SENTENCE)

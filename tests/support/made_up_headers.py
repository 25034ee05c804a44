"""Clear headers of records made of anything that a client, an issuer or a policy could write."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import strategies as st

from gateway.audit.record import (
    Actor,
    Coverage,
    FindingNote,
    PolicyNote,
    Record,
    ShadowNote,
    Source,
    Timing,
    TokenUsage,
)

__all__ = ["headers", "new_header"]

_TEXT = st.text(max_size=30) | st.text("|\\=\n\r ,:\u2028é😀", max_size=30)
_COUNT = st.integers(0, 10**9)
_MILLISECONDS = st.none() | st.floats(0, 1e6)
_DECISIONS = ("allow", "flag", "tokenise", "redact", "block", "deny")
_STAGES = (
    "intent", "outcome", "writer.open", "writer.close", "policy.loaded", "policy.refused",
    "audit.read", "gateway.start", "gateway.stop",
)  # fmt: skip

_actors = st.builds(Actor, _TEXT, st.none() | _TEXT, st.lists(_TEXT, max_size=4).map(tuple))
_findings = st.builds(
    FindingNote, _TEXT, _TEXT, _TEXT, st.floats(0, 1), st.sampled_from(_DECISIONS), _COUNT
)
_records = st.builds(
    Record,
    stage=st.sampled_from(_STAGES),
    request=st.none() | _TEXT,
    tenant=st.none() | _TEXT,
    actor=st.none() | _actors,
    source=st.builds(
        Source,
        st.none() | _TEXT | st.sampled_from(["192.0.2.7", "2001:db8::7"]),
        st.none() | _TEXT,
    ),
    route=st.none() | st.sampled_from(["chat.completions", "control", "models"]) | _TEXT,
    format=st.none() | st.sampled_from(["openai", "gemini"]),
    upstream=st.none() | _TEXT,
    model=st.none() | _TEXT,
    stream=st.none() | st.booleans(),
    decision=st.none() | st.sampled_from(_DECISIONS),
    rules=st.lists(_TEXT, max_size=4).map(tuple),
    findings=st.lists(_findings, max_size=4).map(tuple),
    coverage=st.none() | st.builds(Coverage, _COUNT, _COUNT, st.dictionaries(_TEXT, _TEXT)),
    usage=st.none() | st.builds(TokenUsage, st.none() | _COUNT, st.none() | _COUNT),
    status=st.none() | st.integers(200, 599) | st.just(401),
    error=st.none() | _TEXT,
    timing=st.none() | st.builds(Timing, _MILLISECONDS, _MILLISECONDS, _MILLISECONDS),
    policy=st.none() | st.builds(PolicyNote, st.none() | st.integers() | _TEXT, _TEXT),
    shadow=st.lists(st.builds(ShadowNote, _TEXT, st.sampled_from(_DECISIONS)), max_size=2).map(
        tuple
    ),
    detail=st.none() | st.dictionaries(_TEXT, _TEXT | st.lists(_COUNT, max_size=3), max_size=3),
)


def _written(record: Record, wseq: int) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(record.to_header("made-up-writer", wseq))
    return value


headers = st.builds(_written, _records, st.integers(0, 2**40))
"""Headers as a store gives them back."""


def new_header(**changes: Any) -> dict[str, Any]:
    """The header of a plain call's outcome, with what is given in place of its own."""
    values: dict[str, Any] = {
        "stage": "outcome",
        "request": "019a0000-0000-7000-8000-000000000001",
        "tenant": "acme",
        "actor": Actor("alice", "https://id.example", ("analyst", "developer")),
        "source": Source("192.0.2.1", "python/3"),
        "route": "chat.completions",
        "format": "openai",
        "upstream": "inhouse",
        "model": "gpt-5-mini",
        "stream": False,
        "decision": "flag",
        "rules": ("chat-analysts",),
        "findings": (FindingNote("pii", "EMAIL_ADDRESS", "/messages/0/content", 0.9, "flag", 2),),
        "coverage": Coverage(120, 120, {"pii": "hit"}),
        "usage": TokenUsage(12, 30),
        "status": 200,
        "timing": Timing(1.25, 800.5, 300.0),
        "policy": PolicyNote(42, "ab" * 32),
        "id": "019a2c3d-4e5f-7abc-8def-0123456789ab",
    }
    return _written(Record(**{**values, **changes}), 7)

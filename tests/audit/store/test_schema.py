from __future__ import annotations

import orjson
import pytest

from gateway.audit.record import Actor, FindingNote, Record
from gateway.audit.store.schema import COLUMNS, columns, decode, tag


def test_columns_are_taken_from_the_header() -> None:
    finding = FindingNote("pii", "CREDIT_CARD", "/x", 1, "flag")
    record = Record(
        "intent", actor=Actor("alice", None, ("b", "a")), rules=("r",), findings=(finding,) * 2
    )
    values = dict(zip(COLUMNS, columns(record.header("w", 1)), strict=True))
    assert (values["subject"], values["stage"], values["model"]) == ("alice", "intent", None)
    assert (
        values["tags"] == "\x1fentity:CREDIT_CARD\x1frole:a\x1frole:b\x1frule:r\x1fscanner:pii\x1f"
    )
    assert tag("role", "a") in values["tags"]


def test_an_event_without_tags_has_none() -> None:
    assert columns(Record("intent").header("w", 1))[-1] is None


@pytest.mark.parametrize("raw", [None, 5, "", b"", b"[]", b"{}", b'{"actor":5}'])
def test_what_is_no_header_is_none(raw: object) -> None:
    assert decode(raw) is None


def test_a_header_is_read() -> None:
    raw = Record("intent").to_header("w", 1)
    assert decode(raw) == orjson.loads(raw)

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from made_up_headers import headers, new_header

from gateway.audit.exports.lines import FORMATS, line
from gateway.audit.record import encode


@given(headers)
def test_a_record_is_one_line_in_every_format(header: dict[str, Any]) -> None:
    for form in FORMATS:
        assert b"\n" not in line(header, form)
    assert orjson.loads(line(header, "jsonl")) == header


@given(headers)
def test_json_is_byte_for_byte_what_is_hashed_in_the_log(header: dict[str, Any]) -> None:
    raw = encode(header)
    assert line(orjson.loads(raw), "jsonl") == raw


@pytest.mark.parametrize(
    ("form", "words"),
    [("jsonl", b'"id":"019a2c3d'), ("ocsf", b'"class_uid":6003'), ("cef", b"CEF:0|")],
)
def test_each_format_is_itself(form: str, words: bytes) -> None:
    assert words in line(new_header(), form)

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_headers import headers, new_header

from gateway.audit.exports.genai import to_log_record
from gateway.audit.exports.lines import DAMAGE, FORMATS, line
from gateway.audit.record import encode
from gateway.errors import AuditUnavailable


@given(headers)
def test_a_record_is_one_line_in_every_format(header: dict[str, Any]) -> None:
    for form in FORMATS:
        assert b"\n" not in line(header, form)
    assert orjson.loads(line(header, "jsonl")) == header


@given(headers)
def test_json_is_byte_for_byte_what_is_hashed_in_the_log(header: dict[str, Any]) -> None:
    raw = encode(header)
    assert line(orjson.loads(raw), "jsonl") == raw


_anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(headers, st.data())
def test_whatever_stands_in_a_store_is_a_line_or_damage(
    header: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(header)))
    inner = header[name]
    if isinstance(inner, dict) and inner and data.draw(st.booleans()):
        inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(_anything)
    elif data.draw(st.booleans()):
        header[name] = data.draw(_anything)
    else:
        del header[name]
    for form in FORMATS:
        with contextlib.suppress(AuditUnavailable):
            assert b"\n" not in line(header, form)
    with contextlib.suppress(*DAMAGE):
        orjson.dumps(to_log_record(header))


@pytest.mark.parametrize(
    ("form", "words"),
    [("jsonl", b'"id":"019a2c3d'), ("ocsf", b'"class_uid":6003'), ("cef", b"CEF:0|")],
)
def test_each_format_is_itself(form: str, words: bytes) -> None:
    assert words in line(new_header(), form)

from __future__ import annotations

import json
import math
import re
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from naive_json import NotStrict, same, strict

from gateway.errors import BadRequest, InternalFault
from gateway.ingress.strict_json import MAX_VALUES, dumps, loads

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_agrees_with_json_on_everything_valid(
    value: Any,
    ascii_only: bool,  # noqa: FBT001  # hypothesis draws it
    indent: int | str | None,
) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert same(loads(data), value)
    assert same(strict(data), value)


@given(VALUES)
def test_what_is_written_reads_the_same(value: Any) -> None:
    assert loads(dumps(value)) == value
    assert loads(dumps(loads(dumps(value)))) == value


@given(
    st.binary(max_size=40)
    | st.text('{}[]:,"\\u003aA1e9-. \n', max_size=30).map(str.encode)
    | VALUES.map(lambda value: json.dumps(value).encode()[:-1])
)
def test_what_is_strict_json_is_taken_and_nothing_else(data: bytes) -> None:
    try:
        wanted = strict(data)
    except NotStrict:
        with pytest.raises(BadRequest):
            loads(data)
        return
    assert same(loads(data), wanted)


KEYS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(':"\\u003aA'), max_size=6)


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\u{unit:04x}" for unit in _utf16(text)) + '"'


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


SPELLINGS = st.sampled_from([json.dumps, _escaped])


@given(
    KEYS,
    st.lists(KEYS, max_size=3),
    st.tuples(VALUES, VALUES),
    st.tuples(SPELLINGS, SPELLINGS),
    st.lists(st.sampled_from(["object", "array"]), max_size=10),
)
@example(":", [], (None, None), (json.dumps, _escaped), [])
@example("a", [], ("\\u003a\\\\u003a", 1), (json.dumps, _escaped), [])
@example("a", [], (1e30, 1), (json.dumps, json.dumps), ["array"])
def test_every_duplicate_is_found_wherever_it_stands(
    key: str, others: list[str], values: Any, spell: Any, around: list[str]
) -> None:
    members = [f"{spell[0](key)}:{json.dumps(values[0])}"]
    members += [f"{json.dumps(other)}:1" for other in others]
    members += [f"{spell[1](key)}:{json.dumps(values[1])}"]
    text = "{" + ",".join(members) + "}"
    for kind in around:
        text = f'{{"x":{text},"y":":"}}' if kind == "object" else f'[":",{text}]'
    with pytest.raises(BadRequest, match="duplicate key"):
        loads(text.encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"model":"a","model":"b"}', "duplicate key in the object at the top"),
        ('{"messages":[{"role":"user","role":"system"}]}', "object at /messages/0"),
        ('{"messages":[],"my secret":{"a":1,"a":1}}', r"object at /\*"),
        ('{"a":1,"\\u0061":2}', "duplicate key"),
        ('{"\\u003a":1,"x":1,"x":1}', "duplicate key"),
        ('{"\\u003A":1,"x":1,"x":1}', "duplicate key"),
        ('{"\\\\u003a":1,"x":1,"x":1}', "duplicate key"),
        ("NaN", "at character 0"),
        ('{"a":Infinity}', "at character 5"),
        ("[-Infinity]", "at character 2"),
        ("1e999", "number is infinity"),
        ("[-1e999]", "number is infinity"),
        ('"\\ud800"', "surrogate"),
        ('"\\udc00\\ud800"', "surrogate"),
        ("18446744073709551616", "beyond 64 bits at the top"),
        ('{"a":[-9223372036854775809]}', r"beyond 64 bits at /\*/0\."),
        ('{"messages":[{"content":[1,20000000000000000000]}]}', "bits at /messages/0/content/1"),
        ('[1e30,{"a":20000000000000000000,"b":1,"b":2}]', r"duplicate key in the object at /1\."),
        ("9" * 200, "beyond 64 bits"),
        ("9" * 5000, "number is infinity"),
        ("{} {}", "after document"),
        ("{}x", "after document"),
        ('"\x01"', "control character"),
        ('{"a":1,}', "trailing comma"),
        ("[1 // x\n]", "at character"),
        ("{'a':1}", "at character"),
        ("01", "leading zero"),
        ("", "empty"),
        ("[" * 65 + "]" * 65, "deeper than 64 levels at character 64"),
        ('{"é[{\\"[":[0],"b":' + "[" * 64 + "]" * 64 + "}", "levels at character 81"),
        ('{"a":' * 65 + "1" + "}" * 65, "deeper than 64 levels at character 320"),
        ("[" * 65 + "1e30" + "]" * 65, "deeper than 64"),
        ('{"a":' + "[" * 900 + "]" * 900 + ',"a":1}', "deeper than 64|duplicate"),
        ("[" * 100_000, "at character"),
        ("[" + "[]," * 100_000 + "[]]", "more than 100000"),
        ("[" + "[]," * 1_000_000 + "[]]", "more than 1000000 brackets"),
    ],
)
def test_refuses(text: str, words: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        loads(text.encode())
    assert refusal.value.reason.startswith("json: ")
    assert re.search(words, refusal.value.message)
    assert refusal.value.message.startswith("The request body is not valid JSON: ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        (b'{"a":"\xff"}', "not UTF-8 at byte 6"),
        (b'"\xed\xa0\x80"', "not UTF-8 at byte 1"),
        (b'"\xc0\xaf"', "not UTF-8 at byte 1"),
        ("{}".encode("utf-16"), "not UTF-8|at character"),
        ("{}".encode("utf-16-be"), "at character 0"),
    ],
)
def test_refuses_other_encodings(data: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        loads(data)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[" * 64 + "]" * 64, None),
        ("1e30", 1e30),
        ("[1e30,-1e30,1E300]", [1e30, -1e30, 1e300]),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ('"\\u0000"', "\0"),
        ('"\\ud83d\\ude00"', "😀"),
        ('{"\\u003a\\u003A":"\\\\u003a"}', {"::": "\\u003a"}),
        (' {"a" : ":" } \n', {"a": ":"}),
    ],
)
def test_takes(text: str, value: Any) -> None:
    found = loads(text.encode())
    assert found == (json.loads(text) if value is None else value)


def test_depth_is_a_parameter() -> None:
    assert loads(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(BadRequest, match="deeper than 2 levels at character 2"):
        loads(b"[[[1]]]", max_depth=2)
    assert loads(b"1", max_depth=0) == 1


def test_values_are_bounded_but_where_the_caller_bounds_them() -> None:
    numbers = b"[" + b"1," * MAX_VALUES + b"1]"
    members = b"{" + b",".join(b'"%d":1' % number for number in range(6)) + b"}"
    for data, most in ((numbers, MAX_VALUES), (members, 6), (b"[[1],[2]]", 4)):
        with pytest.raises(BadRequest, match=f"more than {most} values"):
            loads(data, max_values=most)
        assert loads(data, max_values=most + 2) == json.loads(data)
    assert len(loads(numbers, max_values=math.inf)) == MAX_VALUES + 1


def test_nothing_of_the_text_is_in_the_refusal() -> None:
    secret = "hunter2-is-my-password"
    for text in (
        f'{{"{secret}":1,"{secret}":2}}',
        f'{{"x":{secret}}}',
        f'["{secret}", {{"{secret}":{{"a":1,"a":2}}}}]',
        f'["{secret}\\ud800"]',
    ):
        with pytest.raises(BadRequest) as refusal:
            loads(text.encode())
        error = refusal.value
        assert secret not in repr(error) + str(error) + error.message + error.reason
        assert error.__cause__ is None
        assert error.__suppress_context__


def test_ten_mebibytes_take_linear_time() -> None:
    message = {"role": "user", "content": "what: is \\u003a this?" * 20}

    def seconds(count: int) -> float:
        data = json.dumps({"messages": [message] * count}).encode()
        best = math.inf
        for _ in range(3):
            start = time.process_time()
            loads(data)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(16_000) < max(60 * seconds(800), 0.5)


def test_a_value_that_json_cannot_hold_is_our_fault() -> None:
    for value in ("\ud800", 2**64, object(), {1: 2}):
        with pytest.raises(InternalFault):
            dumps(value)

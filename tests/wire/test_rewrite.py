"""Rewriting: the body changes where it was asked to, and nowhere else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InternalFault
from gateway.wire.exchange import DECODED, EMBEDDED, Path
from gateway.wire.leaves import Finder, everything
from gateway.wire.rewrite import rewrite

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=15,
)
BODIES = st.dictionaries(st.text(max_size=3), VALUES, max_size=5)


def leaves(body: Any) -> dict[Path, str]:
    found = Finder.request()
    everything(found, body, (), "user")
    return {text.path: text.value for text in found.texts if text.rewritable}


@settings(max_examples=50)
@given(BODIES)
def test_replacing_each_text_by_itself_changes_nothing(body: dict[str, Any]) -> None:
    texts = {path: text for path, text in leaves(body).items() if isinstance(at(body, path), str)}
    assert rewrite(body, texts) == body
    assert rewrite(body, {}) == body


@settings(max_examples=50)
@given(BODIES, st.data())
def test_exactly_the_chosen_texts_change(body: dict[str, Any], data: st.DataObject) -> None:
    before = copy.deepcopy(body)
    texts = leaves(body)
    chosen = data.draw(st.sets(st.sampled_from(sorted(texts, key=repr)))) if texts else set()
    written = rewrite(body, dict.fromkeys(chosen, "new"))
    assert body == before
    for path, text in texts.items():
        expected = "new" if path in chosen else text
        assert str(at(written, path)) == expected


def at(body: Any, path: Path) -> Any:
    for step in path:
        body = body[step]
    return body


def test_only_the_touched_paths_are_copied() -> None:
    body: dict[str, Any] = {"a": [{"t": "x"}, {"t": "y"}], "b": {"t": "z"}}
    written = rewrite(body, {("a", 0, "t"): "new"})
    assert written["b"] is body["b"]
    assert written["a"][1] is body["a"][1]
    assert written["a"][0] == {"t": "new"}


def test_embedded_json_is_spelt_anew() -> None:
    raw = '{"to": "ada@example.com", "n": [1, 12345678901234567890123], "é": "ü"}'
    written = rewrite({"f": {"arguments": raw}}, {("f", "arguments", EMBEDDED, "to"): 'a "b"'})
    inner = json.loads(written["f"]["arguments"])
    assert inner == {"to": 'a "b"', "n": [1, 12345678901234567890123], "é": "ü"}


@pytest.mark.parametrize("number", [4111111111111111, 4111111111111111.0])
def test_a_long_number_becomes_a_text(number: float) -> None:
    written = rewrite({"card": number}, {("card",): "[CREDIT_CARD]"})
    assert written == {"card": "[CREDIT_CARD]"}
    raw = f'{{"card": {number!r}}}'
    inner = rewrite({"f": raw}, {("f", EMBEDDED, "card"): "[CREDIT_CARD]"})
    assert inner == {"f": '{"card":"[CREDIT_CARD]"}'}
    with pytest.raises(InternalFault):
        rewrite({"card": True}, {("card",): "x"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("aGVsbG8=", "eyDDqSAj"),
        ("data:text/plain;base64,aGVsbG8=", "data:text/plain;base64,eyDDqSAj"),
        ("data:text/plain;charset=utf-8,hello", "data:text/plain;charset=utf-8,%7B%20%C3%A9%20%23"),
    ],
)
def test_a_decoded_text_is_encoded_anew(before: str, after: str) -> None:
    assert rewrite({"a": [before]}, {("a", 0, DECODED): "{ é #"}) == {"a": [after]}


@pytest.mark.parametrize(
    "paths",
    [
        [()],
        [("missing",)],
        [("list", 9)],
        [("list", -1)],
        [("list", "0")],
        [("list", True)],
        [("text", 0)],
        [("object",)],
        [("none",)],
        [("true",)],
        [("text", EMBEDDED, "a")],
        [("json", EMBEDDED, "a"), ("json",)],
        [("json",), ("json", EMBEDDED, "a")],
        [("json", EMBEDDED, "a"), ("json", "a")],
        [("json", EMBEDDED, "b")],
        [("json", DECODED)],
        [("list", DECODED)],
        [("latin", DECODED)],
        [("coded", DECODED), ("coded",)],
        [("coded", DECODED), ("coded", "a")],
        [("coded", DECODED, "a")],
    ],
)
def test_a_path_that_leads_to_no_text_is_our_own_fault(paths: list[Path]) -> None:
    body = {
        "text": "t",
        "list": ["a"],
        "object": {"a": "b"},
        "none": None,
        "true": True,
        "json": '{"a":"x"}',
        "coded": "aGVsbG8=",
        "latin": "data:text/plain;charset=latin1;base64,6Q==",
    }
    with pytest.raises(InternalFault):
        rewrite(body, dict.fromkeys(paths, "new"))

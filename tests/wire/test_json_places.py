"""Declared places: what is a text of whom, what nobody knows, and what is left of an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, UpstreamError
from gateway.pointers import EVERY, overlapping, parse_pointer
from gateway.wire.json_places import Places
from gateway.wire.leaves import Finder

KEYS = st.sampled_from(["a", "b", "0", "1"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=20,
)
POINTERS = st.lists(
    st.lists(KEYS | st.just(EVERY), min_size=1, max_size=3).map(
        lambda steps: "/" + "/".join(steps)
    ),
    max_size=3,
).filter(lambda pointers: overlapping(pointers) is None)


def read(pointers: list[str], body: Any, *, answer: bool = False) -> list[tuple[str, str, str]]:
    found = Finder.answer() if answer else Finder.request()
    Places.declared(pointers).read(found, body, (), "unknown")
    return [(text.where, text.value, text.provenance) for text in found.texts]


@pytest.mark.parametrize(
    ("pointers", "body", "texts"),
    [
        (["/prompt"], {"prompt": "hi"}, [("/prompt", "hi", "user")]),
        (["/prompt"], {"prompt": None}, []),
        (["/prompt"], {}, []),
        (
            ["/history/*/text"],
            {"history": [{"text": "a", "by": "b"}, None, {"text": "c"}]},
            [
                ("/history/0/text", "a", "user"),
                ("/history/0/by", "by", "unknown"),
                ("/history/0/by", "b", "unknown"),
                ("/history/2/text", "c", "user"),
            ],
        ),
        (
            ["/parts/0", "/parts/2/text"],
            {"parts": ["a", "b", {"text": "c"}, 411111111]},
            [
                ("/parts/0", "a", "user"),
                ("/parts/1", "b", "unknown"),
                ("/parts/2/text", "c", "user"),
                ("/parts/3", "411111111", "unknown"),
            ],
        ),
        (
            ["/inputs"],
            {"inputs": {"q": ["a", {"deep": "b"}], "n": 411111111}, "x": 1},
            [
                ("/inputs/q", "q", "user"),
                ("/inputs/q/0", "a", "user"),
                ("/inputs/q/1/deep", "deep", "user"),
                ("/inputs/q/1/deep", "b", "user"),
                ("/inputs/n", "n", "user"),
                ("/inputs/n", "411111111", "user"),
                ("/x", "x", "unknown"),
            ],
        ),
        (
            ["/vars/*/text", "/vars/name/title"],
            {"vars": {"k": {"text": "a"}, "name": {"text": "b", "title": "c"}}},
            [
                ("/vars/*", "k", "user"),
                ("/vars/*/text", "a", "user"),
                ("/vars/name/text", "b", "user"),
                ("/vars/name/title", "c", "user"),
            ],
        ),
        (["/*"], {"k": "a"}, [("/*", "k", "user"), ("/*", "a", "user")]),
        (["/a/0"], {"a": {"0": "x"}}, [("/a/0", "x", "user")]),
    ],
)
def test_what_is_declared_is_the_users_and_all_else_is_unknown(
    pointers: list[str], body: Any, texts: list[tuple[str, str, str]]
) -> None:
    assert read(pointers, body) == texts
    found = read(pointers, body, answer=True)
    assert [text[:2] for text in found] == [text[:2] for text in texts]
    assert {text[2] for text in found} <= {"answer"}


@pytest.mark.parametrize(
    ("pointers", "body", "message"),
    [
        (["/prompt"], {"prompt": 5}, "/prompt must be a text, or an object or a list of texts"),
        (["/prompt"], {"prompt": False}, "/prompt must be a text, or an object or a list of texts"),
        (["/a/b"], {"a": "x"}, "/a must be an object"),
        (["/a/b"], {"a": ["x"]}, "/a must be an object"),
        (["/a/*"], {"a": "x"}, "/a must be an object or a list"),
        (["/a/0"], {"a": 1.5}, "/a must be an object or a list"),
        (["/prompt"], {"Prompt": "x"}, "/prompt is spelt in another case"),
        (["/a/*/t"], {"a": {"canary": 5}}, "/a/* must be an object"),
        (["/a/*/t"], {"a": {"canary": {"t": 5}}},
         "/a/*/t must be a text, or an object or a list of texts"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_named_with_its_place_and_no_word_of_the_client(
    pointers: list[str], body: Any, message: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        read(pointers, body)
    assert refused.value.reason == message
    if "case" not in message:
        with pytest.raises(UpstreamError):
            read(pointers, body, answer=True)


def test_what_names_another_model_is_refused() -> None:
    for body in ({"model": "m"}, {"x": {"fallbacks": ["m"]}}):
        with pytest.raises(BadRequest, match="names another model"):
            read(["/prompt"], body)
    assert read(["/model"], {"model": "Golf"}) == [("/model", "Golf", "user")]


def test_other_members_may_name_parameters() -> None:
    found = Finder.request()
    body = {"prompt": {"tools": []}, "list": [{"max_tokens": 5}], "options": {"tools": [1]}}
    Places.declared(["/prompt", "/list/1"]).read(found, body, (), "unknown")
    assert found.foreign == {"max_tokens", "tools"}


def naively(
    value: Any, pointers: list[tuple[str, ...]], way: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    """Every text of a body and whose it is, by looking at each pointer for each place."""
    begun = [
        one for one in pointers if all(s in {EVERY, w} for s, w in zip(one, way, strict=False))
    ]
    whose = "user" if any(len(one) <= len(way) for one in begun) else "unknown"
    if isinstance(value, str):
        return [(value, whose)]
    if type(value) is int and abs(value) >= 10**8:
        return [(str(value), whose)]
    if isinstance(value, list):
        items = enumerate(value)
        return [text for n, inner in items for text in naively(inner, pointers, (*way, str(n)))]
    found: list[tuple[str, str]] = []
    for key, inner in value.items() if isinstance(value, dict) else ():
        steps = {one[len(way)] for one in begun if len(one) > len(way)}
        if whose == "user" or key not in steps:
            found.append((key, "user" if EVERY in steps else whose))
        found += naively(inner, pointers, (*way, key))
    return found


@given(POINTERS, st.dictionaries(KEYS, JSON, max_size=4))
def test_every_string_is_found_once_and_is_whose_the_pointers_say(
    pointers: list[str], body: dict[str, Any]
) -> None:
    try:
        found = read(pointers, body)
    except BadRequest:
        return
    steps = [parse_pointer(one) for one in pointers]
    assert [text[1:] for text in found] == naively(body, steps)


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"output": "secret"}, {"output": ""}),
        ({"output": ["a", {"b": "c"}], "id": "x1", "n": 3}, {"output": []}),
        ({"output": {"a": "b"}}, {"output": {}}),
        ({"output": None, "secret key": {"deep": "x"}}, {"output": None}),
        (
            {"choices": [{"text": "a", "p": 0.5}, {"other": "b"}]},
            {"choices": [{"text": ""}, {}]},
        ),
        ({"by_name": {"ada": "a"}}, {"by_name": {}}),
        ({"first": ["a", "b"]}, {"first": ["", None]}),
    ],
)
def test_nothing_of_a_text_is_left_of_an_emptied_answer(body: Any, left: Any) -> None:
    places = Places.declared(["/output", "/choices/*/text", "/by_name/*", "/first/0"])
    assert places.emptied(body) == left


@given(POINTERS, st.dictionaries(KEYS, JSON, max_size=4))
def test_an_emptied_answer_has_no_texts(pointers: list[str], body: dict[str, Any]) -> None:
    try:
        read(pointers, body, answer=True)
    except UpstreamError:
        return
    emptied = Places.declared(pointers).emptied(body)
    assert {text[1] for text in read(pointers, emptied, answer=True)} <= {""}
    assert {text for text, _ in naively(emptied, [])} <= {"", *"".join(pointers)}

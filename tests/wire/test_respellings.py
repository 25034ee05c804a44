"""Log probabilities: what they spell beyond the texts that they belong to, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.exchange import RESPELT
from gateway.wire.leaves import Finder
from gateway.wire.respellings import log_probabilities, unspoken
from gateway.wire.rewrite import rewrite


def token(text: str, *others: str, **members: Any) -> dict[str, Any]:
    itself = {"token": text, "logprob": -0.5, "bytes": list(text.encode())}
    tops = [{"token": other, "logprob": -2, "bytes": None} for other in others]
    return {**itself, "top_logprobs": tops, **members}


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1)), st.booleans())
def test_tokens_of_the_text_itself_are_no_texts(pieces: list[str], bare: bool) -> None:  # noqa: FBT001 - drawn
    tokens = [token(piece, piece) for piece in pieces]
    text = "".join(pieces)
    value: Any = tokens if bare else {"content": tokens, "refusal": None}
    assert unspoken(value, {"" if bare else "content": text}) == []
    # One more word than the text has is one that it does not say.
    if bare:
        assert unspoken([*tokens, token("\0")], {"": text.replace("\0", "")}) != []


def test_a_character_in_several_tokens_is_no_other_text() -> None:
    first, last = "é".encode()[:1], "é".encode()[1:]
    shown = [
        {"token": "\\xc3", "logprob": -1, "bytes": list(first), "top_logprobs": []},
        {"token": "\ufffd", "logprob": -1, "bytes": list(last), "top_logprobs": []},
    ]
    assert unspoken({"content": shown}, {"content": "é"}) == []


def test_a_member_that_nobody_knows_is_read_by_its_name_though_it_is_null() -> None:
    nothing = {"content": None, "top_logprobs": None, "text_offset": None, "token_logprobs": None}
    assert unspoken({**nothing, "call ada": None}, {"content": "hi"}) == [(("other",), "call ada")]
    assert unspoken(None, {"": "hi"}) == []


def test_what_is_not_said_is_read_with_its_place() -> None:
    value = {
        "content": [
            token("My", "Your", "His"),
            token(" cat", " dog"),
            token(" naps", " naps", " runs"),
            token(" now", bytes=list(b" here")),
        ],
        "refusal": [token("no", id=3, note="psst")],
        "unheard_of": {"a": ["b"]},
    }
    assert unspoken(value, {"content": "My cat naps now", "refusal": None}) == [
        (("content", 0), "Your dog"),
        (("content", 1), "His  runs"),
        (("content", "bytes"), " here"),
        (("refusal", "tokens"), "no"),
        (("other",), "id\nnote\npsst\nunheard_of\na\nb"),
    ]


def test_completions_spell_theirs_in_another_way() -> None:
    value = {
        "tokens": ["My", " cat"],
        "token_logprobs": [-1, None],
        "text_offset": [0, 2],
        "top_logprobs": [{"My": -1, "Your": -2}, None, {" naps": -1}],
    }
    assert unspoken(value, {"tokens": "My cat"}) == [
        (("top_logprobs", 1), "Your"),
        (("top_logprobs", 0), " naps"),
    ]
    assert unspoken(value, {"tokens": "My"})[0] == (("tokens", "tokens"), "My cat")


@pytest.mark.parametrize(
    "value",
    [
        "a mark",
        ["a mark"],
        {"content": "a mark"},
        {"content": {"a": ["a mark"]}},
        {"content": ["a mark"]},
        {"content": [["a mark"]]},
        {"content": [{"token": ["a mark"]}]},
        {"content": [{"token": "x", "bytes": "a mark"}]},
        {"content": [{"token": "x", "logprob": "a mark"}]},
        {"content": [{"token": "x", "top_logprobs": "a mark"}]},
        {"content": [{"token": "x", "top_logprobs": [{"token": "y", "top_logprobs": "a mark"}]}]},
        {"content": [{"token": "x", "top_logprobs": {"y": "a mark"}}]},
        {"token_logprobs": ["a mark"]},
        {"a mark": 1},
    ],
)
def test_whatever_nobody_knows_is_read(value: Any) -> None:
    assert sum(text.count("a mark") for _, text in unspoken(value, {"content": "x"})) == 1


def test_what_is_none_is_none() -> None:
    nothing: list[Any] = [None, 3, 0.5, {}, [], {"content": None}, {"content": []}]
    for value in nothing:
        assert unspoken(value, {"content": None, "": None}) == []


def test_a_rewrite_of_any_of_it_drops_it_all() -> None:
    for value, dropped in (({"content": [token("a", "b")]}, None), ([token("a", "b")], [])):
        found = Finder.answer()
        log_probabilities(found, value, ("p",), {"content": "a", "": "a"})
        (text,) = found.texts
        assert (text.value, text.provenance, text.rewritable) == ("b", "answer", True)
        assert text.path[:2] == ("p", RESPELT)
        assert text.where.startswith("/p#/")
        assert rewrite({"p": value, "q": 1}, {text.path: "x"}) == {"p": dropped, "q": 1}

"""The plaintext says what was given, however large, and is taken at once."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.audit import plaintext
from gateway.audit.plaintext import spell
from gateway.errors import AuditUnavailable


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["prompt", "answer", 'a "name"\\']),
        st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode)),
        max_size=3,
    ),
    st.integers(1, 7),
    st.sampled_from([{}, {"matched": [{"text": "é\n"}], "claims": None}]),
)
@example({"prompt": "日本語 😀".encode()[:-1]}, 1, {})
def test_bytes_are_texts_whatever_is_in_them(
    texts: dict[str, bytes], piece: int, rest: dict[str, Any]
) -> None:
    wanted = {name: text.decode("utf-8", "replace") for name, text in texts.items()} | rest
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plaintext, "_LARGE", 0)
        patch.setattr(plaintext, "_PIECE", piece)
        assert orjson.loads(spell({**texts, **rest})) == wanted
        own = {name: bytearray(text) for name, text in texts.items()}
        assert orjson.loads(spell({**own, **rest})) == wanted
    assert orjson.loads(spell({**texts, **rest})) == wanted


@pytest.mark.parametrize(
    "text",
    [b"x" * 2**19, b'"\\\n\x01' * 2**17, b"\x80\xf0\x9f\x98" * 2**17, "日本".encode() * 2**17],
)
def test_a_large_text_is_spelt_in_its_own_place(text: bytes) -> None:
    given = bytearray(text)
    spelt = spell({"prompt": given, "claims": None})
    assert spelt is given
    assert orjson.loads(spelt) == {"claims": None, "prompt": text.decode("utf-8", "replace")}


def test_only_what_is_large_is_an_array() -> None:
    assert type(spell({"prompt": b"x"})) is bytes
    assert type(spell({"prompt": b"x" * 2**20})) is bytearray


def test_half_a_surrogate_pair_can_be_said_beside_a_large_text() -> None:
    spelt = spell({"prompt": b"x" * 2**20, "answer": "\ud800"})
    assert spelt.startswith(b'{"answer": "\\ud800","prompt":"xxx')


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(AuditUnavailable, match="no JSON: TypeError"):
        spell({"prompt": object()})

from __future__ import annotations

import base64
import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.steps.packed_body import PackedBody, packed

TEXT = b"".join(b"line %d of a long text\n" % number for number in range(250_000))


@pytest.mark.parametrize("body", [TEXT, bytearray(TEXT + b"\xff\x00")], ids=["bytes", "bytearray"])
def test_a_long_body_is_had_again_as_it_came(body: bytes | bytearray) -> None:
    one = packed(body)
    assert isinstance(one, PackedBody)
    assert len(one) == len(body)
    assert sum(len(block) for block in one._blocks) < len(body) // 2
    for _ in range(2):
        again = one.unpacked()
        assert type(again) is bytearray
        assert again == body
    assert one.used_up() == body
    assert (len(one), one._blocks) == (0, deque())


@given(st.lists(st.sampled_from([b"", b"a" * 300_000, random.Random(1).randbytes(2**17)])))  # noqa: S311
def test_any_pieces_are_one_body(pieces: list[bytes]) -> None:
    one, whole = PackedBody(pieces), b"".join(pieces)
    assert len(one) == len(whole)
    assert one.unpacked() == one.used_up() == whole


def test_what_is_short_or_an_image_stays_as_it_is() -> None:
    image = base64.b64encode(random.Random(0).randbytes(2**22))  # noqa: S311 - the same in every run
    for body in (b"", TEXT[: 2**22], image, bytearray(image)):
        assert packed(body) is body

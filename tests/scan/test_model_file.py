from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scan.model_file import Head, ModelFileError, load, packed, shipped, unpacked
from gateway.scan.ngrams import BITS

PAGE = Path(__file__).parents[2] / "docs" / "detection.md"


def head(value: int) -> Head:
    return Head(np.full(1 << BITS, value, np.int8), 0.25, -1.5, 1.0, 2.0)


def test_what_is_packed_is_unpacked() -> None:
    data = packed({"user": head(3), "data": head(-4)})
    heads = unpacked(data)
    assert [(heads[name].table[7], heads[name].unit) for name in heads] == [(3, 0.25), (-4, 0.25)]
    assert packed(heads) == data


def test_the_shipped_file_is_small_and_whole() -> None:
    heads, _ = load()
    assert set(heads) == {"user", "data"}
    assert len(shipped()) <= 2_000_000
    assert all(one.block > one.flag for one in heads.values())


def test_the_docs_name_the_file_that_is_shipped() -> None:
    digest = hashlib.sha256(shipped()).hexdigest()
    assert re.findall(r"\b[0-9a-f]{64}\b", PAGE.read_text()) == [digest]
    assert load()[1] == digest


@pytest.mark.parametrize(
    "data",
    [b"", b"gateway injection model 1\n", b"gateway injection model 1\n[]\n", b"gateway\n[]\n",
     b"gateway injection model 1\n" + b"[" * 5000 + b"\n"],
    ids=["empty", "no line", "no heads", "another file", "a long line"],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError):
        unpacked(data)


@given(st.integers(1, 400))
def test_a_file_that_was_cut_is_refused(cut: int) -> None:
    data = packed({"user": head(1), "data": head(2)})
    with pytest.raises(ModelFileError):
        unpacked(data[:-cut])


def test_a_file_without_a_head_is_refused() -> None:
    with pytest.raises(ModelFileError, match="lacks a head"):
        unpacked(packed({"user": head(1)}))

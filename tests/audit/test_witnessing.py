from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.witnessing import MAX_REQUEST, AddCheckpoint
from gateway.errors import VerificationError

_HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="
_NOTE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"


def test_a_request_is_read_as_the_specification_shows_it() -> None:
    body = f"old 20852014\n{_HASH}\n{_HASH}\n\n{_NOTE}— a b\n".encode()
    request = AddCheckpoint.parse(body)
    assert (request.old, len(request.proof)) == (20_852_014, 2)
    assert request.note == f"{_NOTE}— a b\n"
    assert request.body == body


@given(st.integers(0, 2**62), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.text())
def test_requests_survive_their_bytes(old: int, proof: list[bytes], note: str) -> None:
    request = AddCheckpoint(old, tuple(proof), note)
    try:
        body = request.body
    except UnicodeEncodeError:
        return
    assert AddCheckpoint.parse(body) == request


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 5\n",
        b"new 5\n\nx",
        b"old 05\n\nx",
        b"old -5\n\nx",
        b"old 5 \n\nx",
        "old \N{ARABIC-INDIC DIGIT FIVE}\n\nx".encode(),
        b"old 5\r\n\r\nx",
        b"old 99999999999999999999\n\nx",
        b"old 5\nAAAA\n\nx",
        b"old 5\nnot base64\n\nx",
        b"old 5\n\xff\n\nx",
        f"old 5\n{_HASH[:-2]}x=\n\nx".encode(),
        f"old 5\n{(_HASH + chr(10)) * 64}\nx".encode(),
        b"old 5\n\n" + b"x" * MAX_REQUEST,
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(VerificationError):
        AddCheckpoint.parse(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        request = AddCheckpoint.parse(body)
    except VerificationError:
        return
    assert request.body == body

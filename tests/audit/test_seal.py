from __future__ import annotations

import os
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit import seal
from gateway.audit.binding import Binding, Subject
from gateway.audit.opener import Opener
from gateway.audit.seal import NONCE, Segment

_KEY = X25519PrivateKey.generate()
_ALICE, _BOB = Subject("alice", "https://id.example", "acme"), Subject("bob", "", "acme")


def _segment() -> Segment:
    return Segment("w", [_KEY.public_key()])


def _binding(segment: Segment, subject: Subject | None = None, wseq: int = 3) -> Binding:
    return Binding("acme", f"event-{wseq}", "w", wseq, segment.id, subject=subject)


def test_sealing_the_same_twice_gives_two_ciphertexts() -> None:
    segment = _segment()
    one, two = (segment.seal(b"x", _binding(segment)).sealed for _ in range(2))
    assert one != two


def test_no_nonce_comes_twice() -> None:
    segment = _segment()
    sealed = [segment.seal(b"x", _binding(segment, wseq=n)).sealed for n in range(500)]
    assert len({bytes(part[1 : 1 + NONCE]) for part in sealed}) == 500


def test_a_subject_has_one_salt_in_a_segment_and_another_in_the_next() -> None:
    segment = _segment()
    first, second = (segment.seal(b"x", _binding(segment, _ALICE, n)) for n in (1, 2))
    assert first.new_salt is not None
    assert second.new_salt is None
    assert first.salt == second.salt == sha256(first.new_salt.sealed).hexdigest()
    assert (first.new_salt.segment, first.new_salt.subject) == (segment.id, _ALICE)
    following = _segment()
    assert following.seal(b"x", _binding(following, _ALICE)).salt != first.salt


def test_two_subjects_have_two_salts_and_nobody_has_none() -> None:
    segment = _segment()
    parts = [segment.seal(b"x", _binding(segment, one)) for one in (_ALICE, _BOB, None)]
    assert len({part.salt for part in parts}) == 3
    assert (parts[2].salt, parts[2].new_salt) == (None, None)


def test_the_salt_itself_is_in_nothing_that_is_stored_or_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[bytes] = []
    draw = os.urandom

    def remembered(size: int) -> bytes:
        drawn.append(draw(size))
        return drawn[-1]

    segment = _segment()
    monkeypatch.setattr(os, "urandom", remembered)
    part = segment.seal(b"x" * 64, _binding(segment, _ALICE))
    assert part.new_salt is not None
    (salt,) = [one for one in drawn if len(one) == 32]
    stored = bytes(part.sealed) + part.new_salt.sealed + segment.envelope
    assert salt not in stored
    assert repr(part.sealed) not in repr(part)


@pytest.mark.parametrize(
    ("limit", "value"), [("_MAX_RECORDS", 2), ("_MAX_BYTES", 30), ("_MAX_AGE", 0.0)]
)
def test_a_segment_ends(monkeypatch: pytest.MonkeyPatch, limit: str, value: float) -> None:
    segment = _segment()
    segment.seal(b"x", _binding(segment))
    assert not segment.full
    monkeypatch.setattr(seal, limit, value)
    segment.seal(b"x", _binding(segment))
    assert segment.full


def test_a_large_text_is_sealed_in_its_own_place_and_opens_to_the_same() -> None:
    for size in (0, 1, 2**16, 2**16 + 1, 300_000):
        segment, text = _segment(), b"secret "[: size or 0] * (size // 7) + b"x" * (size % 7)
        place = bytearray(text)
        sealed = segment.seal(place, _binding(segment)).sealed
        assert sealed is place
        # A few letters stand in random bytes by chance.
        assert len(text) < 8 or text[:64] not in sealed
        assert Opener(_KEY).open(segment.envelope, bytes(sealed), _binding(segment)) == text


@settings(max_examples=40)
@given(st.binary(max_size=200), st.integers(0, 2**17), st.sampled_from([_ALICE, None]))
def test_what_was_sealed_in_its_place_can_be_taken_back(
    start: bytes, more: int, subject: Subject | None
) -> None:
    segment, place = _segment(), bytearray(start + bytes(more))
    binding = _binding(segment, subject)
    segment.seal(place, binding)
    segment.unseal(place, binding)
    assert place == start + bytes(more)

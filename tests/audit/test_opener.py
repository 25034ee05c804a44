"""Sealed parts open where they belong, to whom they were sealed, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.binding import Binding, Subject
from gateway.audit.envelope import segment_id
from gateway.audit.opener import Erased, Opener
from gateway.audit.recipients import AuditorKey, fingerprint
from gateway.audit.seal import Segment
from gateway.audit.xwing import XWingPrivateKey
from gateway.errors import VerificationError

_KEY, _OTHER = X25519PrivateKey.generate(), XWingPrivateKey.generate()
_ALICE = Subject("alice", "https://id.example", "acme")
_BOB = Subject("bob", "https://id.example", "acme")
# Sealed by the version of this gateway that knew no salts.
_FIRST = {
    "private": "18b136b116d2f7c98fb5b482b7fdcd5398aee544d38d8b381d4882308283ec55",
    "envelope": '{"version":1,"writer":"writer-1","salt":"h8qLjnJW90bKVtC6AErlLg==",'
    '"commitment":"/MjSlL8w7DWPlrU1ibOZq2WcgI/0USLKpluNOeopIgQ=",'
    '"recipients":[{"key":"4cc0bec1d2c9890c",'
    '"sealed":"1xWtdov8Ej9UN/j47nAGgX3f9HwvwW1WZwaL/61AZhzAxK/Npetg4Gk+WnV5c2t6uXrTVqyUk/wILHEds'
    'tkkyBHq8BWCNZgBKNIEQyidBr4="}]}',
    "sealed": "010f5221b25a3a68c3f25a671c038214aa67caeef0d611b3c946f7cab29634bc0160ccfff88401c6782"
    "21f594be49135ae4d188737cddf161be6861bd3ce6c7dedc1333300",
}


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the store holds of one part, and what opens it."""

    envelope: bytes
    sealed: bytes
    binding: Binding
    salt: bytes | None

    def open(self, key: AuditorKey = _KEY, **changes: Any) -> bytes:
        one = replace(self, **changes)
        return Opener(key).open(one.envelope, one.sealed, one.binding, one.salt)


def _segment() -> Segment:
    return Segment("w", [_KEY.public_key(), _OTHER.public_key()])


def _stored(
    segment: Segment, subject: Subject | None = _ALICE, text: bytes = b"secret", wseq: int = 3
) -> _Stored:
    """The subject's first part in a segment."""
    binding = Binding("acme", f"event-{wseq}", "w", wseq, segment.id, subject=subject)
    part = segment.seal(text, binding)
    salt = None if part.new_salt is None else part.new_salt.sealed
    return _Stored(segment.envelope, bytes(part.sealed), binding, salt)


@pytest.mark.parametrize("key", [_KEY, _OTHER], ids=["x25519", "x-wing"])
@pytest.mark.parametrize("subject", [_ALICE, None], ids=["alice", "nobody"])
def test_every_recipient_opens_what_is_sealed(key: AuditorKey, subject: Subject | None) -> None:
    stored = _stored(_segment(), subject)
    assert b"secret" not in stored.sealed + stored.envelope
    opener = Opener(key)
    for _ in range(2):
        found = opener.open(stored.envelope, stored.sealed, stored.binding, stored.salt)
        assert found == b"secret"


def test_one_opener_opens_many_segments() -> None:
    opener, stored = Opener(_OTHER), [_stored(_segment(), text=b"%d" % n) for n in range(3)]
    for _ in range(2):
        for number, one in enumerate(stored):
            assert opener.open(one.envelope, one.sealed, one.binding, one.salt) == b"%d" % number


@pytest.mark.parametrize(
    "stranger", [X25519PrivateKey.generate(), XWingPrivateKey.generate()], ids=["x25519", "x-wing"]
)
def test_nobody_else_does(stranger: AuditorKey) -> None:
    with pytest.raises(VerificationError, match=fingerprint(stranger.public_key())):
        _stored(_segment()).open(stranger)


def test_without_the_salt_it_is_erased_for_every_recipient() -> None:
    stored = _stored(_segment())
    for key in (_KEY, _OTHER):
        with pytest.raises(Erased, match="was erased"):
            stored.open(key, salt=None)


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": None},
        {"tenant": "other"},
        {"event": "other"},
        {"writer": "v"},
        {"wseq": 4},
        {"field": "answer"},
        {"subject": _BOB},
        {"subject": Subject("alice", "https://other.example", "acme")},
        {"subject": None},
    ],
    ids=lambda change: "-".join(map(str, change.items()))[:40],
)
def test_a_ciphertext_cannot_be_moved(change: dict[str, Any]) -> None:
    stored = _stored(_segment())
    with pytest.raises(VerificationError) as caught:
        stored.open(binding=replace(stored.binding, **change))
    assert not isinstance(caught.value, Erased)


def test_a_ciphertext_cannot_be_moved_to_another_segment() -> None:
    one, two = _stored(_segment()), _stored(_segment())
    with pytest.raises(VerificationError, match="does not belong"):
        one.open(envelope=two.envelope, binding=two.binding, salt=two.salt)
    with pytest.raises(VerificationError, match="envelope was changed"):
        one.open(envelope=two.envelope)


def test_salts_cannot_be_swapped_between_subjects_or_segments() -> None:
    segment = _segment()
    alice, bob, later = _stored(segment), _stored(segment, _BOB, wseq=4), _stored(_segment())
    for one, other in ((alice, bob), (bob, alice), (alice, later), (later, alice)):
        with pytest.raises(VerificationError, match="salt of the record's subject was changed"):
            one.open(salt=other.salt)


def test_a_sealed_part_is_no_salt_and_a_salt_no_sealed_part() -> None:
    stored = _stored(_segment(), text=bytes(32))
    assert stored.salt is not None
    with pytest.raises(VerificationError, match="salt of the record's subject was changed"):
        stored.open(salt=stored.sealed)
    with pytest.raises(VerificationError, match="does not belong"):
        stored.open(sealed=stored.salt)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(["sealed", "salt"]))
def test_what_was_changed_or_cut_never_opens(data: st.DataObject, part: str) -> None:
    stored = _stored(_segment(), text=data.draw(st.binary(max_size=40)))
    raw = getattr(stored, part)
    place = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:place]
    if data.draw(st.booleans()):
        changed += bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
    with pytest.raises(VerificationError) as caught:
        stored.open(**{part: changed})
    assert not isinstance(caught.value, Erased)


def test_an_envelope_that_was_changed_is_seen() -> None:
    stored = _stored(_segment())
    fields = orjson.loads(stored.envelope)
    fields["recipients"].pop()
    with pytest.raises(VerificationError, match="envelope was changed"):
        stored.open(envelope=orjson.dumps(fields))


@pytest.mark.parametrize(
    "sealed", [b"", b"\x01", b"\x02", b"\x03" + bytes(60), b"\x01" + bytes(60)]
)
def test_what_is_no_sealed_part_is_refused(sealed: bytes) -> None:
    with pytest.raises(VerificationError, match="unknown version"):
        _stored(_segment()).open(sealed=sealed)


def _first() -> tuple[X25519PrivateKey, _Stored]:
    envelope = _FIRST["envelope"].encode()
    event = "0190f3c2-0000-7000-8000-000000000001"
    binding = Binding("acme", event, "writer-1", 7, segment_id(envelope), subject=_ALICE)
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(_FIRST["private"]))
    return key, _Stored(envelope, bytes.fromhex(_FIRST["sealed"]), binding, None)


def test_what_the_first_version_sealed_still_opens() -> None:
    key, stored = _first()
    assert stored.open(key) == b'{"prompt":"sealed by the first version"}'
    # It has no salt, so its subject could be any; its header says which, and the chain holds that.
    assert stored.open(key, binding=replace(stored.binding, subject=None))


@pytest.mark.parametrize("change", [{"tenant": "other"}, {"wseq": 8}, {"event": "other"}])
def test_what_the_first_version_sealed_cannot_be_moved_either(change: dict[str, Any]) -> None:
    key, stored = _first()
    with pytest.raises(VerificationError, match="does not belong"):
        stored.open(key, binding=replace(stored.binding, **change))


def test_the_first_version_does_not_pass_for_the_second() -> None:
    key, stored = _first()
    with pytest.raises(VerificationError, match="unknown version"):
        stored.open(key, sealed=b"\x02" + stored.sealed[1:])
    envelope = stored.envelope.replace(b'"version":1', b'"version":2')
    binding = replace(stored.binding, segment=segment_id(envelope))
    with pytest.raises(VerificationError, match="secret does not open"):
        stored.open(key, envelope=envelope, binding=binding)

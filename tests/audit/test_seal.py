from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit import seal
from gateway.audit.recipients import AuditorKey, fingerprint
from gateway.audit.seal import Binding, Opener, Segment, segment_id
from gateway.audit.xwing import XWingPrivateKey
from gateway.errors import VerificationError

_KEY, _OTHER = X25519PrivateKey.generate(), XWingPrivateKey.generate()


def _segment() -> Segment:
    return Segment("w", [_KEY.public_key(), _OTHER.public_key()])


def _binding(segment: Segment, **changes: Any) -> Binding:
    return replace(Binding("acme", "event", "w", 3, segment.id), **changes)


@pytest.mark.parametrize("key", [_KEY, _OTHER], ids=["x25519", "x-wing"])
def test_every_recipient_opens_what_is_sealed(key: AuditorKey) -> None:
    segment = _segment()
    sealed = bytes(segment.seal(b"secret", _binding(segment)))
    assert b"secret" not in sealed + segment.envelope
    opener = Opener(key)
    assert opener.open(segment.envelope, sealed, _binding(segment)) == b"secret"
    assert opener.open(segment.envelope, sealed, _binding(segment)) == b"secret"


@pytest.mark.parametrize(
    "stranger",
    [X25519PrivateKey.generate(), XWingPrivateKey.generate()],
    ids=["x25519", "x-wing"],
)
def test_nobody_else_does(stranger: AuditorKey) -> None:
    segment = _segment()
    sealed = bytes(segment.seal(b"secret", _binding(segment)))
    with pytest.raises(VerificationError, match=fingerprint(stranger.public_key())):
        Opener(stranger).open(segment.envelope, sealed, _binding(segment))


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": None},
        {"tenant": "other"},
        {"event": "other"},
        {"writer": "v"},
        {"wseq": 4},
        {"field": "answer"},
    ],
)
def test_a_ciphertext_cannot_be_moved(change: dict[str, Any]) -> None:
    segment = _segment()
    sealed = bytes(segment.seal(b"secret", _binding(segment)))
    with pytest.raises(VerificationError):
        Opener(_KEY).open(segment.envelope, sealed, _binding(segment, **change))


def test_a_ciphertext_cannot_be_moved_to_another_segment() -> None:
    one, two = _segment(), _segment()
    sealed = bytes(one.seal(b"secret", _binding(one)))
    with pytest.raises(VerificationError, match="does not belong"):
        Opener(_KEY).open(two.envelope, sealed, _binding(two))


def test_an_envelope_that_was_changed_is_seen() -> None:
    segment = _segment()
    sealed = bytes(segment.seal(b"secret", _binding(segment)))
    fields = orjson.loads(segment.envelope)
    fields["recipients"].pop()
    with pytest.raises(VerificationError, match="envelope was changed"):
        Opener(_KEY).open(orjson.dumps(fields), sealed, _binding(segment))


@pytest.mark.parametrize(
    "envelope",
    [b"", b"[]", b"{}", b'{"salt":"!","commitment":"","recipients":[]}', b'{"salt":1}'],
)
def test_a_malformed_envelope_is_refused(envelope: bytes) -> None:
    binding = Binding("acme", "event", "w", 3, segment_id(envelope))
    with pytest.raises(VerificationError, match="malformed"):
        Opener(_KEY).open(envelope, b"\x01" + bytes(40), binding)


def test_invisible_salamanders_a_key_that_is_not_committed_to_is_refused() -> None:
    segment = _segment()
    fields = orjson.loads(segment.envelope)
    fields["commitment"] = orjson.loads(_segment().envelope)["commitment"]
    envelope = orjson.dumps(fields)
    binding = replace(_binding(segment), segment=segment_id(envelope))
    with pytest.raises(VerificationError, match="commits to"):
        Opener(_KEY).open(envelope, b"\x01" + bytes(40), binding)


def test_a_secret_sealed_for_another_writer_does_not_open() -> None:
    segment = _segment()
    binding = _binding(segment, writer="v")
    with pytest.raises(VerificationError, match="secret does not open"):
        Opener(_KEY).open(segment.envelope, b"\x01" + bytes(40), binding)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(60), b"\x01" + bytes(60)])
def test_what_is_no_sealed_part_is_refused(sealed: bytes) -> None:
    segment = _segment()
    with pytest.raises(VerificationError):
        Opener(_KEY).open(segment.envelope, sealed, _binding(segment))


def test_sealing_the_same_twice_gives_two_ciphertexts() -> None:
    segment = _segment()
    assert segment.seal(b"x", _binding(segment)) != segment.seal(b"x", _binding(segment))


@settings(max_examples=60)
@given(st.tuples(*[st.text(max_size=6)] * 5), st.tuples(*[st.text(max_size=6)] * 5))
def test_no_two_bindings_look_alike(
    one: tuple[str, str, str, str, str], two: tuple[str, str, str, str, str]
) -> None:
    def data(parts: tuple[str, str, str, str, str]) -> bytes:
        tenant, event, writer, segment, field = parts
        return Binding(tenant, event, writer, 1, segment, field).associated_data()

    assert (data(one) == data(two)) == (one == two)


def test_no_tenant_is_not_an_empty_one() -> None:
    none, empty = Binding(None, "", "", 0, ""), Binding("", "", "", 0, "")
    assert none.associated_data() != empty.associated_data()


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
        sealed = segment.seal(place, _binding(segment))
        assert sealed is place
        # A few letters stand in random bytes by chance.
        assert len(text) < 8 or text[:64] not in sealed
        assert Opener(_KEY).open(segment.envelope, bytes(sealed), _binding(segment)) == text

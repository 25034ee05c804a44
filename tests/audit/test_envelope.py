from __future__ import annotations

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.audit.envelope import make_envelope, open_envelope, segment_id
from gateway.audit.recipients import AuditorKey, fingerprint
from gateway.audit.xwing import XWingPrivateKey
from gateway.errors import VerificationError

_KEYS: list[AuditorKey] = [X25519PrivateKey.generate(), XWingPrivateKey.generate()]
_IDS = ["x25519", "x-wing"]
_RECIPIENTS = [key.public_key() for key in _KEYS]


@pytest.mark.parametrize("key", _KEYS, ids=_IDS)
def test_every_recipient_gets_the_same_keys(key: AuditorKey) -> None:
    envelope, keys = make_envelope("w", _RECIPIENTS)
    assert open_envelope(envelope, "w", key) == keys
    assert keys.version == 2
    assert len({keys.records, keys.salts}) == 2
    assert {len(keys.records), len(keys.salts)} == {32}


def test_recipients_of_both_kinds_stand_in_it_by_name() -> None:
    fields = orjson.loads(make_envelope("w", _RECIPIENTS)[0])
    assert [(one["suite"], one["key"]) for one in fields["recipients"]] == [
        ("x25519", fingerprint(_RECIPIENTS[0])),
        ("x-wing", fingerprint(_RECIPIENTS[1])),
    ]


def test_the_keys_stand_nowhere_in_it_or_in_a_representation() -> None:
    envelope, keys = make_envelope("w", _RECIPIENTS)
    for key in (keys.records, keys.salts):
        assert key not in envelope
        assert repr(key) not in repr(keys)


@pytest.mark.parametrize("stranger", [X25519PrivateKey.generate(), XWingPrivateKey.generate()],
                         ids=_IDS)  # fmt: skip
def test_nobody_else_opens_it(stranger: AuditorKey) -> None:
    envelope, _ = make_envelope("w", _RECIPIENTS)
    with pytest.raises(VerificationError, match=fingerprint(stranger.public_key())):
        open_envelope(envelope, "w", stranger)


@pytest.mark.parametrize("key", _KEYS, ids=_IDS)
def test_a_secret_sealed_for_another_writer_does_not_open(key: AuditorKey) -> None:
    envelope, _ = make_envelope("w", _RECIPIENTS)
    with pytest.raises(VerificationError, match="secret does not open"):
        open_envelope(envelope, "v", key)


@pytest.mark.parametrize("key", _KEYS, ids=_IDS)
def test_a_secret_handed_to_another_recipient_does_not_open(key: AuditorKey) -> None:
    fields = orjson.loads(make_envelope("w", _RECIPIENTS)[0])
    one, two = fields["recipients"]
    one["sealed"], two["sealed"] = two["sealed"], one["sealed"]
    with pytest.raises(VerificationError, match="secret does not open"):
        open_envelope(orjson.dumps(fields), "w", key)


@pytest.mark.parametrize("version", [1, 3, 0, "2", None])
def test_no_version_passes_for_another(version: object) -> None:
    fields = orjson.loads(make_envelope("w", _RECIPIENTS)[0])
    fields["version"] = version
    with pytest.raises(VerificationError, match=r"unknown version|does not open"):
        open_envelope(orjson.dumps(fields), "w", _KEYS[0])


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version":2,"salt":"!","commitment":"","recipients":[]}',
        b'{"version":2,"salt":1}',
        b'{"version":[],"salt":"","commitment":"","recipients":[]}',
    ],
)
def test_a_malformed_envelope_is_refused(envelope: bytes) -> None:
    with pytest.raises(VerificationError, match=r"malformed|unknown version"):
        open_envelope(envelope, "w", _KEYS[0])


@pytest.mark.parametrize("key", _KEYS, ids=_IDS)
def test_invisible_salamanders_a_key_that_is_not_committed_to_is_refused(key: AuditorKey) -> None:
    fields = orjson.loads(make_envelope("w", _RECIPIENTS)[0])
    fields["commitment"] = orjson.loads(make_envelope("w", _RECIPIENTS)[0])["commitment"]
    with pytest.raises(VerificationError, match="commits to"):
        open_envelope(orjson.dumps(fields), "w", key)


def test_the_id_is_that_of_the_bytes() -> None:
    envelope, _ = make_envelope("w", _RECIPIENTS)
    assert segment_id(envelope) != segment_id(envelope + b" ")


def test_each_record_and_each_salt_makes_another_key() -> None:
    _, keys = make_envelope("w", _RECIPIENTS)
    made = {keys.record(salt, event) for salt in (b"", bytes(32), b"1" * 32) for event in "ab"}
    assert len(made) == 6

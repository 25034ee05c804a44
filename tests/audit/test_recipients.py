from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.recipients import (
    SUITES,
    SuiteName,
    fingerprint,
    new_auditor,
    open_with,
    private_pem,
    public_pem,
    seal_to,
    suite_of,
)
from gateway.errors import VerificationError

_KEYS = {suite: new_auditor(suite) for suite in SUITES}
_SECRET, _INFO = bytes(range(32)), b"what it is for"


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_sealed_to_a_key_opens_with_it(suite: SuiteName) -> None:
    key = _KEYS[suite]
    sealed = seal_to(key.public_key(), _SECRET, _INFO)
    assert _SECRET not in sealed
    assert open_with(key, sealed, _INFO) == _SECRET
    assert suite_of(key) == suite_of(key.public_key()) == suite


def test_x_wing_is_what_the_name_says() -> None:
    # The encapsulation is a ciphertext of ML-KEM-768, 1088 bytes, and a public key of X25519.
    sealed = {name: seal_to(key.public_key(), _SECRET, _INFO) for name, key in _KEYS.items()}
    assert len(sealed["x-wing"]) == 1088 + 32 + 32 + 16
    assert len(sealed["x25519"]) == 32 + 32 + 16


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("other", SUITES)
def test_no_other_key_opens_it(suite: SuiteName, other: SuiteName) -> None:
    sealed = seal_to(_KEYS[suite].public_key(), _SECRET, _INFO)
    with pytest.raises(VerificationError, match="does not open"):
        open_with(new_auditor(other), sealed, _INFO)


@pytest.mark.parametrize("suite", SUITES)
def test_it_opens_for_nothing_else(suite: SuiteName) -> None:
    sealed = seal_to(_KEYS[suite].public_key(), _SECRET, _INFO)
    with pytest.raises(VerificationError, match="does not open"):
        open_with(_KEYS[suite], sealed, b"something else")


@settings(max_examples=80)
@given(st.data(), st.sampled_from(SUITES))
def test_what_was_changed_or_cut_does_not_open(data: st.DataObject, suite: SuiteName) -> None:
    sealed = seal_to(_KEYS[suite].public_key(), _SECRET, _INFO)
    place = data.draw(st.integers(0, len(sealed) - 1))
    if data.draw(st.booleans()):
        changed = sealed[:place]
    else:
        bit = 1 << data.draw(st.integers(0, 7))
        changed = sealed[:place] + bytes([sealed[place] ^ bit]) + sealed[place + 1 :]
    # The highest bit of an X25519 public key is not looked at (RFC 7748 §5), so HPKE must bind it.
    with pytest.raises(VerificationError):
        open_with(_KEYS[suite], changed, _INFO)


def test_fingerprints_tell_keys_apart() -> None:
    names = {fingerprint(new_auditor(suite).public_key()) for suite in SUITES for _ in range(3)}
    assert len(names) == 6
    assert {len(name) for name in names} == {16}


@pytest.mark.parametrize("suite", SUITES)
def test_files_say_which_half_they_hold(suite: SuiteName) -> None:
    assert private_pem(_KEYS[suite]).startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert public_pem(_KEYS[suite].public_key()).startswith(b"-----BEGIN PUBLIC KEY-----\n")

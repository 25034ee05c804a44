from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.jwk import BadKeySet
from gateway.identity.jwks import MAX_BYTES, read_key_set
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from tests.identity.conftest import Signer

ALL = ["RS256", "RS384", "PS256", "ES256", "ES384", "ES512", "EdDSA"]


def _document(*members: Any) -> bytes:
    return dumps({"keys": members})


def test_keys_are_found_by_name(signers: dict[str, Signer]) -> None:
    keys = read_key_set(_document(*(signer.jwk() for signer in signers.values())), ALL)
    assert set(keys.keys) == {f"key-{name}" for name in signers}
    found = keys.find("key-ES384")
    assert found is not None
    assert found.algorithm == "ES384"
    assert keys.find("key-es384") is None
    assert keys.find(None) is None
    assert keys.only is None


def test_the_only_key_needs_no_name(signer: Signer) -> None:
    keys = read_key_set(_document(signer.jwk(kid=None)), ALL)
    assert keys.find(None) is keys.only is not None
    assert keys.find("key-ES256") is None
    keys = read_key_set(_document(signer.jwk(), signer.jwk(kid="e", use="enc")), ALL)
    assert keys.find(None) is keys.find("key-ES256") is not None


def test_a_stand_in_is_of_the_algorithm_where_there_is_one(signers: dict[str, Signer]) -> None:
    keys = read_key_set(_document(signers["ES256"].jwk(), signers["RS256"].jwk()), ALL)
    for algorithm in ("ES256", "RS256"):
        stand_in = keys.stand_in(algorithm)
        assert stand_in is not None
        assert stand_in.algorithm == algorithm
    for unknown in ("none", None, ["RS256"]):
        assert keys.stand_in(unknown) is not None
    lone = read_key_set(_document(signers["ES256"].jwk(kid=None)), ALL)
    assert lone.stand_in("RS256") is lone.only


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "json"),
        (b"[]", "list of keys"),
        (b"{}", "list of keys"),
        (b'{"keys":{}}', "list of keys"),
        (b'{"keys":[]}', "no key for"),
        (b'{"keys":[],"keys":[]}', "duplicate"),
        (b'{"keys":[1]}', "no object"),
        (b'{"keys":[{"kty":"oct","k":"AAAA"}]}', "symmetric"),
        (b"[" * 20 + b"]" * 20, "deeper"),
        (b" " * MAX_BYTES + b"{}", "larger"),
        (dumps({"keys": [{"kty": "AKP"}] * 33}), "more than 32"),
    ],
)
def test_no_key_sets(data: bytes, words: str) -> None:
    with pytest.raises(BadKeySet, match=words):
        read_key_set(data, ALL)


def test_a_symmetric_key_among_public_ones(signer: Signer) -> None:
    with pytest.raises(BadKeySet, match="symmetric"):
        read_key_set(_document(signer.jwk(), {"kty": "oct", "k": "AAAA", "kid": "s"}), ALL)


def test_duplicate_kid(signers: dict[str, Signer]) -> None:
    twins = [signers["ES256"].jwk(kid="a"), signers["RS256"].jwk(kid="a")]
    with pytest.raises(BadKeySet, match="same kid"):
        read_key_set(_document(*twins), ALL)
    twins[1]["use"] = "enc"
    with pytest.raises(BadKeySet, match="same kid"):
        read_key_set(_document(*twins), ALL)


def test_several_keys_need_names(signers: dict[str, Signer]) -> None:
    with pytest.raises(BadKeySet, match="no kid"):
        read_key_set(_document(signers["ES256"].jwk(kid=None), signers["RS256"].jwk()), ALL)


@given(st.binary(max_size=50) | st.lists(st.text() | st.none()).map(lambda v: dumps({"keys": v})))
def test_any_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(BadKeySet):
        read_key_set(data, ALL)

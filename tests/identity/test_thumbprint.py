from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.identity.base64url import decode
from gateway.identity.thumbprint import thumbprint

if TYPE_CHECKING:
    from tests.identity.conftest import Signer

RSA = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Qv"
    "zqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0"
    "fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
EC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
}


@pytest.mark.parametrize(
    ("jwk", "expected"),
    [
        (RSA, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        (OKP, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        (EC, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
    ],
    ids=["RFC 7638 §3.1", "RFC 8037 A.3", "RFC 9449 §6.1"],
)
def test_examples_of_the_standards(jwk: dict[str, Any], expected: str) -> None:
    assert thumbprint(jwk) == expected
    assert thumbprint(dict(reversed(jwk.items()))) == expected


def test_only_what_makes_the_key_counts(signers: dict[str, Signer]) -> None:
    for signer in signers.values():
        name = thumbprint(signer.jwk())
        assert name is not None
        assert len(decode(name) or b"") == 32
        assert thumbprint(signer.jwk(kid="other", use=None, alg=None, extra=1)) == name
    assert len({thumbprint(signer.jwk()) for signer in signers.values()}) == len(signers)


@pytest.mark.parametrize(
    "change",
    [
        {"kty": None}, {"kty": "oct", "k": "AAAA"}, {"kty": ["EC"]}, {"kty": {}}, {"crv": 5},
        {"x": None}, {"y": 5}, {"x": ["a"]}, {"kty": "ec"},
    ],
)  # fmt: skip
def test_what_is_no_key_has_no_thumbprint(change: dict[str, Any]) -> None:
    assert thumbprint({**EC, **change}) is None
    for missing in EC:
        assert thumbprint({name: value for name, value in EC.items() if name != missing}) is None

from __future__ import annotations

from typing import Any, Literal

import pytest

from gateway.errors import Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.binding import UNBOUND, Binding, binding

KEY, CERTIFICATE = encode(bytes(range(32))), encode(bytes(32))
Proof = Literal["bearer", "dpop", "mtls"]


def test_a_token_that_is_bound_to_nothing() -> None:
    assert binding({"sub": "alice"}, "bearer") is UNBOUND


@pytest.mark.parametrize("proof", ["bearer", "dpop", "mtls"])
def test_a_token_that_is_bound_to_both(proof: Proof) -> None:
    found = binding({"cnf": {"jkt": KEY, "x5t#S256": CERTIFICATE}}, proof)
    assert found == Binding(KEY, CERTIFICATE)


@pytest.mark.parametrize(
    ("cnf", "found"),
    [({"jkt": KEY}, Binding(KEY, None)), ({"x5t#S256": CERTIFICATE}, Binding(None, CERTIFICATE))],
)
def test_a_binding_is_read_whatever_the_settings_ask(cnf: dict[str, str], found: Binding) -> None:
    assert binding({"cnf": cnf}, "bearer") == found


@pytest.mark.parametrize(
    ("cnf", "proof", "word"),
    [
        (None, "dpop", "cnf.jkt"),
        (None, "mtls", "cnf.x5t#S256"),
        ({"x5t#S256": CERTIFICATE}, "dpop", "cnf.jkt"),
        ({"jkt": KEY}, "mtls", "cnf.x5t#S256"),
    ],
)
def test_a_token_that_is_bound_to_less_than_the_settings_ask(
    cnf: dict[str, str] | None, proof: Proof, word: str
) -> None:
    with pytest.raises(Unauthenticated, match=rf"^binding: .*{word}"):
        binding({} if cnf is None else {"cnf": cnf}, proof)


@pytest.mark.parametrize(
    "cnf",
    [
        None, "jkt", 5, True, [], ["jkt"], {}, {"jkt": None}, {"jkt": 5}, {"jkt": ""},
        {"jkt": [KEY]},
        {"jkt": KEY + "="}, {"jkt": KEY[:-1]}, {"jkt": KEY + "A"}, {"jkt": KEY[:-1] + "\u0430"},
        {"jkt": KEY[:-1] + "9"}, {"jkt": " " + KEY}, {"jkt": encode(bytes(20))},
        {"x5t#S256": encode(bytes(31))}, {"x5t#S256": None}, {"jkt": KEY, "x5t#S256": ""},
    ],
)  # fmt: skip
def test_a_malformed_binding_is_not_taken_for_none(cnf: Any) -> None:
    with pytest.raises(Unauthenticated, match=r"^binding: cnf"):
        binding({"cnf": cnf}, "bearer")


@pytest.mark.parametrize(
    "method",
    [
        {"jwk": {}}, {"kid": "a", "xms_ksl": "sw"}, {"jku": "https://evil.test"}, {"x5t": "a"},
        {"JKT": KEY}, {"jkt#S256": KEY},
    ],
)  # fmt: skip
def test_downgrade_by_a_confirmation_that_is_not_understood(method: dict[str, Any]) -> None:
    """RFC 7800 §3.1 lets such members be ignored; a bound token would be a bearer token then."""
    for more in ({}, {"jkt": KEY}):
        with pytest.raises(Unauthenticated, match=r"^binding: cnf names something other"):
            binding({"cnf": {**method, **more}}, "bearer")

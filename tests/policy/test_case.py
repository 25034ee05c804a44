"""An embedded test."""

from __future__ import annotations

from gateway.errors import Place
from gateway.policy.case import Case, Expectation


def test_texts_and_claims_of_a_test_stay_out_of_its_repr() -> None:
    case = Case(
        name="a",
        place=Place("p.yaml"),
        roles=None,
        claims={"email": "jane@example.com"},
        route="messages",
        model="m",
        texts=(("user", "my card is 4111 1111 1111 1111"),),
        expect=Expectation("deny"),
    )
    assert "4111" not in repr(case)
    assert "jane" not in repr(case)

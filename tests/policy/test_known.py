"""What a policy may refer to outside itself."""

from __future__ import annotations

from gateway.policy.known import Known
from gateway.policy.model import ROUTES


def test_without_more_the_routes_of_the_data_plane_are_known_and_nothing_else_is_checked() -> None:
    assert Known() == Known(ROUTES, None, None, None)
    assert Known().names == ROUTES


def test_routes_of_ones_own_are_known_beside_the_others() -> None:
    assert Known(own={"inhouse.generate": "m"}).names == (*ROUTES, "inhouse.generate")

"""One rule."""

from __future__ import annotations

from asking import at_most

from gateway.policy.rule import Rule


def test_a_rule_without_routes_covers_any() -> None:
    assert Rule("a", allows=True).covers_route("messages")


def test_a_rule_with_routes_covers_them_only() -> None:
    rule = Rule("a", allows=True, routes=frozenset({"messages"}))
    assert rule.covers_route("messages")
    assert not rule.covers_route("embeddings")


def test_a_rule_is_conditional_if_it_asks_for_parameters() -> None:
    condition = (at_most("n", 1),)
    assert not Rule("a", allows=True).conditional
    assert Rule("a", allows=True, when=condition).conditional
    assert Rule("a", allows=True, require=condition).conditional
    assert Rule("a", allows=True, clamp=condition).conditional

"""Other settings of a scanner for some requests."""

from __future__ import annotations

from gateway.policy.override import Override


def test_an_override_without_routes_covers_any() -> None:
    assert Override("o", "pii").covers_route("messages")


def test_an_override_with_routes_covers_them_only() -> None:
    override = Override("o", "pii", routes=frozenset({"messages"}))
    assert override.covers_route("messages")
    assert not override.covers_route("embeddings")

from __future__ import annotations

from hashlib import sha256

from gateway.audit.chain import GENESIS, leaf, link


def test_a_leaf_is_that_of_rfc_6962() -> None:
    # Known answer of RFC 6962 for the tree of one empty entry.
    assert leaf(b"").hex().startswith("6e340b9cffb37a98")


def test_a_link_covers_what_came_before() -> None:
    first = link(GENESIS, b"one")
    assert first == sha256(b"\x02" + bytes(32) + sha256(b"\x00one").digest()).digest()
    assert link(first, b"two") != link(GENESIS, b"two")

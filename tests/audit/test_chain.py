from __future__ import annotations

from hashlib import sha256

from gateway.audit.chain import GENESIS, is_pruned, leaf, link, link_leaf, stored_leaf


def test_a_leaf_is_that_of_rfc_6962() -> None:
    # Known answer of RFC 6962 for the tree of one empty entry.
    assert leaf(b"").hex().startswith("6e340b9cffb37a98")


def test_a_link_covers_what_came_before() -> None:
    first = link(GENESIS, b"one")
    assert first == sha256(b"\x02" + bytes(32) + sha256(b"\x00one").digest()).digest()
    assert link(first, b"two") != link(GENESIS, b"two")


def test_a_pruned_record_is_linked_by_the_hash_that_is_left_of_it() -> None:
    header = b'{"id":"x"}'
    left = leaf(header)
    assert not is_pruned(header)
    assert is_pruned(left)
    assert stored_leaf(left) == stored_leaf(header) == left
    assert link_leaf(GENESIS, left) == link(GENESIS, header)
    assert not is_pruned("x" * 32)

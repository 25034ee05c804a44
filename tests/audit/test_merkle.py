from __future__ import annotations

from hashlib import sha256

import naive_tree
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.chain import leaf
from gateway.audit.merkle import (
    EMPTY,
    Frontier,
    consistency,
    inclusion,
    node,
    root,
    verify_consistency,
    verify_inclusion,
)
from gateway.errors import VerificationError

_ENTRIES = [
    b"",
    b"\x00",
    b"\x10",
    bytes.fromhex("2021"),
    bytes.fromhex("3031"),
    bytes.fromhex("40414243"),
    bytes(range(0x50, 0x58)),
    bytes(range(0x60, 0x70)),
]
_KNOWN = {
    1: "6e340b9cffb37a98",
    2: "fac54203e7cc696c",
    3: "aeb6bcfe274b70a1",
    8: "5dc9da79a70659a9",
}
_LEAVES = [sha256(b"%d" % number).digest() for number in range(600)]


def _perfect(level: int, number: int) -> bytes:
    return naive_tree.tree_hash(_LEAVES[number << level : number + 1 << level])


@pytest.mark.parametrize("size", sorted(_KNOWN))
def test_known_roots(size: int) -> None:
    frontier = Frontier()
    for entry in _ENTRIES[:size]:
        frontier.append(leaf(entry))
    assert frontier.root().hex().startswith(_KNOWN[size])


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == root(0, _perfect) == EMPTY == sha256(b"").digest()


@given(st.integers(0, 600))
def test_roots_are_those_of_the_definition(size: int) -> None:
    expected = naive_tree.tree_hash(_LEAVES[:size])
    frontier = Frontier()
    for one in _LEAVES[:size]:
        frontier.append(one)
    assert root(size, _perfect) == frontier.root() == expected
    assert Frontier(size, _perfect).root() == expected


@given(st.integers(0, 500))
def test_a_leaf_ends_the_subtrees_that_it_completes(size: int) -> None:
    ended = Frontier(size, _perfect).append(_LEAVES[size])
    assert ended == [_perfect(level, size >> level) for level in range(len(ended))]
    assert (size + 1) % 2 ** len(ended)


@given(st.data())
def test_inclusion_proofs_are_those_of_the_definition_and_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 600))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(index, size, _perfect)
    assert proof == naive_tree.path(index, _LEAVES[:size])
    verify_inclusion(_LEAVES[index], index, size, proof, root(size, _perfect))


@given(st.data())
def test_consistency_proofs_are_those_of_the_definition_and_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 600))
    old = data.draw(st.integers(0, size))
    proof = consistency(old, size, _perfect)
    if 0 < old < size:
        assert proof == naive_tree.proof(old, _LEAVES[:size])
    verify_consistency(old, size, proof, root(old, _perfect), root(size, _perfect))


@given(st.data())
def test_inclusion_proofs_show_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    proof, top = inclusion(index, size, _perfect), root(size, _perfect)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
    for leaf_, place, hashes in (
        (_LEAVES[other], index, proof),
        (_LEAVES[index], other, proof),
        (_LEAVES[index], index, changed),
        (_LEAVES[index], index, [*proof, bytes(32)]),
        (_LEAVES[index], index, proof[:-1]),
        (_LEAVES[index], size, proof),
        (_LEAVES[index], -1, proof),
    ):
        with pytest.raises(VerificationError, match=r"proof|no leaf"):
            verify_inclusion(leaf_, place, size, hashes, top)
    with pytest.raises(VerificationError, match="root"):
        verify_inclusion(_LEAVES[index], index, size, proof, bytes(32))


@given(st.data())
def test_consistency_proofs_show_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, size - 1))
    proof = consistency(old, size, _perfect)
    before, after = root(old, _perfect), root(size, _perfect)
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
    for hashes, first, second in (
        (changed, before, after),
        ([*proof, bytes(32)], before, after),
        (proof[:-1], before, after),
        (proof, bytes(32), after),
        (proof, before, bytes(32)),
        (proof, after, before),
    ):
        with pytest.raises(VerificationError, match="consisten"):
            verify_consistency(old, size, hashes, first, second)


def test_a_tree_is_consistent_with_itself_and_with_nothing_before_it() -> None:
    top = root(5, _perfect)
    verify_consistency(5, 5, [], top, top)
    verify_consistency(0, 5, [], EMPTY, top)
    for old, proof, first in ((5, [], EMPTY), (5, [top], top), (0, [], top), (0, [top], EMPTY)):
        with pytest.raises(VerificationError, match="not consistent"):
            verify_consistency(old, 5, proof, first, top)


def test_a_tree_does_not_begin_with_a_larger_one() -> None:
    with pytest.raises(VerificationError, match="larger"):
        verify_consistency(6, 5, [], EMPTY, EMPTY)
    with pytest.raises(ValueError, match="larger"):
        consistency(6, 5, _perfect)
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(5, 5, _perfect)


def test_an_inner_node_is_no_leaf() -> None:
    left, right = _LEAVES[:2]
    assert node(left, right) != leaf(left + right)

"""What the sequencing side of every store keeps to, whatever it is made of."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.ledger import Item
from gateway.audit.store.base import StoreGone
from gateway.audit.store.opening import open_tree
from gateway.audit.store.tree import Fenced, Kept, LeaseLost
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from gateway.audit.store.tree import TreeStore
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


@pytest.fixture
def tree(any_house: House) -> Iterator[TreeStore]:
    any_house.ledger().close()
    with closing(open_tree(any_house.url, any_house.busy)) as opened:
        yield opened


def _token(tree: TreeStore, holder: str = "one", seconds: float = 60.0) -> int:
    token = tree.lead(holder, seconds)
    assert token is not None
    return token


def _failing(tree: TreeStore, token: int) -> None:
    with tree.turn(token) as turn:
        turn.put_tile(0, 0, bytes(32))
        turn.size = 1
        raise ZeroDivisionError


def test_there_is_no_tree_where_there_is_no_store(any_house: House) -> None:
    with pytest.raises(StoreGone):
        open_tree(any_house.url, any_house.busy)


def test_one_leads_at_a_time(any_house: House, tree: TreeStore) -> None:
    with closing(open_tree(any_house.url, any_house.busy)) as other:
        token = _token(tree)
        assert _token(tree) == token
        assert other.lead("two", 60.0) is None
        tree.resign(token)
        assert other.lead("two", 60.0) == token + 1
        assert tree.lead("one", 60.0) is None


def test_a_leader_without_a_sign_is_replaced_and_can_do_nothing_more(
    any_house: House, tree: TreeStore
) -> None:
    former = _token(tree, seconds=0.0)
    with closing(open_tree(any_house.url, any_house.busy)) as other:
        assert _token(other, "two") == former + 1
        with pytest.raises(LeaseLost), tree.turn(former):
            pytest.fail("a former leader has no turn")
        tree.resign(former)
        assert other.lead("two", 60.0) == former + 1


def test_a_turn_that_fails_counts_for_nothing(tree: TreeStore) -> None:
    token = _token(tree)
    with pytest.raises(ZeroDivisionError):
        _failing(tree, token)
    with tree.turn(token) as turn:
        assert (turn.size, turn.tile(0, 0)) == (0, b"")


def test_records_come_in_order_and_as_many_as_asked(
    any_house: House, tree: TreeStore, new_record: NewRecord
) -> None:
    ledger = any_house.ledger()
    ledger.commit([Item(new_record()) for _ in range(7)])
    ledger.close()
    token = _token(tree)
    with tree.turn(token) as turn:
        first = turn.entries(4)
        turn.size = 4
        assert turn.last() == turn.entries(100)[-1]
    with tree.turn(token) as turn:
        rest = turn.entries(100)
        assert turn.size == 4
    assert [index for index, _ in first + rest] == list(range(11))
    assert all(header.startswith(b"{") for _, header in first + rest)


def test_what_a_turn_stores_is_there_in_the_next(tree: TreeStore) -> None:
    token = _token(tree)
    assert tree.newest() is None
    with tree.turn(token) as turn:
        turn.put_tile(1, 2, bytes(64))
        turn.put_checkpoint(Kept(1, 2, 3, "first"))
        turn.put_checkpoint(Kept(2, 3, 4, "second"))
    with tree.turn(token) as turn:
        assert turn.tile(1, 2) == bytes(64)
        assert tree.newest() == Kept(2, 3, 4, "second")
        turn.put_tile(1, 2, bytes(96))
        turn.put_checkpoint(Kept(2, 3, 4, "second, cosigned"))
    with tree.turn(token) as turn:
        assert turn.tile(1, 2) == bytes(96)
    assert tree.newest() == Kept(2, 3, 4, "second, cosigned")


def test_a_writer_is_stopped_only_where_it_shows_no_life(
    any_house: House, tree: TreeStore, new_record: NewRecord
) -> None:
    ledger = any_house.ledger()
    token = _token(tree)
    with tree.turn(token) as turn:
        found = dict(turn.open_writers())
        seen = found[ledger.head.writer]
        turn.fence(ledger.head.writer, seen - 1)
    ledger.commit([Item(new_record())])
    with tree.turn(token) as turn:
        assert turn.fenced() == []
        turn.fence(ledger.head.writer, dict(turn.open_writers())[ledger.head.writer])
    with tree.turn(token) as turn:
        head = ledger.head
        assert turn.fenced() == [Fenced(head.writer, head.wseq, head.chain, ended=False)]
        turn.end(head.writer)
    with pytest.raises(AuditUnavailable, match="closed this writer"):
        ledger.commit([Item(new_record())])
    with tree.turn(token) as turn:
        assert turn.fenced() == []
        assert head.writer not in dict(turn.open_writers())


def test_a_writer_that_ended_is_told_from_one_that_vanished(tree: TreeStore) -> None:
    token = _token(tree)
    with tree.turn(token) as turn:
        for writer, seen in turn.open_writers():
            turn.fence(writer, seen)
    with tree.turn(token) as turn:
        assert [one.ended for one in turn.fenced()] == [True]


def test_a_deleted_store_is_noticed(any_house: House, tree: TreeStore) -> None:
    tree.check()
    any_house.remove()
    with pytest.raises(StoreGone, match="gone"):
        tree.check()

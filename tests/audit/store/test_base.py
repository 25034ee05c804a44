"""What every store keeps to, whatever it is made of."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gateway.audit.chain import GENESIS
from gateway.audit.head import Head
from gateway.audit.store.base import Batch, StoreGone, WriterClosed
from gateway.audit.store.opening import open_reader, open_store

if TYPE_CHECKING:
    from tests.audit.conftest import House


def _batch(writer: str) -> Batch:
    return Batch([], {}, Head(writer, -1, GENESIS), "note")


def _close(house: House, writer: str) -> None:
    with closing(open_store(house.url, 1.0, "open")) as store:
        store.write(_batch(writer))
    house.execute("UPDATE writers SET closed = 1 WHERE id = ?", writer)


def test_only_what_is_there_is_opened(house: House) -> None:
    with pytest.raises(StoreGone):
        open_store(house.url, 1.0, "open")
    open_store(house.url, 1.0, "make").close()
    open_store(house.url, 1.0, "open").close()


def test_a_sign_of_life_moves_when_a_writer_was_seen(house: House) -> None:
    with closing(open_store(house.url, 1.0, "make")) as store:
        store.write(_batch("one"))
        house.execute("UPDATE writers SET seen = 0")
        store.alive("one")
    with open_reader(house.url) as reader:
        ((seen,),) = reader.rows("SELECT seen FROM writers")
    assert seen > 1_700_000_000_000


def test_a_writer_that_the_log_has_closed_writes_no_more(house: House) -> None:
    with closing(open_store(house.url, 1.0, "make")) as store:
        store.write(_batch("one"))
        _close(house, "one")
        with pytest.raises(WriterClosed):
            store.write(_batch("one"))
        with pytest.raises(WriterClosed):
            store.alive("one")
        store.write(_batch("another"))
    with closing(open_store(house.url, 1.0, "open")) as anew, pytest.raises(WriterClosed):
        anew.write(_batch("one"))


def test_erasures_are_seen_with_each_write_and_sign_of_life(house: House) -> None:
    with closing(open_store(house.url, 1.0, "make")) as store:
        store.write(_batch("one"))
        assert store.erasures == 0
        house.execute("UPDATE meta SET value = '3' WHERE key = 'erasures'")
        store.alive("one")
        assert store.erasures == 3
        house.execute("UPDATE meta SET value = '4' WHERE key = 'erasures'")
        store.write(_batch("one"))
        assert store.erasures == 4

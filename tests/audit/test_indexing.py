from __future__ import annotations

import contextlib
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from gateway.audit.holds import time_of
from gateway.audit.indexing import STEP, index, unindex
from gateway.audit.ledger import Item
from gateway.audit.postings import BLOCK, Postings, block_of, decode_bits, descending, term
from gateway.audit.search import indexed
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import COLUMNS
from gateway.errors import AuditUnavailable
from tests.audit.conftest import CutStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from gateway.audit.store.base import Reader
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


@pytest.fixture
def full(any_house: House, new_record: NewRecord) -> House:
    """One block and one record more; ``writer.open`` is the first."""
    with closing(any_house.ledger()) as ledger:
        ledger.commit([Item(new_record(model=f"m{n % 3}")) for n in range(BLOCK - 1)])
    return any_house


def test_a_full_block_is_indexed_in_one_step(full: House) -> None:
    with open_reader(full.url) as reader, closing(open_store(full.url, 1.0, "open")) as store:
        assert indexed(reader) == 0
        assert index(reader, store)
        assert indexed(reader) == BLOCK
        assert not index(reader, store)
        rows = dict(reader.rows("SELECT term, bits FROM postings WHERE block = 0"))
        ((earliest, latest),) = reader.rows("SELECT earliest, latest FROM blocks")
    assert list(descending(decode_bits(rows[term("stage", "writer.open")]))) == [0]
    assert list(descending(decode_bits(rows[term("model", "m0")]))) == [*range(1, BLOCK, 3)][::-1]
    assert 1_700_000_000_000 < earliest <= latest


_BLOCKS: Final = "SELECT block, earliest, latest, records FROM blocks ORDER BY block"
_POSTINGS: Final = "SELECT block, term, bits FROM postings ORDER BY block, term"
_SHOWN: Final = f"SELECT seq, id, {', '.join(COLUMNS)} FROM records WHERE seq <= ?"  # noqa: S608 - made of constants


def _held(reader: Reader) -> tuple[list[Any], list[Any]]:
    return reader.rows(_BLOCKS), reader.rows(_POSTINGS)


def _shown(reader: Reader) -> tuple[list[Any], list[Any]]:
    """What an index of the records that are said to be indexed must hold."""
    found: dict[int, tuple[Postings, list[int]]] = {}
    for seq, name, *values in reader.rows(_SHOWN, (indexed(reader),)):
        number = block_of(seq)
        postings, times = found.setdefault(number, (Postings(), []))
        postings.add(seq - number * BLOCK - 1, values)
        times.append(time_of(name))
    blocks = [(n, min(times), max(times), len(times)) for n, (_, times) in sorted(found.items())]
    return blocks, sorted((n, *row) for n, (one, _) in found.items() for row in one.rows())


def _strayed(new_record: NewRecord, number: int) -> Item:
    """Of a clock that is now behind and now ahead."""
    digits = f"{1_800_000_000_000 + (number * 7919) % 5000:012x}"
    name = f"{digits[:8]}-{digits[8:]}-7000-8000-{number:012x}"
    return Item(new_record(model=f"m{number % 3}", request=f"call-{number}", id=name))


def test_the_last_block_is_indexed_as_it_grows(any_house: House, new_record: NewRecord) -> None:
    # The first record is ``writer.open``.
    ledger, written, steps = any_house.ledger(), 1, list[int]()
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        for size in (STEP - 2, 1, 1, 2 * STEP + 99, 900, BLOCK - 5 * STEP, 2 * STEP):
            ledger.commit([_strayed(new_record, written + n) for n in range(size)])
            written += size
            more = True
            while more:
                before, more = indexed(reader), index(reader, store)
                # What fills a block may be followed by more, and nothing else is.
                assert more == (indexed(reader) % BLOCK == 0 and indexed(reader) > before)
                assert _held(reader) == _shown(reader)
                steps += [indexed(reader)] * (indexed(reader) > before)
            assert written - STEP < indexed(reader) <= written
        assert not reader.rows("SELECT 1 FROM blocks WHERE block > 1")
    assert steps == [STEP, 3 * STEP, 4 * STEP, 7 * STEP, BLOCK, BLOCK + STEP]
    any_house.order()
    assert any_house.verify().flaws == ()


def test_an_indexer_that_is_cut_off_at_any_statement_leaves_what_was_there(
    any_house: House, new_record: NewRecord
) -> None:
    ledger = any_house.ledger()
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        for start in (0, STEP):
            ledger.commit([_strayed(new_record, start + n) for n in range(STEP)])
            before, cuts, done = _held(reader), 0, False
            while not done:
                with contextlib.suppress(AuditUnavailable):
                    index(reader, CutStore(store, cuts))
                    done = True
                assert done or _held(reader) == before
                cuts += 1
            assert cuts > 4
            assert _held(reader) == _shown(reader) != before


def test_two_who_index_the_same_block_write_it_once(full: House) -> None:
    with (
        open_reader(full.url) as reader,
        closing(open_store(full.url, 1.0, "open")) as store,
        reader.snapshot(),
    ):
        reader.rows("SELECT 1 FROM meta")
        # The snapshot does not see what the other one does.
        with open_reader(full.url) as other, closing(open_store(full.url, 1.0, "open")) as second:
            assert index(other, second)
        assert index(reader, store)
    with open_reader(full.url) as reader:
        assert reader.rows("SELECT count(*) FROM blocks") == [(1,)]


def test_a_record_with_a_strange_id_is_found_at_any_time(
    house: House, new_record: NewRecord
) -> None:
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(new_record()) for _ in range(BLOCK)])
    house.execute("UPDATE records SET id = 'strange' WHERE seq = 7")
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        assert index(reader, store)
        assert reader.rows("SELECT earliest FROM blocks") == [(0,)]


def test_what_was_pruned_while_its_block_was_read_came_back_into_the_index(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, store = open_reader(full.url), open_store(full.url, 5.0, "open")
    with reader, closing(store):
        ((seq, *values),) = reader.rows(
            f"SELECT seq, {', '.join(COLUMNS)} FROM records WHERE seq = 7"  # noqa: S608 - made of constants
        )

        def pruned(_seconds: float) -> None:
            monkeypatch.undo()
            with closing(open_store(full.url, 5.0, "open")) as other, other.work() as work:
                work.prune([(seq, bytes(32))])
                unindex(work, [(seq, values)])

        monkeypatch.setattr("gateway.audit.indexing.time.sleep", pruned)
        assert index(reader, store)
        assert indexed(reader) == 0
        assert index(reader, store)
        ((bits,),) = reader.rows(
            "SELECT bits FROM postings WHERE term = ?", (term("tenant", "acme"),)
        )
    assert not decode_bits(bits) >> 6 & 1

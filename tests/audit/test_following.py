from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest

from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.cursor import Cursor
from gateway.audit.filters import Filters
from gateway.audit.following import (
    PAGE,
    ends,
    last_seq,
    newest_checkpoint,
    onwards,
    page,
    pruned_after,
)
from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.stored_tree import newest_checkpoint as told_to_everybody
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]


@pytest.fixture
def stored(any_house: House, new_record: NewRecord) -> House:
    ledger = any_house.ledger()
    ledger.commit([Item(new_record(model=f"m{n % 100}")) for n in range(5000)])
    return any_house


def test_a_store_ends_at_its_last_record(stored: House, tmp_path: Path) -> None:
    with open_reader(stored.url) as reader:
        assert ends(stored.url) == (reader.store, 5001)
        assert last_seq(reader) == 5001
        assert [row.seq for row in onwards(reader, 4990, 7)] == [*range(4991, 4998)]
    with pytest.raises(AuditUnavailable):
        ends(f"sqlite:///{tmp_path}/gone.db")


def test_pages_that_follow_each_other_hold_every_match_once(stored: House) -> None:
    store, last = ends(stored.url)
    for filters, count in ((Filters(model="m7"), 50), (Filters(), 5001), (Filters(model="x"), 0)):
        position, seen = 0, list[int]()
        while position < last:
            rows, reached = page(stored.url, Cursor(store, position), last, filters)
            assert reached > position
            assert len(rows) <= PAGE
            seen += [row.seq for row in rows]
            position = reached
        assert len(seen) == len(set(seen)) == count
        assert seen == sorted(seen)


def test_a_page_ends_where_it_is_told_and_of_another_store_is_empty(stored: House) -> None:
    store, _ = ends(stored.url)
    rows, reached = page(stored.url, Cursor(store, 90), 93, Filters())
    assert ([row.seq for row in rows], reached) == ([91, 92, 93], 93)
    assert page(stored.url, Cursor("0" * 16, 90), 93, Filters()) == ([], 90)


def test_a_damaged_record_has_no_header(stored: House) -> None:
    stored.damage(1)
    with open_reader(stored.url) as reader:
        assert [row.header is None for row in onwards(reader, 0, 3)] == [False, True, False]


def test_the_newest_checkpoint_is_given_as_json(stored: House) -> None:
    with open_reader(stored.url) as reader:
        assert newest_checkpoint(reader) is None
    made = [Checkpoint("log.example/0123456789abcdef", size, bytes(32)) for size in (5, 9, 11)]
    notes = [sign_checkpoint(one, stored.keys.signer, 1_800_000_000) for one in made]
    insertion = "INSERT INTO checkpoints VALUES (?, ?, ?, ?)"
    for number, size in ((1, 5), (2, 9)):
        stored.execute(insertion, number, size, 1_800_000_000_000, notes[number - 1])
    with open_reader(stored.url) as reader:
        found = newest_checkpoint(reader)
    assert found is not None
    assert (found.number, found.size) == (2, 9)
    assert orjson.loads(found.data) == {
        "size": 9,
        "time": "2027-01-15T08:00:00.000Z",
        "note": notes[1],
    }
    # Whatever else somebody puts there is told to nobody.
    for number, note in ((3, "planted"), (4, notes[2].replace("\n\n", "\nplanted\n\n", 1))):
        stored.execute(insertion, number, 11, 1_800_000_000_000, note)
        with open_reader(stored.url) as reader:
            assert newest_checkpoint(reader) is None
        with pytest.raises(AuditUnavailable, match="damaged checkpoint"):
            told_to_everybody(stored.url)
    stored.execute(insertion, 5, 12, 1_800_000_000_000, notes[2])
    with open_reader(stored.url) as reader:
        assert newest_checkpoint(reader) is None


def test_what_was_pruned_after_a_place_is_known(stored: House) -> None:
    with closing(open_store(stored.url, 5.0, "open")) as store, store.work() as work:
        work.prune([(3, bytes(32))])
    assert [pruned_after(stored.url, place) for place in (1, 2, 3, 9999)] == [
        False, True, False, False,
    ]  # fmt: skip

"""Whatever is merged, cut off and pruned: the index leads to what the records show, and to no more.

Spans are of two blocks here, so that a few blocks have all levels.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from gateway.audit.filters import Filters
from gateway.audit.holds import Hold, place
from gateway.audit.indexing import index
from gateway.audit.ledger import Item
from gateway.audit.levels import Index
from gateway.audit.merging import merge
from gateway.audit.postings import BLOCK, Postings
from gateway.audit.pruning import Periods, prune
from gateway.audit.record import Actor, Record
from gateway.audit.search import header_of, indexed, search
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import COLUMNS, PRUNED
from gateway.errors import AuditUnavailable
from tests.audit.conftest import CutStore

if TYPE_CHECKING:
    from gateway.audit.ledger import Ledger
    from gateway.audit.store.base import Reader, Store
    from tests.audit.conftest import House

_BLOCKS: Final = 4
_BEGUN: Final = 2 * BLOCK + 800
_MOMENT: Final = round(time.time() * 1000) + 600_000
"""Later than a writer's first record, which none can be pruned before."""
_LAST: Final = 2**62
_RECORDS: Final = f"SELECT seq, {', '.join(COLUMNS)} FROM records WHERE seq <= ?"  # noqa: S608 - made of constants
_ROWS: Final = (
    "SELECT block, term, bits FROM postings UNION ALL SELECT block, term, bits FROM merged"
)


@pytest.fixture(autouse=True)
def _small_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.audit.levels.FAN", 2)
    monkeypatch.setattr("gateway.audit.indexing._BREATH", 0.0)
    monkeypatch.setattr("gateway.audit.pruning._BREATH", 0.0)


def _record(chance: random.Random, number: int) -> Record:
    digits = f"{_MOMENT + 10 * number:012x}"
    return Record(
        stage=chance.choice(("intent", "outcome")),
        request=f"call-{number // 2}",
        tenant=chance.choice(("acme", "other", None)),
        actor=Actor(f"user-{int(900 * chance.random() ** 4)}", None, ("staff",)),
        route="messages" if number % 6000 < 3 else "chat.completions",
        model=f"model-{number % 7}",
        decision=chance.choice(("allow", "allow", "block")),
        id=f"{digits[:8]}-{digits[8:]}-7000-8000-{number:012x}",
    )


def _fill(house: House, records: int) -> Ledger:
    ledger = house.ledger()
    _write(ledger, 0, records)
    return ledger


def _write(ledger: Ledger, first: int, end: int) -> None:
    chance = random.Random(first)  # noqa: S311 - records, not secrets
    for start in range(first, end, 512):
        size = min(512, end - start)
        ledger.commit([Item(_record(chance, start + n)) for n in range(size)])


def _expected(reader: Reader) -> dict[int, Postings]:
    found = {number: Postings() for number in range(-(-indexed(reader) // BLOCK))}
    for seq, *values in reader.rows(_RECORDS, (indexed(reader),)):
        number = (seq - 1) // BLOCK
        found[number].add(seq - number * BLOCK - 1, values)
    return found


def _check(house: House) -> None:
    """Each row is there once, where it is looked for, and says what the records show."""
    with open_reader(house.url) as reader:
        rows = reader.rows(_ROWS)
        wanted = {
            (number, key): bits
            for number, postings in _expected(reader).items()
            for key, bits in postings.rows()
        }
        assert len(rows) == len(wanted)
        assert {(number, key): bits for number, key, bits in rows} == wanted
        there = Index(reader)
        for number in _expected(reader):
            mine = {key: bits for (one, key), bits in wanted.items() if one == number}
            assert there.of_block(number, mine) == mine


_FILTERS: Final = (
    Filters(),
    Filters(actor="user-0"),
    Filters(actor="user-500"),
    Filters(actor="never"),
    Filters(route="messages"),
    Filters(stage="intent", decision="block"),
    Filters(actor="user-1", model="model-3"),
    Filters(tenant="acme", route="messages"),
    Filters(model="model-2", actor="never"),
    Filters(since=_MOMENT + 50_000, until=_MOMENT + 150_000, actor="user-2"),
    Filters(until=_MOMENT + 100_000),
    Filters(since=_MOMENT + 130_000, route="messages"),
)


def _ask(house: House, chance: random.Random) -> None:
    with open_reader(house.url) as reader:
        rows = reader.rows(
            "SELECT seq, header FROM records WHERE stage <> ? ORDER BY seq DESC", (PRUNED,)
        )
        everything = [(seq, header_of(raw)) for seq, raw in rows]
        for filters in chance.sample(_FILTERS, 3):
            before, limit = chance.choice((_LAST, chance.randrange(18_000))), chance.randrange(900)
            wanted = [one for one in everything if one[0] < before and filters.matches(one[1])]
            assert search(reader, filters, before, limit) == wanted[:limit], filters


class _Keeping:
    """Who does in any order what a keeper does, while others write; is cut off now and then."""

    def __init__(self, house: House, ledger: Ledger, chance: random.Random) -> None:
        self._house, self._ledger, self._chance = house, ledger, chance
        self._pruned, self.written = 0, _BEGUN

    def write(self, records: int) -> None:
        _write(self._ledger, self.written, self.written + records)
        self.written += records

    def step(self) -> None:
        if self._chance.random() < 0.3:
            self.write(self._chance.randrange(900))
        kind = self._chance.choice(("index", "index", "merge", "merge", "prune"))
        cut = self._chance.random() < 0.3
        with (
            open_reader(self._house.url) as reader,
            closing(open_store(self._house.url, 5.0, "open")) as store,
        ):
            used: Any = CutStore(store, self._chance.randrange(9)) if cut else store
            with contextlib.suppress(AuditUnavailable):
                getattr(self, kind)(reader, used)

    def index(self, reader: Reader, store: Store) -> None:
        index(reader, store)

    def merge(self, reader: Reader, store: Store) -> None:
        for _ in range(self._chance.randrange(1, 6)):
            merge(reader, store)

    def prune(self, reader: Reader, store: Store) -> None:
        self._pruned = min(self._pruned + self._chance.randrange(900), 6000)
        now = _MOMENT / 1000 + self._pruned / 100
        prune(reader, store, Periods(headers=0.0), self._tell, now)

    def _tell(self, record: Record) -> None:
        self._ledger.commit([Item(record)])


def test_whatever_is_merged_pruned_and_cut_off_a_search_finds_what_every_record_shows(
    any_house: House,
) -> None:
    chance = random.Random(4)  # noqa: S311 - an order of steps, no secret
    ledger = _fill(any_house, _BEGUN)
    place(ledger, Hold(0, "subject", "user-0", "case 7", "legal", 1))
    any_house.order()
    keeping = _Keeping(any_house, ledger, chance)
    for number in range(24):
        keeping.step()
        if number == 14:
            _check(any_house)
            _ask(any_house, chance)
    assert 3 * BLOCK < keeping.written < _BLOCKS * BLOCK
    keeping.write(_BLOCKS * BLOCK + 700 - keeping.written)
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        while index(reader, store) or merge(reader, store):
            pass
        assert reader.rows("SELECT level, blocks FROM merging ORDER BY level") == [(1, 4), (2, 4)]
        assert reader.rows("SELECT DISTINCT level FROM merged") == [(2,)]
        assert reader.rows("SELECT DISTINCT block FROM postings") == [(4,)]
        assert reader.rows("SELECT records FROM blocks WHERE block = 4") == [(512,)]
        assert reader.rows("SELECT count(*) FROM records WHERE stage = ?", (PRUNED,))[0][0] > 500
    _check(any_house)
    _ask(any_house, chance)
    any_house.order()
    assert any_house.verify().flaws == ()


_MERGES: Final = """
import sys
from gateway.audit import levels
from gateway.audit.merging import merge
from gateway.audit.store.opening import open_reader, open_store
levels.FAN, levels._PIECES = 2, 64
with open_reader(sys.argv[1]) as reader:
    store = open_store(sys.argv[1], 5.0, "open")
    print("ready", flush=True)
    while merge(reader, store):
        pass
"""


def test_a_merger_that_is_killed_leaves_an_index_that_answers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.levels._PIECES", 64)
    _fill(house, 2 * BLOCK).close()
    with open_reader(house.url) as reader, closing(open_store(house.url, 5.0, "open")) as store:
        while index(reader, store):
            pass
    chance = random.Random(2)  # noqa: S311 - moments, no secrets
    done = []
    for _ in range(2):
        command = [sys.executable, "-c", _MERGES, house.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(0.02 + 0.08 * chance.random())
            process.send_signal(signal.SIGKILL)
        with open_reader(house.url) as reader:
            done.append(reader.rows("SELECT blocks, piece FROM merging ORDER BY level"))
        _check(house)
    assert done == sorted(done)
    _ask(house, chance)
    house.order()
    assert house.verify().flaws == ()


def test_several_can_merge_one_store_at_once(any_house: House) -> None:
    _fill(any_house, 2 * BLOCK).close()
    with (
        open_reader(any_house.url) as reader,
        closing(open_store(any_house.url, 5.0, "open")) as store,
    ):
        while index(reader, store):
            pass

    def run() -> None:
        with (
            open_reader(any_house.url) as reader,
            closing(open_store(any_house.url, 20.0, "open")) as store,
        ):
            while merge(reader, store):
                pass

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_reader(any_house.url) as reader:
        assert reader.rows("SELECT level, blocks, piece FROM merging ORDER BY level") == [
            (1, 2, 0),
            (2, 0, 0),
        ]
    _check(any_house)


def test_what_somebody_put_where_a_span_will_be_is_taken_away(house: House) -> None:
    _fill(house, 2 * BLOCK).close()
    house.execute("INSERT INTO merged VALUES (1, 0, 7, 0, x'0000')")
    with open_reader(house.url) as reader, closing(open_store(house.url, 5.0, "open")) as store:
        while index(reader, store) or merge(reader, store):
            pass
    _check(house)

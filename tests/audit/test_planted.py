"""Whoever owns the database may put anything anywhere: all that reads it says so, in words."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit import trouble
from gateway.audit.blind import BlindIndex, Value
from gateway.audit.cursor import Cursor
from gateway.audit.filters import Filters
from gateway.audit.following import Follower, page, pruned_after
from gateway.audit.indexing import STEP, index
from gateway.audit.ledger import Item
from gateway.audit.levels import levels_of
from gateway.audit.live import Hub
from gateway.audit.merging import merge
from gateway.audit.postings import term
from gateway.audit.pruning import Periods, prune
from gateway.audit.query import event, events, sealed_events
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.stored_tree import consistency_proof, newest_checkpoint, prove
from gateway.errors import AuditUnavailable, GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gateway.audit.record import Record
    from gateway.audit.store.base import Reader, Store
    from tests.audit.conftest import House

VALUES = ("planted", b"\xff\x00", 1.5, 2**63 - 1, -(2**63), None)
TABLES = (
    "blocks", "postings", "merged", "merging", "blind", "meta", "cursors", "holds", "checkpoints",
    "tiles", "writers", "salts", "segments", "records", "sealed",
)  # fmt: skip
RECORDS = STEP + 20
DAY = 86_400.0


@dataclass(frozen=True)
class Planted:
    """A store that is put back to what it was before each planting."""

    house: House
    copy: Path
    index: BlindIndex
    store: str
    ids: tuple[str, ...]

    def put_back(self) -> None:
        for path in self.house.folder.glob("audit.db*"):
            path.unlink()
        shutil.copy(self.copy, self.house.path)

    def plant(self, table: str, column: str, value: object) -> bool:
        """Puts a value into every row that takes it; false where none does."""
        with closing(sqlite3.connect(self.house.path)) as connection, connection:
            sql = f"UPDATE OR IGNORE {table} SET {column} = ?"  # noqa: S608 - a test's own names
            try:
                return connection.execute(sql, (value,)).rowcount > 0
            except (sqlite3.Error, OverflowError):
                return False

    def columns(self, table: str) -> list[str]:
        with closing(sqlite3.connect(self.copy)) as connection:
            return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory,
    house_at: Callable[..., House],
    new_record: Callable[..., Record],
) -> Planted:
    house = house_at(tmp_path_factory.mktemp("planted"))
    blind = BlindIndex(bytes(range(32)))
    house = replace(house, keys=replace(house.keys, index=blind))
    with closing(house.ledger()) as ledger:
        records = [new_record(model=f"m{n % 7}") for n in range(RECORDS)]
        values = (Value("alice@example.com"),)
        ledger.commit([
            Item(one, b"{}" if n % 50 == 0 else None, values if n % 50 == 0 else ())
            for n, one in enumerate(records)
        ])  # fmt: skip
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        index(reader, store)
        with store.work() as work:
            work.run("INSERT INTO cursors VALUES ('sink.siem', 3)")
            work.run("INSERT INTO holds VALUES (1, 'time', '0/1', 'why', 'who', 1)")
            work.run("INSERT INTO merged VALUES (1, 0, ?, 0, x'0100')", (term("model", "m3"),))
    house.order()
    assert house.verify().ok
    copy = house.folder / "copy.db"
    shutil.copy(house.path, copy)
    with open_reader(house.url) as reader:
        ids = tuple(name for (name,) in reader.rows("SELECT id FROM records ORDER BY seq"))
        return Planted(house, copy, blind, reader.store, ids)


def _questions(planted: Planted) -> Iterator[Callable[[], object]]:
    url, now = planted.house.url, round(time.time() * 1000)
    asked = (
        Filters(), Filters(model="m3"), Filters(since=now - 10**7), Filters(until=now + 10**7),
        Filters(model="m3", since=now - 10**7, until=now + 10**7), Filters(request="req-1"),
        Filters(role="analyst", since=now - 10**7),
    )  # fmt: skip
    for filters in asked:
        yield lambda filters=filters: events(url, filters)  # type: ignore[misc]
    value = planted.index.search("alice@example.com")
    for filters in (Filters(), Filters(since=1, model="m1")):
        yield lambda filters=filters: events(url, filters, value=value)  # type: ignore[misc]
    yield lambda: list(sealed_events(url, Filters()))
    yield lambda: event(url, planted.ids[51])
    yield lambda: page(url, Cursor(planted.store, 5), RECORDS, Filters(model="m1"))
    yield lambda: pruned_after(url, 5)
    yield lambda: newest_checkpoint(url)
    yield lambda: prove(url, planted.ids[51])
    yield lambda: consistency_proof(url, 300, RECORDS)
    yield lambda: _follow(url)
    yield lambda: _kept(planted.house, index)
    yield lambda: _kept(planted.house, merge)
    yield planted.house.order
    yield lambda: planted.house.ledger().close()
    yield lambda: _kept(planted.house, _prune)


def _follow(url: str) -> None:
    follower = Follower()
    try:
        for known in (None, "another"):
            follower.look(url, known, 0, 200)
    finally:
        follower.close()


def _kept(house: House, act: Callable[[Reader, Store], object]) -> None:
    with open_reader(house.url) as reader, closing(open_store(house.url, 0.2, "open")) as store:
        act(reader, store)


def _prune(reader: Reader, store: Store) -> None:
    prune(reader, store, Periods(1, 1, 1), lambda _record: None, time.time() + 3 * DAY)


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_whatever_is_planted_is_answered_in_words(
    planted: Planted, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.pruning._BREATH", 0)
    monkeypatch.setattr("gateway.audit.indexing._BREATH", 0)
    tried = 0
    for column in planted.columns(table):
        for value in VALUES:
            planted.put_back()
            if not planted.plant(table, column, value):
                continue
            tried += 1
            with suppress(AuditUnavailable):
                planted.house.verify()
            for ask in _questions(planted):
                with suppress(GatewayError, LookupError):
                    ask()
    assert tried > len(VALUES)


@pytest.mark.parametrize("column", ["earliest", "latest"])
@pytest.mark.parametrize("value", ["planted", b"\xff"])
def test_a_blocks_time_that_is_none_is_a_flaw_and_ends_no_search(
    planted: Planted, column: str, value: Any
) -> None:
    planted.put_back()
    assert planted.plant("blocks", column, value)
    now = round(time.time() * 1000)
    for filters in (Filters(since=now - 10**7), Filters(model="m3", until=now + 10**7)):
        assert isinstance(events(planted.house.url, filters).events, tuple)
    assert any("the index hides" in flaw.what for flaw in planted.house.verify().flaws)


@pytest.mark.parametrize(
    ("column", "value"),
    [("time", "planted"), ("time", 2**62), ("time", -1), ("size", b"1"), ("note", b"\xff")],
)
async def test_a_planted_checkpoint_does_not_end_the_live_stream(
    planted: Planted, column: str, value: Any, new_record: Callable[..., Record]
) -> None:
    # The task that reads for everybody died of it: who followed waited for ever.
    planted.put_back()
    assert planted.plant("checkpoints", column, value)
    hub = Hub(planted.house.url)
    stream = await hub.subscribe(Filters())
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    with closing(planted.house.ledger()) as ledger:
        await asyncio.to_thread(ledger.commit, [Item(new_record())])
    async with asyncio.timeout(10):
        assert (await waiting).kind == "record"
    await stream.aclose()
    await hub.close()
    with pytest.raises(AuditUnavailable, match="damaged checkpoint"):
        newest_checkpoint(planted.house.url)
    assert not planted.house.verify().ok


async def test_what_fails_once_in_a_look_at_the_store_does_not_end_the_live_stream(
    planted: Planted, new_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted.put_back()
    hub = Hub(planted.house.url)
    stream, looks, look = await hub.subscribe(Filters()), list[int](), Follower.look

    def once(self: Follower, *args: Any) -> Any:
        looks.append(1)
        if len(looks) == 2:
            raise TypeError
        return look(self, *args)

    monkeypatch.setattr(Follower, "look", once)
    waiting = asyncio.create_task(anext(stream))
    async with asyncio.timeout(10):
        while len(looks) < 3:  # noqa: ASYNC110 - a thread counts
            await asyncio.sleep(0.01)
    with closing(planted.house.ledger()) as ledger:
        await asyncio.to_thread(ledger.commit, [Item(new_record())])
    async with asyncio.timeout(10):
        kinds = [(await waiting).kind]
        while "record" not in kinds:
            kinds.append((await anext(stream)).kind)
    await stream.aclose()
    await hub.close()


@pytest.mark.parametrize("header", [4_000_000_000_000, "planted", 1.5])
def test_a_number_in_place_of_a_header_is_not_made_into_as_many_zeros(
    planted: Planted, header: Any
) -> None:
    planted.put_back()
    assert planted.plant("records", "header", header)
    with pytest.raises(AuditUnavailable, match="damaged record"):
        prove(planted.house.url, planted.ids[51])
    _kept(planted.house, _prune)
    with open_reader(planted.house.url) as reader:
        # What is no record any more is evidence: retention leaves it where it is.
        assert reader.rows("SELECT DISTINCT header FROM records") == [(header,)]


@pytest.mark.parametrize("piece", [32, 2**61])
def test_a_piece_that_no_span_has_says_that_nothing_is_merged(planted: Planted, piece: int) -> None:
    planted.put_back()
    assert planted.plant("merging", "piece", piece)
    with open_reader(planted.house.url) as reader:
        assert levels_of(reader) == ()
    assert isinstance(events(planted.house.url, Filters(model="m3")).events, tuple)


def test_places_that_no_record_has_are_not_searched_up_to(planted: Planted) -> None:
    # What lies between would be asked for with a question mark for each span.
    planted.put_back()
    planted.house.execute("UPDATE merging SET blocks = ?", 2**40)
    planted.house.execute(
        "UPDATE blind SET seq = ? WHERE seq = (SELECT max(seq) FROM blind)", 2**60
    )
    value = planted.index.search("alice@example.com")
    with open_reader(planted.house.url) as reader:
        held = reader.rows("SELECT DISTINCT seq FROM blind WHERE seq < ?", (2**60,))
    found = events(planted.house.url, Filters(tenant="acme"), value=value).events
    assert len(found) <= len(held)


def test_a_store_without_an_id_is_refused_in_words(planted: Planted) -> None:
    planted.put_back()
    planted.house.execute("DELETE FROM meta WHERE key = 'store'")
    with pytest.raises(AuditUnavailable, match="no id"):
        events(planted.house.url, Filters())
    planted.put_back()
    planted.house.execute("DELETE FROM meta WHERE key = 'erasures'")
    with pytest.raises(AuditUnavailable, match="how often somebody was erased"):
        planted.house.ledger()


async def test_what_fails_in_each_look_at_the_store_is_told(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted.put_back()
    told: list[str] = []

    def fail(*_: Any) -> Any:
        raise TypeError("words of an error")

    hub = Hub(planted.house.url, on_incident=told.append)
    stream = await hub.subscribe(Filters())
    monkeypatch.setattr(trouble, "TOLERATED", 0.05)
    monkeypatch.setattr(Follower, "look", fail)
    waiting = asyncio.create_task(anext(stream, None))
    async with asyncio.timeout(10):
        while not told:  # noqa: ASYNC110 - a thread fails
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    await hub.close()
    assert await waiting is None
    (sentence,) = told
    assert sentence.startswith("the log cannot be followed: unexpected TypeError")
    assert "words of an error" not in sentence

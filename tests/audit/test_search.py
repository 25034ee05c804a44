from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.filters import Filters
from gateway.audit.indexing import STEP, index
from gateway.audit.ledger import Item
from gateway.audit.merging import merge
from gateway.audit.postings import BLOCK, term
from gateway.audit.record import Actor, FindingNote, Record
from gateway.audit.search import header_of, indexed, search
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable
from tests.audit.conftest import House, make_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.base import Reader

RECORDS = 2 * BLOCK + 2 * STEP - 100
MOMENT = 1_800_000_000_000
LAST = 2**62


def _record(chance: random.Random, number: int) -> Record:
    # Clocks of several processes differ: ids are not in the order of the log.
    moment = MOMENT + number * 10 + chance.randrange(-3000, 3000)
    digits = f"{moment:012x}"
    name = f"{digits[:8]}-{digits[8:]}-7000-8000-{number:012x}"
    user = int(50 * chance.random() ** 3)
    blocked = chance.random() < 0.1
    finding = FindingNote("pii", chance.choice(("PERSON", "US_SSN")), "/x", 1, "block")
    return Record(
        stage=chance.choice(("intent", "outcome")),
        request=f"call-{number // 2}",
        tenant=chance.choice(("acme", "other", None)),
        actor=Actor(f"user-{user}", None, ("staff", f"team-{user % 3}")) if user < 49 else None,
        route="messages" if number < 20 else "chat.completions",
        upstream="openai",
        model=f"model-{number % 7}",
        decision="block" if blocked else "allow",
        rules=("chat",) if blocked else (),
        findings=(finding,) if blocked else (),
        status=400 if blocked else 200,
        id=name,
    )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    house = make_house(tmp_path_factory.mktemp("search"))
    if request.param == "sqlite":
        yield _fill(house)
        return
    server = request.getfixturevalue("shared_postgres")
    house = replace(house, server=server, database=server.make())
    yield _fill(house)
    server.drop(house.database)


def _fill(house: House) -> House:
    chance = random.Random(5)  # noqa: S311 - records, not secrets
    with closing(house.ledger()) as ledger:
        for start in range(0, RECORDS, 500):
            ledger.commit(
                [Item(_record(chance, n)) for n in range(start, min(start + 500, RECORDS))]
            )
        ledger.tidy()
    with (
        open_reader(house.url) as reader,
        closing(open_store(house.url, 1.0, "open")) as store,
    ):
        while index(reader, store):
            pass
        # Half of a span: of half of the terms the blocks are merged, of the others they are not.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gateway.audit.levels.FAN", 2)
            assert merge(reader, store)
            assert merge(reader, store)
    return house


@pytest.fixture(autouse=True)
def _small_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.audit.levels.FAN", 2)


@pytest.fixture
def reader(filled: House) -> Iterator[Reader]:
    with open_reader(filled.url) as reader:
        yield reader


@pytest.fixture(scope="module")
def everything(filled: House) -> list[tuple[int, dict[str, Any]]]:
    with open_reader(filled.url) as reader:
        rows = reader.rows("SELECT seq, header FROM records ORDER BY seq DESC")
    return [(seq, header_of(raw)) for seq, raw in rows]


VALUES: dict[str, tuple[Any, ...]] = {
    "since": (0, MOMENT, MOMENT + 20_000, MOMENT + BLOCK * 10, MOMENT + 90_000, 2**47),
    "until": (0, MOMENT, MOMENT + 20_000, MOMENT + BLOCK * 10, MOMENT + 90_000, 2**47),
    "stage": ("intent", "writer.open", "never"),
    "request": ("call-0", "call-3000", "never"),
    "actor": ("user-0", "user-33", "never", "x' OR 1=1 --", "%"),
    "role": ("staff", "team-2", "sta", "never"),
    "tenant": ("acme", "never"),
    "model": ("model-3", "never"),
    "upstream": ("openai", "never"),
    "route": ("messages", "chat.completions", "never"),
    "decision": ("allow", "block", "deny"),
    "scanner": ("pii", "never"),
    "entity": ("PERSON", "US_SSN", "never"),
    "rule": ("chat", "never"),
    "status": (200, 400, 599),
}


def test_every_filter_is_tried() -> None:
    assert set(VALUES) == set(Filters.__dataclass_fields__) - {"limit", "cursor"}


@st.composite
def _filters(draw: st.DrawFn) -> Filters:
    names = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=3))
    return Filters(**{name: draw(st.sampled_from(VALUES[name])) for name in sorted(names)})


def test_what_is_tested_is_in_the_index_and_after_it(reader: Reader) -> None:
    assert indexed(reader) == 2 * BLOCK + STEP
    ((last,),) = reader.rows("SELECT max(seq) FROM records")
    assert last > 2 * BLOCK + STEP + 300


@given(filters=_filters(), before=st.integers(0, RECORDS + 10), limit=st.integers(1, 300))
def test_a_search_finds_what_looking_at_every_record_finds(
    filled: House,
    everything: list[tuple[int, dict[str, Any]]],
    filters: Filters,
    before: int,
    limit: int,
) -> None:
    wanted = [one for one in everything if one[0] < before and filters.matches(one[1])][:limit]
    with open_reader(filled.url) as reader:
        assert search(reader, filters, before, limit) == wanted


@pytest.mark.parametrize("name", sorted(VALUES))
def test_each_filter_alone_finds_all_that_match(
    reader: Reader, everything: list[tuple[int, dict[str, Any]]], name: str
) -> None:
    for value in VALUES[name]:
        filters = Filters(**{name: value})
        wanted = [one for one in everything if filters.matches(one[1])]
        assert search(reader, filters, LAST, RECORDS + 10) == wanted


@pytest.mark.parametrize("most", [1, 4 * BLOCK])
@pytest.mark.parametrize(
    "times",
    [
        Filters(model="model-3", since=MOMENT + 20_000),
        Filters(model="model-3", until=MOMENT + 60_000),
        Filters(model="model-3", since=MOMENT + 20_000, until=MOMENT + 60_000),
    ],
)
def test_a_time_within_a_block_is_found_by_ids_or_record_by_record(
    reader: Reader,
    everything: list[tuple[int, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    times: Filters,
) -> None:
    monkeypatch.setattr("gateway.audit.search._MOST_IDS", most)
    wanted = [one for one in everything if times.matches(one[1])]
    assert 500 < len(wanted) < RECORDS / 7
    assert search(reader, times, LAST, RECORDS) == wanted


def test_an_id_that_is_none_hides_nothing_of_its_block(house: House) -> None:
    chance = random.Random(6)  # noqa: S311 - records, not secrets
    with closing(house.ledger()) as ledger:
        ledger.commit([Item(_record(chance, n)) for n in range(STEP)])
    house.execute("UPDATE records SET id = 'strange' WHERE seq = 7")
    with open_reader(house.url) as reader, closing(open_store(house.url, 1.0, "open")) as store:
        index(reader, store)
        assert indexed(reader) == STEP
        rows = reader.rows("SELECT seq, header FROM records ORDER BY seq DESC")
        for filters in (Filters(since=MOMENT + 2000), Filters(until=MOMENT + 2000)):
            wanted = [(seq, header_of(raw)) for seq, raw in rows]
            wanted = [one for one in wanted if filters.matches(one[1])]
            found = search(reader, filters, LAST, 1000)
            # What stands in the column decides before the header does.
            assert [one for one in wanted if one[0] != 7] == [one for one in found if one[0] != 7]


def test_a_lying_index_shows_nothing_that_does_not_match(filled: House, tmp_path: Any) -> None:
    if filled.server is not None:
        return
    copy = tmp_path / "copy.db"
    filled.execute(f"VACUUM INTO '{copy}'")
    url = f"sqlite:///{copy}"
    with closing(open_store(url, 1.0, "open")) as store, store.work() as work:
        lie = (term("actor", "user-0"), term("actor", "user-33"))
        for table in ("postings", "merged"):
            work.run(f"DELETE FROM {table} WHERE term = ?", lie[1:])  # noqa: S608 - made of constants
        work.run("UPDATE postings SET term = ? WHERE term = ?", lie[::-1])
        work.run("UPDATE merged SET term = ? WHERE term = ?", lie[::-1])
    with open_reader(url) as reader:
        found = search(reader, Filters(actor="user-33"), LAST, 100)
    assert all(header["actor"]["subject"] == "user-33" for _, header in found)


def test_a_stored_thing_that_is_no_header_is_said_to_be_damaged() -> None:
    with pytest.raises(AuditUnavailable, match="damaged record"):
        header_of(b"[]")

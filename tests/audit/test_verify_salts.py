"""What verification says of parts whose subject was erased, or only looks as if it were."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.erase import erase
from gateway.audit.ledger import Item
from gateway.audit.record import Actor, Record
from gateway.audit.salts import Scope
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.audit.conftest import House


def _erased() -> Record:
    return Record("audit.erased", detail={"subject": "alice", "issuer": None, "tenant": None})


def _fill(house: House, *records: Record) -> None:
    """Two sealed parts of alice and one of bob, then further records."""
    ledger = house.ledger()
    for name in ("alice", "bob", "alice"):
        ledger.commit([Item(Record("intent", actor=Actor(name)), b'{"prompt": "one"}')])
    ledger.commit([Item(record) for record in records])
    ledger.close()


def _tamper(house: House, *statements: str) -> None:
    for statement in statements:
        house.execute(statement)


def _flaws(house: House, keys: Sequence[object]) -> list[tuple[int | None, str]]:
    return [(flaw.wseq, flaw.what) for flaw in house.verify(keys=keys).flaws]


@pytest.fixture(params=[True, False], ids=["with a key", "without"])
def keys(house: House, request: pytest.FixtureRequest) -> list[object]:
    return [house.auditor] if request.param else []


def test_who_was_erased_is_counted_and_everything_holds(house: House, keys: list[object]) -> None:
    _fill(house, _erased())
    _tamper(house, "DELETE FROM salts WHERE subject = 'alice'")
    report = house.verify(keys=keys)
    assert (report.flaws, report.sealed, report.erased) == ((), 3, 2)
    assert report.opened == len(keys)


def test_a_salt_that_vanished_with_no_erasure_on_record_is_a_flaw(
    house: House, keys: list[object]
) -> None:
    _fill(house)
    _tamper(house, "DELETE FROM salts WHERE subject = 'alice'")
    what = "its subject's salt is gone, and no erasure is recorded"
    assert _flaws(house, keys) == [(1, what), (3, what)]


def test_an_erasure_of_somebody_else_is_no_excuse(house: House, keys: list[object]) -> None:
    _fill(house, _erased())
    _tamper(house, "DELETE FROM salts")
    assert _flaws(house, keys) == [(2, "its subject's salt is gone, and no erasure is recorded")]


def test_an_earlier_erasure_is_no_excuse(house: House, keys: list[object]) -> None:
    ledger = house.ledger()
    ledger.commit([Item(_erased())])
    ledger.commit([Item(Record("intent", actor=Actor("alice")), b"{}")])
    ledger.close()
    _tamper(house, "DELETE FROM salts")
    assert _flaws(house, keys) == [(2, "its subject's salt is gone, and no erasure is recorded")]


def test_an_erasure_that_somebody_wrote_into_the_table_breaks_the_chain(
    house: House, keys: list[object]
) -> None:
    _fill(house, Record("audit.read", detail={"subject": "alice"}))
    _tamper(
        house,
        "DELETE FROM salts WHERE subject = 'alice'",
        "UPDATE records SET stage = 'audit.erased',"
        " header = replace(header, 'audit.read', 'audit.erased') WHERE stage = 'audit.read'",
    )
    assert not house.verify(keys=keys).ok


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE salts SET sealed = zeroblob(61) WHERE subject = 'alice'",
        "UPDATE salts SET sealed = (SELECT sealed FROM salts WHERE subject = 'bob')",
    ],
    ids=["zeroed", "bob's"],
)
def test_a_salt_that_was_changed_or_swapped_is_a_flaw_without_any_key(
    house: House, keys: list[object], change: str
) -> None:
    _fill(house, _erased())
    _tamper(house, change)
    what = "its subject's salt was changed"
    assert _flaws(house, keys) == [(1, what), (3, what)]


def test_a_salt_that_somebody_put_back_after_the_erasure_is_a_flaw(
    house: House, keys: list[object]
) -> None:
    ledger = house.ledger()
    ledger.commit([Item(Record("intent", actor=Actor("alice")), b"{}")])
    ledger.commit([Item(Record("intent", actor=Actor("bob")), b"{}")])
    house.execute("CREATE TABLE kept AS SELECT * FROM salts WHERE subject = 'alice'")
    erase(house.url, house.keys, Scope("alice"), by="carol")
    assert house.verify(keys=keys).ok
    house.execute("INSERT INTO salts SELECT * FROM kept")
    assert _flaws(house, keys) == [(1, "its subject was erased, and its salt is there again")]


_CHANGES = {
    "delete": "DELETE FROM salts WHERE number = {one}",
    "flip": "UPDATE salts SET sealed = x'{flipped}' WHERE number = {one}",
    "cut": "UPDATE salts SET sealed = substr(sealed, 1, {place}) WHERE number = {one}",
    "swap": "UPDATE salts SET sealed = (SELECT sealed FROM salts WHERE number = {other})"
    " WHERE number = {one}",
    "rename": "UPDATE salts SET subject = 'mallory' WHERE number = {one}",
    "move": "UPDATE salts SET segment = 3 - segment WHERE number = {one}",
    "tenant": "UPDATE salts SET tenant = 'mallory' WHERE number = {one}",
}


@pytest.mark.parametrize("with_key", [True, False], ids=["with a key", "without"])
@settings(max_examples=25)
@given(
    change=st.sampled_from(sorted(_CHANGES)),
    numbers=st.permutations(range(1, 5)),
    spot=st.tuples(st.integers(0, 60), st.integers(1, 255)),
)
def test_whatever_somebody_does_to_a_salt_is_seen_at_its_record(
    house_at: Callable[[Path], House],
    change: str,
    numbers: list[int],
    spot: tuple[int, int],
    *,
    with_key: bool,
) -> None:
    one, other, *_ = numbers
    with tempfile.TemporaryDirectory() as folder:
        house = house_at(Path(folder))
        # Records 1 and 2 of each of two writers, so of two segments; salts 1 to 4.
        for names in (("alice", "bob"), ("carol", "dave")):
            ledger = house.ledger()
            for name in names:
                ledger.commit([Item(Record("intent", actor=Actor(name)), b"{}")])
            ledger.close()
        keys = [house.auditor] if with_key else []
        before = house.verify(keys=keys)
        assert before.ok
        with open_reader(house.url) as reader:
            ((sealed,),) = reader.rows("SELECT sealed FROM salts WHERE number = ?", (one,))
        flipped = bytearray(sealed)
        flipped[spot[0]] ^= spot[1]
        values = {"one": one, "other": other, "place": spot[0], "flipped": flipped.hex()}
        house.execute(_CHANGES[change].format(**values))
        (flaw,) = house.verify(keys=keys).flaws
        place = before.writers[(one - 1) // 2].id, (one - 1) % 2 + 1
        assert (flaw.writer, flaw.wseq) == place
        assert "its subject's salt" in flaw.what

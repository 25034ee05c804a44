"""The users of the manual: who adds records and can change none, who only reads, who erases."""

from __future__ import annotations

import re
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest

from gateway.audit.erase import erase
from gateway.audit.filters import Filters
from gateway.audit.holds import Hold, place, release
from gateway.audit.indexing import index
from gateway.audit.ledger import Item
from gateway.audit.merging import merge
from gateway.audit.postings import BLOCK
from gateway.audit.pruning import Periods, prune
from gateway.audit.query import events
from gateway.audit.record import Actor
from gateway.audit.salts import Scope
from gateway.audit.store.opening import open_reader, open_store
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_PAGE: Final = (Path(__file__).parents[3] / "docs/audit-postgres.md").read_text()
_PASSWORD: Final = "change me"
_ROLES: Final = ("audit_keeper", "audit_writer", "audit_reader")


@pytest.fixture
def granted(postgres_house: House) -> Iterator[House]:
    """A house whose owner has done what the manual says."""
    postgres_house.ledger().close()
    blocks = re.findall(r"^```sql\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(_ROLES)
    for statement in "".join(blocks).split(";"):
        if statement.strip():
            postgres_house.execute(statement)
    yield postgres_house
    for role in _ROLES:
        postgres_house.execute(f"DROP OWNED BY {role}")
        postgres_house.execute(f"DROP ROLE {role}")


def _url(house: House, role: str) -> str:
    assert house.server is not None
    return house.server.url(house.database, role, _PASSWORD)


class _As:
    """A server as one of the users sees it."""

    def __init__(self, house: House, role: str) -> None:
        self._url = _url(house, role)

    def url(self, _database: str) -> str:
        return self._url


def _as(house: House, role: str) -> House:
    return replace(house, server=_As(house, role))  # type: ignore[arg-type]


def test_the_writer_can_do_all_that_a_gateway_does(
    granted: House, new_record: NewRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.levels.FAN", 1)
    writer = _as(granted, "audit_writer")
    ledger = writer.ledger()
    ledger.commit([Item(new_record(), b"{}")])
    ledger.commit([Item(new_record(), b"{}") for _ in range(40)])
    ledger.commit([Item(new_record()) for _ in range(BLOCK)])
    ledger.check()
    kept = writer.order()
    assert kept.size == granted.ask("SELECT count(*) FROM entries")[0][0]
    with open_reader(writer.url) as reader, closing(open_store(writer.url, 5.0, "open")) as store:
        store.touch()
        assert index(reader, store)
        assert merge(reader, store)
        while merge(reader, store):
            pass
    ledger.close()
    assert writer.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET header = ''",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "DELETE FROM entries_other",
        "UPDATE parts SET ciphertext = ''",
        "DELETE FROM parts",
        "DELETE FROM salts",
        "UPDATE salts SET sealed = ''",
        "DELETE FROM segments",
        "INSERT INTO leaves VALUES (99, 1, 99, 'x')",
        "DELETE FROM leaves",
        "UPDATE leaves SET seq = 99",
        "UPDATE ordering SET seq = 0",
        "UPDATE ordered SET wseq = 0",
        "DELETE FROM writers",
        "DELETE FROM tiles",
        "DELETE FROM checkpoints",
        "UPDATE meta SET value = '0'",
        "DROP TABLE entries",
        "CREATE TABLE mine (a int)",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
    ],
)
def test_the_writer_can_change_no_record_and_no_order(granted: House, statement: str) -> None:
    with (
        psycopg.connect(_url(granted, "audit_writer")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_the_writer_can_erase_nobody(granted: House, new_record: NewRecord) -> None:
    writer = _as(granted, "audit_writer")
    ledger = writer.ledger()
    ledger.commit([Item(new_record(), b"{}")])
    with pytest.raises(AuditUnavailable, match="may not do that"):
        erase(writer.url, writer.keys, Scope("alice"), by="mallory")
    assert writer.verify().opened == 1


def test_the_reader_reads_and_verifies(granted: House, new_record: NewRecord) -> None:
    granted.ledger().commit([Item(new_record(), b"{}")])
    granted.order()
    reader = _as(granted, "audit_reader")
    assert [one["stage"] for one in events(reader.url, Filters()).events][:1] == ["intent"]
    report = reader.verify()
    assert (report.ok, report.opened) == (True, 1)
    for table in ("entries", "parts", "writers", "leaves"):
        with (
            psycopg.connect(reader.url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - made of constants
    with pytest.raises(AuditUnavailable, match="may not do that"):
        reader.ledger()


def test_the_keeper_erases_holds_and_prunes(granted: House, new_record: NewRecord) -> None:
    writer, keeper = _as(granted, "audit_writer"), _as(granted, "audit_keeper")
    with closing(writer.ledger()) as ledger:
        ledger.commit([Item(new_record(), b"{}") for _ in range(3)])
        ledger.commit([Item(new_record(actor=Actor("bob", None)), b"{}")])
    with closing(keeper.ledger()) as ledger:
        hold = place(ledger, Hold(0, "subject", "bob", "case 7", "legal", 1))
    assert erase(keeper.url, keeper.keys, Scope("alice"), by="the officer").salts == 1
    writer.order()
    report = granted.verify()
    assert (report.ok, report.opened) == (True, 1), report.flaws
    with closing(keeper.ledger()) as ledger:
        _prune(keeper, lambda one: ledger.commit([Item(one)]))
        held = granted.verify()
        assert (held.ok, held.opened) == (True, 1), held.flaws
        assert held.pruned_headers > 3
        release(ledger, hold.number, "legal", "settled")
        _prune(keeper, lambda one: ledger.commit([Item(one)]))
    writer.order()
    report = granted.verify()
    assert (report.ok, report.opened) == (True, 0), report.flaws
    assert report.pruned_headers > held.pruned_headers


def _prune(house: House, record: Callable[[Record], object]) -> None:
    with open_reader(house.url) as reader, closing(open_store(house.url, 5.0, "open")) as store:
        prune(reader, store, Periods(1.0, 1.0, 1.0), record, time.time() + 3600)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries",
        "TRUNCATE entries",
        "TRUNCATE parts",
        "UPDATE parts SET ciphertext = ''",
        "UPDATE leaves SET seq = 99",
        "DELETE FROM leaves",
        "INSERT INTO leaves VALUES (99, 1, 99, 'x')",
        "UPDATE ordering SET seq = 0",
        "UPDATE ordered SET wseq = 0",
        "DELETE FROM writers",
        "DELETE FROM tiles",
        "DROP TABLE entries",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "CREATE TABLE mine (a int)",
    ],
)
def test_the_keeper_can_delete_no_header_and_change_no_order(
    granted: House, statement: str
) -> None:
    with (
        psycopg.connect(_url(granted, "audit_keeper")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.audit.ledger import Item
from gateway.audit.store.postgres_reader import PostgresReader
from gateway.audit.store.schema import LAST_SEQ
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_COUNT = "SELECT count(*) FROM records"


def test_rows_come_one_by_one_while_others_are_asked_for(
    postgres_house: House, new_record: NewRecord
) -> None:
    postgres_house.ledger().commit([Item(new_record()) for _ in range(1200)])
    with PostgresReader(postgres_house.url) as reader:
        seen = [
            reader.rows("SELECT wseq FROM records WHERE seq = ?", (seq,))[0][0]
            for (seq,) in reader.each("SELECT seq FROM records WHERE seq > ? ORDER BY seq", (100,))
        ]
        assert seen == list(range(100, 1201))
        rows = reader.each("SELECT seq FROM records ORDER BY seq")
        assert next(rows) == (1,)
        rows.close()  # type: ignore[attr-defined]
        assert reader.rows(_COUNT) == [(1201,)]


@pytest.mark.parametrize("table", ["records", "entries", "leaves", "writers", "meta"])
def test_a_reader_cannot_write(postgres_house: House, table: str) -> None:
    postgres_house.ledger()
    with (
        PostgresReader(postgres_house.url) as reader,
        pytest.raises(AuditUnavailable, match=r"read-only|55000"),
    ):
        reader.rows(f"DELETE FROM {table}")  # noqa: S608 - made of constants


def test_a_percent_sign_is_one(postgres_house: House) -> None:
    postgres_house.ledger()
    with PostgresReader(postgres_house.url) as reader:
        assert reader.rows("SELECT 'a%b', CAST(? AS text)", ("50%",)) == [("a%b", "50%")]


def test_a_reader_knows_when_its_store_was_replaced(postgres_house: House) -> None:
    postgres_house.ledger().close()
    with PostgresReader(postgres_house.url) as reader:
        assert reader.current
        postgres_house.execute("UPDATE meta SET value = '0011223344556677' WHERE key = 'store'")
        assert not reader.current


def test_what_is_no_store_is_refused_by_name_without_a_password(postgres_house: House) -> None:
    with pytest.raises(AuditUnavailable, match="tables are gone") as caught:
        PostgresReader(postgres_house.url)
    assert str(caught.value).startswith("postgresql://postgres@127.0.0.1:")


@pytest.mark.parametrize(
    "sql",
    [
        LAST_SEQ,
        "SELECT seq, header FROM records WHERE seq > 500 ORDER BY seq LIMIT 200",
        "SELECT seq - 1, header FROM records WHERE id = 'x'",
        "SELECT seq FROM records WHERE request = 'x' AND seq < 9000 ORDER BY seq DESC LIMIT 9",
        "SELECT chain FROM records WHERE writer = 1 AND wseq = 7",
        "SELECT seq, header FROM records WHERE stage = 'audit.erased'",
    ],
)
def test_what_is_asked_often_reads_no_table_as_a_whole(
    postgres_house: House, new_record: NewRecord, sql: str
) -> None:
    """Neither where nobody has looked at the tables yet, nor with statistics of them."""
    ledger = postgres_house.ledger()
    for _ in range(4):
        ledger.commit([Item(new_record()) for _ in range(500)])
    with PostgresReader(postgres_house.url) as reader:
        for _ in range(2):
            plan = "\n".join(line for (line,) in reader.rows(f"EXPLAIN {sql}"))
            assert "Seq Scan" not in plan
            if "LIMIT 200" in sql or sql == LAST_SEQ:
                assert "Sort" not in plan
            postgres_house.execute("ANALYZE")

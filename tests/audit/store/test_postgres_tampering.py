"""What the owner of the database can do to the log, and that verification sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from psycopg import sql

from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres_server import PostgresServer

    from gateway.audit.record import Record
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_WRITERS: Final = 2
_RECORDS: Final = 12
_EIGHTH: Final = "(SELECT id FROM leaves WHERE seq = 8)"

_TAMPERINGS: Final = {
    "a header is edited": """
        UPDATE entries SET header = convert_to(replace(convert_from(header, 'UTF8'), 'gpt-5',
            'gpt-6'), 'UTF8') WHERE id = @8;
    """,
    "a record is deleted": """
        DELETE FROM entries WHERE id = @8;
    """,
    "a record and its place are deleted": """
        DELETE FROM entries WHERE id = @8;
        DELETE FROM leaves WHERE seq = 8;
    """,
    "a record loses its place": """
        DELETE FROM leaves WHERE seq = 8;
    """,
    "a record is deleted and the gap closed": """
        DELETE FROM parts WHERE id = @8;
        DELETE FROM entries WHERE id = @8;
        DELETE FROM leaves WHERE seq = 8;
        UPDATE leaves SET seq = -seq WHERE seq > 8;
        UPDATE leaves SET seq = -seq - 1 WHERE seq < 0;
    """,
    "two records change places": """
        UPDATE leaves SET seq = -seq WHERE seq IN (7, 8);
        UPDATE leaves SET seq = 15 + seq WHERE seq < 0;
    """,
    "records of two writers change places": """
        UPDATE leaves SET seq = -seq WHERE seq IN (8, 18);
        UPDATE leaves SET seq = 26 + seq WHERE seq < 0;
    """,
    "a place points to another record": """
        DELETE FROM leaves WHERE seq = 9;
        UPDATE leaves SET id = (SELECT id FROM entries WHERE wseq = 8 AND writer = 1) WHERE seq =
            8;
    """,
    "a record is added": """
        INSERT INTO entries (id, writer, wseq, header, chain, stage) SELECT 'zz', writer, 11,
            header, chain, stage FROM entries WHERE id = @8;
        INSERT INTO leaves SELECT max(seq) + 1, 1, 99, 'zz' FROM leaves;
    """,
    "a record is given to another writer": """
        UPDATE entries SET writer = 2, wseq = 99 WHERE id = @8;
    """,
    "a column differs from its header": """
        UPDATE entries SET subject = 'mallory' WHERE id = @8;
    """,
    "the tail of a writer is cut off": """
        DELETE FROM leaves WHERE id IN (SELECT id FROM entries WHERE writer = 2 AND wseq > 6);
        DELETE FROM parts WHERE id IN (SELECT id FROM entries WHERE writer = 2 AND wseq > 6);
        DELETE FROM entries WHERE writer = 2 AND wseq > 6;
    """,
    "the tail is cut off with its head": """
        DELETE FROM leaves WHERE id IN (SELECT id FROM entries WHERE writer = 2 AND wseq > 6);
        DELETE FROM parts WHERE id IN (SELECT id FROM entries WHERE writer = 2 AND wseq > 6);
        DELETE FROM entries WHERE writer = 2 AND wseq > 6;
        UPDATE writers SET wseq = 6, chain = (SELECT chain FROM entries WHERE writer = 2 AND wseq
            = 6) WHERE number = 2;
        UPDATE ordered SET wseq = 6, chain = (SELECT chain FROM entries WHERE writer = 2 AND wseq
            = 6) WHERE writer = 2;
    """,
    "only the head that readers see is set back": """
        UPDATE ordered SET wseq = 6 WHERE writer = 2;
    """,
    "a whole writer is taken away": """
        DELETE FROM leaves WHERE id IN (SELECT id FROM entries WHERE writer = 1);
        DELETE FROM parts WHERE id IN (SELECT id FROM entries WHERE writer = 1);
        DELETE FROM entries WHERE writer = 1;
        DELETE FROM ordered WHERE writer = 1;
    """,
    "a sealed part is changed": """
        UPDATE parts SET ciphertext = ciphertext || '\\x00' WHERE id = @8;
    """,
    "a sealed part is deleted": """
        DELETE FROM parts WHERE id = @8;
    """,
    "a sealed part is that of another record": """
        UPDATE parts SET ciphertext = (SELECT ciphertext FROM parts ORDER BY id LIMIT 1) WHERE id
            = @8;
    """,
    "an envelope is changed": """
        UPDATE segments SET envelope = envelope || '\\x20';
    """,
    "a salt is taken away": """
        DELETE FROM salts;
    """,
    "a tile is changed": """
        UPDATE tiles SET hashes = overlay(hashes PLACING '\\x00' FROM 40);
    """,
    "the tree is smaller than what was signed": """
        UPDATE lease SET size = size - 1;
    """,
}
"""Statements, each ended by a semicolon; ``@8`` is the id of the record with the eighth place."""


@pytest.fixture(scope="module")
def pristine(
    tmp_path_factory: pytest.TempPathFactory,
    house_at: Callable[..., House],
    shared_postgres: PostgresServer,
    new_record: NewRecord,
) -> Iterator[House]:
    """Two writers with 13 records each, one after the other, ordered and signed."""
    database = shared_postgres.make()
    house = replace(
        house_at(tmp_path_factory.mktemp("pristine")), server=shared_postgres, database=database
    )
    for _ in range(_WRITERS):
        ledger = house.ledger()
        for number in range(1, _RECORDS):
            ledger.commit([Item(new_record(), b"%d" % number)])
        ledger.close()
    house.order()
    yield house
    shared_postgres.drop(database)


@pytest.fixture
def copy(pristine: House) -> Iterator[House]:
    """A database like the pristine one, to be tampered with."""
    server = pristine.server
    assert server is not None
    name = f"{pristine.database}_copy"
    server.execute(
        "postgres",
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(pristine.database)
        ),
    )
    yield replace(pristine, database=name)
    server.drop(name)


def test_the_pristine_log_holds(copy: House) -> None:
    report = copy.verify()
    assert report.flaws == ()
    assert (report.records, report.opened) == (26, 22)


@pytest.mark.parametrize("name", _TAMPERINGS)
def test_what_the_owner_of_the_database_does_is_seen(copy: House, name: str) -> None:
    for statement in _TAMPERINGS[name].replace("@8", _EIGHTH).split(";"):
        if statement.strip():
            copy.execute(statement)
    assert not copy.verify().ok


def test_a_view_that_shows_something_else_is_seen(copy: House) -> None:
    copy.execute(
        "CREATE OR REPLACE VIEW public_read.records AS SELECT l.seq, e.id, e.writer, e.wseq,"
        " convert_to(replace(convert_from(e.header, 'UTF8'), 'alice', 'bob'), 'UTF8') AS header,"
        " e.chain, e.stage, e.request, replace(e.subject, 'alice', 'bob') AS subject, e.tenant,"
        " e.model, e.upstream, e.route, e.decision, e.status, e.tags"
        " FROM leaves l JOIN entries e ON e.id = l.id"
    )
    with open_reader(copy.url) as reader:
        assert reader.rows("SELECT count(*) FROM records WHERE subject = 'bob'")[0][0] > 0
    assert not copy.verify().ok

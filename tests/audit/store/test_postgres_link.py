from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from tls_files import Authority

from gateway.audit.store.base import StoreGone
from gateway.audit.store.postgres_link import Link, connect, failures
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from postgres_server import PostgresServer


def _ask_often(link: Link) -> None:
    with failures(), link.work():
        for _ in range(100):
            link.execute("SELECT 1")


def test_a_server_that_is_frozen_is_noticed_in_time(own_postgres: PostgresServer) -> None:
    link = connect(own_postgres.url("postgres"), 0.5)
    own_postgres.freeze()
    began = time.monotonic()
    with pytest.raises(AuditUnavailable, match="does not answer in time"):
        _ask_often(link)
    assert time.monotonic() - began < 1.5
    link.close()
    with pytest.raises(AuditUnavailable, match="does not answer in time"):
        connect(own_postgres.url("postgres"), 0.5)
    assert time.monotonic() - began < 5
    own_postgres.thaw()
    connect(own_postgres.url("postgres"), 0.5).close()


def test_a_server_that_works_on_something_long_is_noticed(shared_postgres: PostgresServer) -> None:
    with connect(shared_postgres.url("postgres"), 0.3) as link:
        began = time.monotonic()
        with pytest.raises(AuditUnavailable, match="does not answer in time"), failures():
            link.execute("SELECT pg_sleep(30)")
        assert time.monotonic() - began < 3


def test_a_server_that_stops_is_named_so(own_postgres: PostgresServer) -> None:
    url = own_postgres.url("postgres")
    link = connect(url, 1.0)
    own_postgres.stop("immediate")
    with pytest.raises(AuditUnavailable, match=r"stopped|was lost"), failures():
        link.execute("SELECT 1")
    link.close()
    with pytest.raises(AuditUnavailable, match="cannot be reached"):
        connect(url, 1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda server: server.url("postgres", password="s3cret"), "refuses this user or password"),
        (lambda server: server.url("nowhere"), "there is no such database"),
        (lambda server: server.url("postgres") + "?sslmode=require", "certificate or encryption"),
    ],
    ids=["password", "database", "encryption"],
)
def test_who_is_not_let_in_is_told_in_words(
    shared_postgres: PostgresServer, change: Callable[[PostgresServer], str], words: str
) -> None:
    with pytest.raises(AuditUnavailable, match=words) as caught:
        connect(change(shared_postgres), 1.0)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT 's3cret'::int", "the store failed \\(22P02\\)"),
        ("SELECT 's3cret", "the store failed \\(42601\\)"),
        (
            "DO $$ BEGIN RAISE EXCEPTION 's3cret' USING ERRCODE = '53100'; END $$",
            "the disk is full",
        ),
        (
            "DO $$ BEGIN RAISE EXCEPTION 's3cret' USING ERRCODE = '53000'; END $$",
            "no resources left",
        ),
    ],
)
def test_errors_hold_neither_statements_nor_values(
    shared_postgres: PostgresServer, statement: str, words: str
) -> None:
    with (
        connect(shared_postgres.url("postgres"), 1.0) as link,
        pytest.raises(AuditUnavailable, match=words) as caught,
        failures("the place"),
    ):
        link.execute(statement.encode())
    assert "s3cret" not in str(caught.value)
    assert str(caught.value).startswith("the place: ")


def test_missing_tables_are_a_store_that_is_gone(shared_postgres: PostgresServer) -> None:
    with (
        connect(shared_postgres.url("postgres"), 1.0) as link,
        pytest.raises(StoreGone, match="gone"),
        failures(),
    ):
        link.execute("SELECT * FROM leaves")


def test_settings_of_the_url_stand_beside_our_own(shared_postgres: PostgresServer) -> None:
    url = shared_postgres.url("postgres") + "?options=-c%20search_path%3Dmine"
    with connect(url, 2.0, default_transaction_read_only="on") as link:
        found = link.execute(
            "SELECT current_setting('search_path'), current_setting('statement_timeout'),"
            " current_setting('transaction_read_only')"
        ).fetchone()
    assert found == ("mine", "1600ms", "on")
    assert isinstance(link, psycopg.Connection)


def test_the_server_looks_whether_its_client_is_there(shared_postgres: PostgresServer) -> None:
    with connect(shared_postgres.url("postgres"), 2.0) as link:
        found = link.execute(
            "SELECT current_setting('tcp_keepalives_idle')::int + current_setting"
            "('tcp_keepalives_count')::int * current_setting('tcp_keepalives_interval')::int"
        ).fetchone()
    assert found == (50,)


def test_only_the_server_that_the_authority_knows_is_talked_to(
    own_postgres: PostgresServer, tmp_path: Path
) -> None:
    authority, other = Authority(tmp_path, "one"), Authority(tmp_path, "two")
    pair = authority.pair("database")
    own_postgres.encrypt(pair.certificate, pair.key)
    url = own_postgres.url("postgres") + "?sslmode=verify-full&sslrootcert="
    with connect(f"{url}{authority.file}", 5.0) as link:
        asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert link.execute(asked).fetchone() == (True,)
    with pytest.raises(AuditUnavailable, match="certificate or encryption"):
        connect(f"{url}{other.file}", 5.0)
    # The right authority, and a certificate of another machine.
    elsewhere = authority.pair("elsewhere", "192.0.2.1")
    own_postgres.encrypt(elsewhere.certificate, elsewhere.key)
    with pytest.raises(AuditUnavailable, match="certificate or encryption"):
        connect(f"{url}{authority.file}", 5.0)

"""What the owner of the database puts into its columns, asked for at a running gateway."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Final

import pytest
from house import LEAN, House, build, chat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

AUDIT: Final = "/gateway/audit"
MARK: Final = "planted-7b1f"
VALUES: Final = (MARK, MARK.encode() + b"\xff\x00", MARK * 50_000, 1.5, 2**63 - 1, None)
TABLES: Final = (
    "blocks", "postings", "merged", "merging", "blind", "meta", "cursors", "holds", "checkpoints",
    "tiles", "writers", "salts", "segments", "records", "sealed",
)  # fmt: skip
LAST: Final = "UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM records)"
MORE: Final = (
    "INSERT INTO cursors VALUES ('sink.siem', 3)",
    "INSERT INTO holds VALUES (1, 'time', '0/1', 'why', 'who', 1)",
    "INSERT INTO merged VALUES (1, 0, 7, 0, x'0100')",
    "INSERT INTO postings VALUES (0, 7, x'0100')",
    "INSERT INTO blocks (block, earliest, latest, records) VALUES (0, 0, 4000000000000, 4)",
)
"""What else only a larger log has."""
ANSWERS: Final = {200, 404, 503}
PATIENCE: Final = 15.0
BRIEFLY: Final = 0.1
"""Seconds for which a stream that has begun may be silent until nothing more is waited for."""


@dataclass(frozen=True)
class Asked:
    """A gateway whose store somebody else may write, and what is asked of it."""

    client: httpx.Client
    path: Path
    urls: tuple[str, ...]
    cursor: str

    def columns(self, table: str) -> list[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]

    @contextmanager
    def planted(self, table: str, column: str, value: object) -> Iterator[bool]:
        """A value in every row that takes it, for as long as the block runs; whether any does."""
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            with connection:
                connection.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}")  # noqa: S608
            sql = f"UPDATE OR IGNORE {table} SET {column} = ?"  # noqa: S608 - a test's own names
            try:
                with connection:
                    taken = connection.execute(sql, (value,)).rowcount > 0
            except sqlite3.Error:
                taken = False
            yield taken
            with connection:
                connection.execute(f"DELETE FROM {table} WHERE {column} IS ?", (value,))  # noqa: S608
                connection.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM kept")  # noqa: S608
                connection.execute(LAST)

    def answers(self) -> Iterator[tuple[str, int, bytes]]:
        for url in self.urls:
            answer = self.client.get(url, timeout=PATIENCE)
            yield url, answer.status_code, answer.content
        yield f"{AUDIT}/stream", *self._streamed()

    def _streamed(self) -> tuple[int, bytes]:
        """The status of a stream that goes on with the first call, and what it says at once."""
        url, said = self.client.base_url, b""
        headers = {"authorization": self.client.headers["authorization"]}
        headers |= {"last-event-id": self.cursor, "connection": "close"}
        with closing(HTTPConnection(url.host, url.port, timeout=PATIENCE)) as connection:
            connection.request("GET", f"{AUDIT}/stream", headers=headers)
            socket = connection.sock
            answer = connection.getresponse()
            socket.settimeout(BRIEFLY)
            with answer, suppress(TimeoutError):
                while piece := answer.read1(2**16):
                    said += piece
            return answer.status, said


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with build(tmp_path, policy=LEAN) as house:
        yield _asked(house)


def _asked(house: House) -> Asked:
    analyst, auditor = house.client("analyst"), house.client("auditor")
    texts = ("hello", "4111 1111 1111 1111", "to ada@example.com")
    calls = [analyst.post("/v1/chat/completions", json=chat(text)) for text in texts]
    call = calls[-1].headers["x-gateway-event"]
    (first, *_) = house.records_of(call)
    proof = f"{AUDIT}/events/{first['id']}/proof"
    until = time.monotonic() + 20
    while auditor.get(proof).status_code != 200:
        assert time.monotonic() < until, "no checkpoint covered the call"
        time.sleep(0.1)
    size = int(auditor.get(f"{AUDIT}/checkpoint").text.split("\n")[1])
    with auditor.stream("GET", f"{AUDIT}/stream") as answer:
        cursor = next(line for line in answer.iter_lines() if line.startswith("id: "))[4:]
    pages = (
        "",
        "?limit=2",
        "?model=demo-small",
        f"?request={call}",
        "?since=2h&entity=EMAIL_ADDRESS",
    )
    urls = (
        *(f"{AUDIT}/events{query}" for query in pages),
        f"{AUDIT}/events/{first['id']}",
        proof,
        f"{AUDIT}/checkpoint",
        f"{AUDIT}/tile/0/000.p/{size}",
        f"{AUDIT}/tile/entries/000.p/{size}",
    )
    path = house.home / "data" / "audit.db"
    with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        for statement in MORE:
            connection.execute(statement)
    asked = Asked(auditor, path, urls, cursor)
    assert {status for _, status, _ in asked.answers()} == {200}
    return asked


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("table", TABLES)
def test_whatever_is_planted_is_answered_in_words_and_never_shown(asked: Asked, table: str) -> None:
    tried = 0
    for column in asked.columns(table):
        for value in VALUES:
            with asked.planted(table, column, value) as taken:
                tried += taken
                for url, status, body in asked.answers() if taken else ():
                    assert status in ANSWERS, (column, value, url)
                    # Who mirrors the log gets its entries as they are: the tree tells if they hold.
                    if "/entries/" not in url:
                        assert MARK.encode() not in body, (column, value, url)
    assert tried > 3

"""The versions of an SQLite audit store's tables, and the way from each to the next.

A store says its version in ``meta`` (``schema``), and ``migrations`` when each was reached. Each
step runs in the transaction that opens the store for writing, so a store is of one version or of
the next. A newer store than this code knows is refused.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

__all__ = ["STEPS", "VERSION", "migrate"]

_FIRST: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE writers (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        wseq INTEGER NOT NULL,
        chain BLOB NOT NULL,
        head TEXT NOT NULL)""",
    """CREATE TABLE segments (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        writer INTEGER NOT NULL REFERENCES writers (number),
        envelope BLOB NOT NULL)""",
    """CREATE TABLE records (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        writer INTEGER NOT NULL REFERENCES writers (number),
        wseq INTEGER NOT NULL,
        header BLOB NOT NULL,
        chain BLOB NOT NULL,
        stage TEXT NOT NULL,
        request TEXT,
        subject TEXT,
        tenant TEXT,
        model TEXT,
        upstream TEXT,
        route TEXT,
        decision TEXT,
        status INTEGER,
        tags TEXT,
        UNIQUE (writer, wseq))""",
    """CREATE TABLE sealed (
        seq INTEGER PRIMARY KEY REFERENCES records (seq),
        segment INTEGER NOT NULL REFERENCES segments (number),
        ciphertext BLOB NOT NULL)""",
)

_TREE: Final = (
    "CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL)",
    "ALTER TABLE writers ADD COLUMN closed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE writers ADD COLUMN seen INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE salts (
        number INTEGER PRIMARY KEY,
        segment INTEGER NOT NULL REFERENCES segments (number),
        subject TEXT NOT NULL,
        issuer TEXT NOT NULL,
        tenant TEXT NOT NULL,
        sealed BLOB NOT NULL,
        UNIQUE (subject, issuer, tenant, segment))""",
    """CREATE TABLE tiles (
        level INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hashes BLOB NOT NULL,
        PRIMARY KEY (level, number)) WITHOUT ROWID""",
    """CREATE TABLE checkpoints (
        number INTEGER PRIMARY KEY,
        size INTEGER NOT NULL,
        time INTEGER NOT NULL,
        note TEXT NOT NULL)""",
    """CREATE TABLE lease (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        holder TEXT NOT NULL,
        token INTEGER NOT NULL,
        until INTEGER NOT NULL,
        size INTEGER NOT NULL)""",
    "INSERT INTO lease VALUES (1, '', 0, 0, 0)",
    """CREATE TABLE blocks (
        number INTEGER PRIMARY KEY,
        earliest INTEGER NOT NULL,
        latest INTEGER NOT NULL)""",
    """CREATE TABLE postings (
        block INTEGER NOT NULL,
        term INTEGER NOT NULL,
        bits BLOB NOT NULL,
        PRIMARY KEY (block, term)) WITHOUT ROWID""",
    "CREATE INDEX records_request ON records (request) WHERE request IS NOT NULL",
    """CREATE TABLE blind (
        token INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (token, seq)) WITHOUT ROWID""",
    "CREATE INDEX blind_seq ON blind (seq)",
    """CREATE TABLE cursors (
        name TEXT PRIMARY KEY,
        position INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE holds (
        number INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        reason TEXT NOT NULL,
        by TEXT NOT NULL,
        since INTEGER NOT NULL)""",
    "INSERT INTO meta VALUES ('erasures', '0')",
)

_MERGED: Final = (
    """CREATE TABLE merged (
        level INTEGER NOT NULL,
        span INTEGER NOT NULL,
        term INTEGER NOT NULL,
        block INTEGER NOT NULL,
        bits BLOB NOT NULL,
        PRIMARY KEY (level, span, term, block)) WITHOUT ROWID""",
    """CREATE TABLE merging (
        level INTEGER PRIMARY KEY,
        blocks INTEGER NOT NULL,
        piece INTEGER NOT NULL)""",
    "INSERT INTO merging VALUES (1, 0, 0), (2, 0, 0)",
)

_GROWING: Final = (
    # Also so that a gateway of before, which is still running, sees none of them: to it each block
    # would be full.
    "ALTER TABLE blocks RENAME COLUMN number TO block",
    "ALTER TABLE blocks ADD COLUMN records INTEGER NOT NULL DEFAULT 4096",
)

STEPS: Final = (_FIRST, _TREE, _MERGED, _GROWING)
"""The statements that lead to version 1, from there to version 2, and so on."""

VERSION: Final = len(STEPS)
"""The version of the tables that this code reads and writes."""


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """Brings a store to ``VERSION``, inside the transaction that is open.

    Args:
        connection: To the store.
        found: The store's version; 0 where the file is new.
    """
    if found == VERSION:
        return
    for statements in STEPS[found:]:
        for statement in statements:
            connection.execute(statement)
    now = round(time.time() * 1000)
    connection.executemany(
        "INSERT INTO migrations VALUES (?, ?)",
        [(version, now) for version in range(found + 1, VERSION + 1)],
    )
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(VERSION),))
    if found == 0:
        connection.execute("INSERT INTO meta VALUES ('store', ?)", (os.urandom(8).hex(),))

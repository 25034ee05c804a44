"""The tables of an audit store in PostgreSQL, and the way from each version to the next.

Versions count as in ``gateway.audit.store.migrations``; PostgreSQL joined at 2. Readers see the
same tables with the same columns as in SQLite: those that differ here are views, in a schema beside
the store's own.

Writers write ``entries`` and ``parts``, each its own records, in no common order. ``leaves`` gives
them the one order of the log, and what has no leaf yet no reader sees: neither the records nor the
head that they lead to.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from psycopg import sql

from gateway.audit.store.base import StoreGone
from gateway.audit.store.migrations import VERSION
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from gateway.audit.store.postgres_link import Link

__all__ = ["STEPS", "check_schema", "migrate", "schema_version", "store_id"]

_LOCK: Final = 7_166_071_505
"""Whoever makes or changes the tables holds this advisory lock."""

_TABLES: Final = (
    # Not by to_regclass: what that says of a table that is missing may be old.
    "SELECT relname FROM pg_class WHERE relname IN ('meta', 'entries')"
    " AND relnamespace = quote_ident(current_schema())::regnamespace"
)

_PARTITIONS: Final = """
CREATE FUNCTION make_partitions(ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    month timestamp;
    suffix text;
    floors text[];
    parent text;
BEGIN
    PERFORM pg_advisory_xact_lock(7166071506);
    FOR n IN 0..ahead LOOP
        month := date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month';
        suffix := to_char(month, 'YYYYMM');
        SELECT array_agg(left(digits, 8) || '-' || right(digits, 4) ORDER BY digits) INTO floors
        FROM (SELECT lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') AS digits
              FROM (VALUES (month), (month + interval '1 month')) AS bounds (moment)) AS hex;
        FOREACH parent IN ARRAY ARRAY['entries', 'parts'] LOOP
            CONTINUE WHEN to_regclass(parent || '_' || suffix) IS NOT NULL;
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)',
                               parent || '_' || suffix, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                               parent, parent || '_' || suffix, floors[1], floors[2]);
            EXCEPTION WHEN check_violation THEN
                -- Records of that month stand with those of other times already: they stay there.
                NULL;
            END;
        END LOOP;
    END LOOP;
END $$
"""

_ORDER: Final = """
CREATE FUNCTION order_entries(waits boolean, most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    base bigint;
    added bigint;
BEGIN
    SELECT sum(w.wseq - coalesce(o.wseq, -2)) INTO added
    FROM writers w LEFT JOIN ordered o ON o.writer = w.number
    WHERE w.closed <> 1 AND w.wseq > coalesce(o.wseq, -2);
    IF added IS NULL THEN
        RETURN 0;
    ELSIF added > most THEN
        RETURN -2;
    END IF;
    IF waits THEN
        SELECT seq INTO base FROM ordering WHERE id = 1 FOR UPDATE;
    ELSE
        SELECT seq INTO base FROM ordering WHERE id = 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            RETURN -1;
        END IF;
    END IF;
    -- A statement of its own: it sees what was committed before the lock was had.
    WITH behind AS MATERIALIZED (
        SELECT w.number, w.wseq, w.chain, w.head, coalesce(o.wseq, -2) AS done
        FROM writers w LEFT JOIN ordered o ON o.writer = w.number
        WHERE w.closed <> 1 AND w.wseq > coalesce(o.wseq, -2)),
    run AS (
        -- Two entries under one number are somebody else's work; the chain says which is none of
        -- ours.
        SELECT DISTINCT ON (e.writer, e.wseq) e.writer, e.wseq, e.id
        FROM behind b JOIN entries e
            ON e.writer = b.number AND e.wseq > b.done AND e.wseq <= b.wseq
        ORDER BY e.writer, e.wseq, e.id),
    moved AS (
        INSERT INTO ordered (writer, wseq, chain, head)
        SELECT number, wseq, chain, head FROM behind
        ON CONFLICT (writer) DO UPDATE
        SET wseq = excluded.wseq, chain = excluded.chain, head = excluded.head)
    INSERT INTO leaves (seq, writer, wseq, id)
    SELECT base + row_number() OVER (ORDER BY writer, wseq), writer, wseq, id FROM run;
    GET DIAGNOSTICS added = ROW_COUNT;
    UPDATE ordering SET seq = base + added WHERE id = 1;
    RETURN added;
END $$
"""

_FIRST: Final = (
    "CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL)",
    "CREATE TABLE migrations (version integer PRIMARY KEY, applied bigint NOT NULL)",
    """CREATE TABLE writers (
        number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        id text NOT NULL UNIQUE,
        wseq bigint NOT NULL,
        chain bytea NOT NULL,
        head text NOT NULL,
        closed integer NOT NULL DEFAULT 0,
        seen bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50)""",
    # Of those whose end is recorded nothing waits for its place; there will be thousands.
    "CREATE INDEX ON writers (number) WHERE closed <> 1",
    """CREATE TABLE segments (
        number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        id text NOT NULL UNIQUE,
        writer bigint NOT NULL REFERENCES writers (number),
        envelope bytea NOT NULL)""",
    """CREATE TABLE entries (
        id text COLLATE "C" NOT NULL,
        writer bigint NOT NULL,
        wseq bigint NOT NULL,
        header bytea NOT NULL,
        chain bytea NOT NULL,
        stage text NOT NULL,
        request text,
        subject text,
        tenant text,
        model text,
        upstream text,
        route text,
        decision text,
        status integer,
        tags text,
        PRIMARY KEY (id)) PARTITION BY RANGE (id)""",
    "CREATE INDEX ON entries (writer, wseq)",
    "CREATE INDEX ON entries (request) WHERE request IS NOT NULL",
    "CREATE INDEX ON entries (writer, wseq) WHERE stage = 'audit.erased'",
    """CREATE TABLE parts (
        id text COLLATE "C" NOT NULL,
        segment bigint NOT NULL,
        ciphertext bytea NOT NULL,
        PRIMARY KEY (id)) PARTITION BY RANGE (id)""",
    # Sealed bytes do not get smaller.
    "ALTER TABLE parts ALTER COLUMN ciphertext SET STORAGE EXTERNAL",
    "CREATE TABLE entries_other PARTITION OF entries DEFAULT",
    "CREATE TABLE parts_other PARTITION OF parts DEFAULT",
    """CREATE TABLE leaves (
        seq bigint PRIMARY KEY,
        writer bigint NOT NULL,
        wseq bigint NOT NULL,
        id text COLLATE "C" NOT NULL UNIQUE,
        UNIQUE (writer, wseq))""",
    """CREATE TABLE ordered (
        writer bigint PRIMARY KEY,
        wseq bigint NOT NULL,
        chain bytea NOT NULL,
        head text NOT NULL) WITH (fillfactor = 50)""",
    """CREATE TABLE ordering (
        id integer PRIMARY KEY CHECK (id = 1),
        seq bigint NOT NULL) WITH (fillfactor = 50)""",
    "INSERT INTO ordering VALUES (1, 0)",
    """CREATE TABLE salts (
        number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        segment bigint NOT NULL REFERENCES segments (number),
        subject text NOT NULL,
        issuer text NOT NULL,
        tenant text NOT NULL,
        sealed bytea NOT NULL,
        UNIQUE (subject, issuer, tenant, segment))""",
    """CREATE TABLE tiles (
        level integer NOT NULL,
        number bigint NOT NULL,
        hashes bytea NOT NULL,
        PRIMARY KEY (level, number))""",
    """CREATE TABLE checkpoints (
        number bigint PRIMARY KEY,
        size bigint NOT NULL,
        time bigint NOT NULL,
        note text NOT NULL)""",
    """CREATE TABLE lease (
        id integer PRIMARY KEY CHECK (id = 1),
        holder text NOT NULL,
        token bigint NOT NULL,
        until bigint NOT NULL,
        size bigint NOT NULL)""",
    "INSERT INTO lease VALUES (1, '', 0, 0, 0)",
    """CREATE TABLE blocks (
        number bigint PRIMARY KEY,
        earliest bigint NOT NULL,
        latest bigint NOT NULL)""",
    """CREATE TABLE postings (
        block bigint NOT NULL,
        term bigint NOT NULL,
        bits bytea NOT NULL,
        PRIMARY KEY (block, term))""",
    """CREATE TABLE tokens (
        token bigint NOT NULL,
        writer bigint NOT NULL,
        wseq bigint NOT NULL,
        PRIMARY KEY (token, writer, wseq))""",
    "CREATE INDEX ON tokens (writer, wseq)",
    "CREATE TABLE cursors (name text PRIMARY KEY, position bigint NOT NULL)",
    """CREATE TABLE holds (
        number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        value text NOT NULL,
        reason text NOT NULL,
        by text NOT NULL,
        since bigint NOT NULL)""",
    "INSERT INTO meta VALUES ('erasures', '0')",
    _PARTITIONS,
    _ORDER,
    "REVOKE ALL ON FUNCTION order_entries FROM PUBLIC",
    "REVOKE ALL ON FUNCTION make_partitions FROM PUBLIC",
    "CREATE SCHEMA {views}",
    """CREATE VIEW {views}.records AS
        SELECT l.seq, e.id, e.writer, e.wseq, e.header, e.chain, e.stage, e.request, e.subject,
            e.tenant, e.model, e.upstream, e.route, e.decision, e.status, e.tags
        FROM leaves l JOIN entries e ON e.id = l.id""",
    """CREATE VIEW {views}.sealed AS
        SELECT l.seq, p.segment, p.ciphertext FROM leaves l JOIN parts p ON p.id = l.id""",
    """CREATE VIEW {views}.blind AS
        SELECT t.token, l.seq FROM tokens t
        JOIN leaves l ON l.writer = t.writer AND l.wseq = t.wseq""",
    """CREATE VIEW {views}.writers AS
        SELECT w.number, w.id, o.wseq, o.chain, o.head, w.closed, w.seen
        FROM writers w JOIN ordered o ON o.writer = w.number""",
)

_MERGED: Final = (
    """CREATE TABLE merged (
        level integer NOT NULL,
        span bigint NOT NULL,
        term bigint NOT NULL,
        block bigint NOT NULL,
        bits bytea NOT NULL,
        PRIMARY KEY (level, span, term, block))""",
    """CREATE TABLE merging (
        level integer PRIMARY KEY,
        blocks bigint NOT NULL,
        piece bigint NOT NULL)""",
    "INSERT INTO merging VALUES (1, 0, 0), (2, 0, 0)",
)

_GROWING: Final = (
    "ALTER TABLE blocks RENAME COLUMN number TO block",
    "ALTER TABLE blocks ADD COLUMN records integer NOT NULL DEFAULT 4096",
)

STEPS: Final = {2: _FIRST, 3: _MERGED, 4: _GROWING}
"""The statements that lead to each version from the one before it."""


def migrate(link: Link) -> None:
    """Makes the tables, or brings them to ``VERSION``; one process at a time, all or nothing.

    Raises:
        AuditUnavailable: The database holds something else, or a newer store.
        psycopg.Error: The database does not let it.
    """
    with link.transaction():
        link.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        found = schema_version(link)
        if found == VERSION:
            return
        (schema,) = link.execute("SELECT current_schema()").fetchone() or ("",)
        names = {"schema": sql.Identifier(str(schema)), "views": sql.Identifier(f"{schema}_read")}
        for version in (one for one in sorted(STEPS) if one > found):
            for statement in STEPS[version]:
                link.execute(sql.SQL(statement).format(**names))
            now = round(time.time() * 1000)
            link.execute("INSERT INTO migrations VALUES (%s, %s)", (version, now))
        if not found:
            link.execute("INSERT INTO meta VALUES ('store', %s)", (os.urandom(8).hex(),))
            link.execute("INSERT INTO meta VALUES ('schema', '')")
        link.execute("UPDATE meta SET value = %s WHERE key = 'schema'", (str(VERSION),))


def check_schema(link: Link) -> str:
    """The random id of the store behind a connection.

    Raises:
        StoreGone: There is no store.
        AuditUnavailable: The database holds something else, or a store of another version.
    """
    version = schema_version(link)
    if not version:
        raise StoreGone("the store's tables are gone")
    if version < VERSION:
        raise AuditUnavailable(
            f"the store has schema {version}, this gateway reads {VERSION}: a gateway that is"
            " started on it, or `gateway check`, brings it there"
        )
    return store_id(link)


def store_id(link: Link) -> str:
    """The random id of the store behind a connection; nothing where it has none."""
    row = link.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()
    return row[0] if row else ""


def schema_version(link: Link) -> int:
    """The version of the store behind a connection; 0 where there is none.

    Raises:
        AuditUnavailable: The tables are none of an audit store, or those of a newer one.
    """
    found = link.execute(_TABLES).fetchall()
    if not found:
        return 0
    if len(found) == 1:
        raise AuditUnavailable("the database is no audit store")
    row = link.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    version = row[0] if row else ""
    if not version.isdecimal() or not 1 <= int(version) <= VERSION:
        raise AuditUnavailable(
            f"the store has schema {version or '?'}, this gateway knows up to {VERSION}:"
            " use the newer gateway"
        )
    return int(version)

"""Fills an audit store with many records that look like a year of traffic, fast.

Each goes through the store as a writer's would: the columns, the sizes and the order are real. The
chain is not: hashing and sealing are what the other benches measure.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.audit.head import Head
from gateway.audit.indexing import index
from gateway.audit.merging import merge
from gateway.audit.record import Actor, Coverage, FindingNote, PolicyNote, Record, Source, Timing
from gateway.audit.store.base import Batch, Entry
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.store.schema import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["START", "YEAR", "fill"]

YEAR: Final = 365 * 86_400_000
START: Final = 1_735_689_600_000
_BATCH: Final = 512
_KINDS: Final = 4000
_ENTITIES: Final = ("EMAIL_ADDRESS", "PERSON", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN")


def fill(url: str, records: int, seed: int = 7) -> float:
    """Makes the store, writes the records, indexes and merges them; gives seconds spent writing.

    Among the values: ``decision`` allow (most) to deny, ``actor`` user-0 to user-19999 with a long
    tail, ``once`` as the actor, model, route, tenant, upstream, role, rule, scanner and entity of
    one record in the middle.
    """
    chance = random.Random(seed)  # noqa: S311 - a load, not a secret
    headers = [_header(chance) for _ in range(_KINDS)]
    store = open_store(url, 5.0, "make")
    began = time.perf_counter()
    for start in range(0, records, _BATCH):
        size = min(_BATCH, records - start)
        entries = list(_entries(chance, headers, start, size, records))
        head = Head("writer", start + size - 1, bytes(32))
        store.write(Batch(entries, {}, head, "note"))
        store.tidy()
    spent = time.perf_counter() - began
    with open_reader(url) as reader:
        while index(reader, store):
            pass
        while merge(reader, store):
            store.tidy()
    store.close()
    return spent


def _entries(
    chance: random.Random,
    headers: list[tuple[bytes, tuple[Any, ...]]],
    start: int,
    size: int,
    records: int,
) -> Iterator[Entry]:
    for number in range(start, start + size):
        raw, values = headers[chance.randrange(_KINDS)]
        if number == records // 2:
            raw, values = _once()
        moment = START + number * YEAR // records
        name = _uuid(moment, number)
        # An intent and its outcome share a request.
        call = _uuid(moment, number // 2 | 1 << 40)
        raw = raw.replace(b"@id@", name.encode(), 1).replace(b"@request@", call.encode(), 1)
        yield Entry(name, number, raw, bytes(32), (values[0], call, *values[2:]))


def _uuid(moment: int, number: int) -> str:
    text = f"{moment:012x}7000{number | 2 << 62:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _header(chance: random.Random) -> tuple[bytes, tuple[Any, ...]]:
    decision = chance.choices(
        ("allow", "flag", "tokenise", "redact", "block", "deny"), (80, 6, 5, 4, 3, 2)
    )[0]
    status = {"block": 400, "deny": 403}.get(decision, 200)
    user = int(20_000 * chance.random() ** 3)
    tenant = f"tenant-{user % 40}"
    model = chance.choice(("gpt-5", "gpt-5-mini", "claude-haiku", "claude-sonnet", "gemini-pro"))
    findings: tuple[FindingNote, ...] = ()
    if decision not in {"allow", "deny"}:
        entity = chance.choices(_ENTITIES, (40, 30, 20, 5, 4, 1))[0]
        findings = (FindingNote("pii", entity, "/messages/1/content", 0.9, decision),)
    return _spell(
        Record(
            stage=chance.choice(("intent", "outcome")),
            request="@request@",
            tenant=tenant,
            actor=Actor(f"user-{user}", "https://login.example.com/", _roles(user)),
            source=Source(f"192.0.2.{user % 250}", "OpenAI/Python 1.99.1"),
            route=chance.choice(("chat.completions", "messages", "responses", "embeddings")),
            format="openai",
            upstream="anthropic" if "claude" in model else "openai",
            model=model,
            stream=chance.random() < 0.5,
            decision=decision,
            rules=(f"rule-{user % 30}",) if decision != "deny" else ("nobody",),
            findings=findings,
            coverage=Coverage(900, 900, {"pii": "clean", "secrets": "clean", "injection": "clean"}),
            status=status,
            timing=Timing(1.25, 431.5, 120.25),
            policy=PolicyNote(7, "sha256:" + "0" * 64),
        )
    )


def _once() -> tuple[bytes, tuple[Any, ...]]:
    return _spell(
        Record(
            stage="audit.read",
            request="@request@",
            tenant="once",
            actor=Actor("once", None, ("once",)),
            route="once",
            upstream="once",
            model="once",
            decision="allow",
            rules=("once",),
            findings=(FindingNote("once", "once", "/x", 0.5, "flag"),),
            status=418,
        )
    )


def _roles(user: int) -> tuple[str, ...]:
    return ("employee", f"team-{user % 25}")


def _spell(record: Record) -> tuple[bytes, tuple[Any, ...]]:
    """A header with room for its ids, and its columns."""
    header = {**record.header("writer", 0), "id": "@id@"}
    return orjson.dumps(header), columns(header)

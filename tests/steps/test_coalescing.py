"""Repeats are counted, and nothing of them is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.record import Actor, Record, Source
from gateway.errors import AuditUnavailable
from gateway.ids import uuid7
from gateway.steps.coalescing import Coalescer

if TYPE_CHECKING:
    from collections.abc import Sequence


class Book:
    """Where records go; ``broken`` refuses them."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.broken = False
        self._changed = asyncio.Condition()

    async def until(self, heard: int) -> None:
        """Waits for records that stand for so many events."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.heard() >= heard)

    async def append(self, record: Record) -> None:
        if self.broken:
            raise AuditUnavailable("the disk is full")
        async with self._changed:
            self.records.append(record)
            self._changed.notify_all()

    async def say(self, coalescer: Coalescer, record: Record, content: bytes = b"") -> str | None:
        first = coalescer.repeats(record, content)
        if first is None:
            await self.append(record)
        return first

    def heard(self) -> int:
        """How many events the records stand for."""
        return sum((one.detail or {}).get("repeats", 1) for one in self.records)


def refusal(who: str = "eve", **changes: Any) -> Record:
    values: dict[str, Any] = {
        "stage": "outcome", "request": uuid7(), "actor": Actor(who), "source": Source("127.0.0.1"),
        "decision": "deny", "status": 401, "error": "unauthenticated: expired",
    }  # fmt: skip
    return Record(**{**values, **changes})


async def _flood(kinds: Sequence[str], window: float) -> Book:
    book = Book()
    coalescer = Coalescer(book.append, window=window)
    for who in kinds:
        await book.say(coalescer, refusal(who))
        await asyncio.sleep(0)
    await coalescer.close()
    return book


@given(st.lists(st.sampled_from("abc"), max_size=60), st.sampled_from([0.0, 60.0]))
def test_every_event_is_written_or_counted_once(kinds: list[str], window: float) -> None:
    book = asyncio.run(_flood(kinds, window))
    assert book.heard() == len(kinds)
    for who in set(kinds):
        mine = [one for one in book.records if one.actor == Actor(who)]
        assert sum((one.detail or {}).get("repeats", 1) for one in mine) == kinds.count(who)
        assert window == 0.0 or len(mine) <= 4


async def test_a_count_says_how_many_when_and_of_what() -> None:
    book = Book()
    coalescer = Coalescer(book.append, window=60)
    said = [refusal() for _ in range(10)]
    found = [await book.say(coalescer, one) for one in said]
    assert found == [None] * 3 + [said[0].request] * 7
    await coalescer.close()
    assert book.records[:3] == said[:3]
    (counted,) = book.records[3:]
    assert counted.detail == {
        "repeats": 7, "first": said[3].time, "last": said[9].time, "of": said[0].id,
    }  # fmt: skip
    assert (counted.request, counted.status, counted.actor) == (said[0].request, 401, Actor("eve"))
    assert counted.id not in {one.id for one in said}


@pytest.mark.parametrize(
    "changes",
    [
        {"who": "mallory"},
        {"source": Source("127.0.0.2")},
        {"status": 403},
        {"error": "unauthenticated: no key"},
        {"route": "messages"},
        {"tenant": "acme"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_another_event_is_no_repeat(changes: dict[str, Any]) -> None:
    book = Book()
    coalescer = Coalescer(book.append, window=60)
    for _ in range(5):
        await book.say(coalescer, refusal())
    assert await book.say(coalescer, refusal(**changes)) is None
    assert await book.say(coalescer, refusal(), b"another body") is None
    await coalescer.close()


async def test_a_window_that_ends_writes_the_count_and_goes_on() -> None:
    book = Book()
    coalescer = Coalescer(book.append, window=0.01)
    for _ in range(6):
        await book.say(coalescer, refusal())
    await book.until(6)
    assert (book.records[3].detail or {})["repeats"] == 3
    await coalescer.close()
    assert book.heard() == 6


async def test_what_cannot_be_written_is_counted_on() -> None:
    book = Book()
    coalescer = Coalescer(book.append, window=0.01)
    for _ in range(6):
        await book.say(coalescer, refusal())
    book.broken = True
    await asyncio.sleep(0.1)
    assert len(book.records) == 3
    book.broken = False
    await book.until(6)
    await coalescer.close()
    assert book.heard() == 6


async def test_what_was_counted_is_written_together_at_the_end() -> None:
    written, together = 0, asyncio.Event()

    async def append(record: Record) -> None:
        nonlocal written
        if record.detail is not None:
            written += 1
            together.set() if written == 5 else None
            await together.wait()

    coalescer = Coalescer(append, window=60)
    for who in "abcde" * 10:
        record = refusal(who)
        if coalescer.repeats(record) is None:
            await append(record)
    async with asyncio.timeout(10):
        await coalescer.close()
    assert written == 5


async def test_too_many_kinds_are_written_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.steps.coalescing._MAX_GROUPS", 2)
    book = Book()
    coalescer = Coalescer(book.append, window=60)
    for who in "abc" * 10:
        await book.say(coalescer, refusal(who))
    await coalescer.close()
    assert book.heard() == 30
    assert sum(one.actor == Actor("c") for one in book.records) == 10

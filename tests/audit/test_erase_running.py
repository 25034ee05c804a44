"""Erasures beside a log that is being written, ordered and read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.audit.erase import erase
from gateway.audit.filters import Filters
from gateway.audit.opened import opened
from gateway.audit.opener import Erased, Opener
from gateway.audit.ordering import start_sequencer
from gateway.audit.query import sealed_events
from gateway.audit.record import Actor, Record
from gateway.audit.salts import Scope
from gateway.audit.writer import AuditLog

if TYPE_CHECKING:
    from tests.audit.conftest import House


def _readable(house: House) -> dict[str, bool]:
    """Of each record of a request, by its id, whether the auditor opens it."""
    opener, found = Opener(house.auditor), {}
    for event in sealed_events(house.url, Filters(stage="intent")):
        try:
            found[event.header["id"]] = opened(event, opener)["prompt"] != ""
        except Erased:
            found[event.header["id"]] = False
    return found


async def test_everything_acknowledged_before_is_unreadable_and_everything_after_is_readable(
    any_house: House,
) -> None:
    settings = any_house.settings(deadline="10s")
    log = AuditLog.open(settings)
    sequencer = start_sequencer(settings, log)
    written: dict[str, list[str]] = {"alice": [], "bob": []}
    ended, grown = asyncio.Event(), asyncio.Condition()

    async def talk(name: str, size: int) -> None:
        while not ended.is_set():
            record = Record("intent", actor=Actor(name))
            written[name].append(await log.append(record, {"prompt": "x" * size}))
            async with grown:
                grown.notify_all()

    # Large texts are sealed in their own place, and must come back from it.
    talkers = [asyncio.create_task(talk(*one)) for one in
               [("alice", 10), ("alice", 300_000), ("bob", 10), ("bob", 300_000)]]  # fmt: skip

    async def more() -> int:
        """How many of alice's are written, once there are some more."""
        enough = len(written["alice"]) + 6
        async with grown:
            await grown.wait_for(lambda: len(written["alice"]) >= enough)
        return len(written["alice"])

    before = 0
    for _ in range(4):
        before = await more()
        await asyncio.to_thread(erase, any_house.url, any_house.keys, Scope("alice"), by="carol")
    after = len(written["alice"]) + 2  # Those on their way may be on either side.
    await more()
    ended.set()
    await asyncio.gather(*talkers)
    await log.close()
    await asyncio.to_thread(sequencer.stop, 10.0)

    assert log.dropped == 0
    readable = await asyncio.to_thread(_readable, any_house)
    assert set(readable) == {*written["alice"], *written["bob"]}
    assert all(readable[one] for one in written["bob"])
    assert not any(readable[one] for one in written["alice"][:before])
    assert all(readable[one] for one in written["alice"][after:])
    report = await asyncio.to_thread(any_house.verify)
    assert report.flaws == ()
    assert report.erased == sum(not one for one in readable.values())

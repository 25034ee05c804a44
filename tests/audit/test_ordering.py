from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from gateway.audit.filters import Filters
from gateway.audit.note import Signer
from gateway.audit.ordering import start_sequencer
from gateway.audit.query import events
from gateway.audit.store.opening import open_reader
from gateway.audit.writer import AuditLog

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from gateway.audit.record import Record
    from gateway.audit.sequencer import Sequencer
    from tests.audit.conftest import House


async def _until(condition: Callable[[], bool]) -> None:
    def wait() -> None:
        while not condition():
            time.sleep(0.01)

    await asyncio.to_thread(wait)


async def _end(log: AuditLog, sequencer: Sequencer) -> None:
    await log.close()
    await asyncio.to_thread(sequencer.stop, 10.0)


async def test_what_the_log_writes_is_ordered_to_its_end(
    house: House, new_record: Callable[..., Record]
) -> None:
    log = AuditLog.open(house.settings())
    sequencer = start_sequencer(house.settings(), log)
    for _ in range(3):
        await log.append(new_record())
    await _until(lambda: sequencer.size == 4)
    await _end(log, sequencer)
    assert sequencer.newest is not None
    assert read_checkpoint(sequencer.newest.note, [house.vkey]).checkpoint.size == 5


async def test_the_end_of_a_vanished_writer_is_recorded_by_the_own_writer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    vanished = house.ledger().head
    monkeypatch.setattr("gateway.audit.watch.PATIENCE", 1.5)
    monkeypatch.setattr("gateway.audit.watch.PACE", 0.0)
    monkeypatch.setattr("gateway.audit.ledger._SIGN", 0.0)
    monkeypatch.setattr("gateway.audit.writer._IDLE", 0.05)
    log = AuditLog.open(house.settings())
    sequencer = start_sequencer(house.settings(), log)

    def closed() -> list[str]:
        with open_reader(house.url) as reader:
            return [name for (name,) in reader.rows("SELECT id FROM writers WHERE closed = 1")]

    await _until(lambda: closed() == [vanished.writer])
    await _end(log, sequencer)
    (lost,) = events(house.url, Filters(stage="writer.lost")).events
    assert lost["writer"] == log.writer
    assert lost["detail"] == {
        "writer": vanished.writer, "wseq": 0, "chain": vanished.chain.hex(),
    }  # fmt: skip
    assert house.verify().ok


async def test_an_anchor_may_be_signed_by_a_key_that_the_log_had_before(house: House) -> None:
    house.ledger().close()
    kept = house.order()
    tree = read_checkpoint(kept.note, [house.vkey]).checkpoint
    former = house.keys.signer
    later = Signer.of(former.name, Ed25519PrivateKey.generate())
    (house.folder / "keys/log.key").write_text(later.secret())
    (house.folder / "keys/log.vkey").write_text(f"{later.verifier}\n{former.verifier}\n")
    log = AuditLog.open(house.settings())
    note = sign_checkpoint(Checkpoint(tree.origin, tree.size, tree.root), former, int(time.time()))
    sequencer = start_sequencer(house.settings(), log, lambda _: note)
    await _until(lambda: sequencer.size >= 3)
    assert sequencer.problem is None
    await _end(log, sequencer)

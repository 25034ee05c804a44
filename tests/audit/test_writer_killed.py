from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.audit.store.sqlite_reader import SqliteReader

if TYPE_CHECKING:
    from tests.audit.conftest import House

_ROOT = Path(__file__).parents[2]
_CHILD = """
import asyncio, sys
from pathlib import Path
from gateway.audit.record import Record
from gateway.audit.writer import AuditLog
from gateway.settings import AuditSettings

folder = Path(sys.argv[1])
settings = AuditSettings(
    store=f"sqlite:///{folder}/audit.db",
    recipients=[folder / "keys/auditor.pub"],
    signing_key=folder / "keys/log.key",
)

async def work(log):
    while True:
        print(await log.append(Record("intent"), {"prompt": "x" * 2000}), flush=True)

async def main():
    log = AuditLog.open(settings)
    await asyncio.gather(*(work(log) for _ in range(16)))

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_kill_9_loses_nothing_that_was_acknowledged(house: House, seed: int) -> None:
    acknowledged: set[str] = set()
    chance = random.Random(seed)  # noqa: S311 - a moment, not a secret
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(house.folder)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
        ) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.3))
            child.send_signal(signal.SIGKILL)
            lines = (first + child.stdout.read()).decode().split("\n")
        # The last line may have been cut by the kill.
        acknowledged.update(lines[:-1])
    with SqliteReader(house.path) as reader:
        stored = {row[0] for row in reader.rows("SELECT id FROM records")}
    assert len(acknowledged) > 16
    assert acknowledged <= stored
    report = house.verify()
    assert report.ok
    assert len(report.writers) == 2
    house.ledger().close()
    assert house.verify().ok

"""``python -m bench.audit_tree``: what ordering the log costs its writer, and how fast proofs are.

First one gateway process's audit log takes sealed records from many callers at once, strictly: for
some seconds alone and for some with the sequencer beside it, in turns. Then a store of a million
records is put in order, single records are proved, and the proofs are checked.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.audit_records import fill
from bench.figures import show
from gateway.audit.keys import create_keys, load_signer, load_verifiers
from gateway.audit.leading import Leader
from gateway.audit.ordering import start_sequencer
from gateway.audit.proof import verify_proof
from gateway.audit.record import Actor, Record
from gateway.audit.store.opening import open_reader, open_tree
from gateway.audit.stored_tree import prove
from gateway.audit.writer import AuditLog
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from gateway.audit.sequencer import Sequencer

_TEXT: Final = b'{"prompt":"' + b"x" * 1024 + b'"}'
_ACTOR: Final = Actor("user-1", "https://login.example.com/", ("employee", "team-7"))
_PROOFS: Final = 500
_SHOWN: Final = (
    ("rate", "records/s"),
    ("cpu", "CPU µs per record"),
    ("p50", "p50 ms"),
    ("p99", "p99 ms"),
)


def _settings(folder: Path) -> AuditSettings:
    return AuditSettings.model_validate(
        {
            "store": f"sqlite:///{folder}/audit.db",
            "recipients": (folder / "keys/auditor.pub",),
            "signing_key": folder / "keys/log.key",
            "deadline": "30s",
        }
    )


def _record() -> Record:
    return Record(
        stage="intent",
        request="request",
        tenant="tenant",
        actor=_ACTOR,
        route="chat.completions",
        upstream="openai",
        model="gpt-5-mini",
        decision="allow",
        rules=("chat",),
        status=200,
    )


async def _write(log: AuditLog, callers: int, seconds: float) -> list[float]:
    """Milliseconds of each record, from callers that each wait for their last one."""
    spent: list[float] = []
    end = time.perf_counter() + seconds

    async def caller() -> None:
        while (began := time.perf_counter()) < end:
            await log.append(_record(), bytearray(_TEXT))
            spent.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return spent


async def _round(folder: Path, callers: int, seconds: float, *, ordered: bool) -> dict[str, Any]:
    settings = _settings(folder)
    log = AuditLog.open(settings)
    sequencer: Sequencer | None = start_sequencer(settings, log) if ordered else None
    cpu = time.process_time()
    spent = await _write(log, callers, seconds)
    cpu = (time.process_time() - cpu) * 1e6 / len(spent)
    lag = 0.0
    if sequencer is not None:
        began = time.perf_counter()
        await asyncio.to_thread(_wait, sequencer, len(spent))
        lag = time.perf_counter() - began
    await log.close()
    if sequencer is not None:
        await asyncio.to_thread(sequencer.stop, 30.0)
    cuts = statistics.quantiles(spent, n=100)
    return {"rate": len(spent) / seconds, "p50": cuts[49], "p99": cuts[98], "lag": lag, "cpu": cpu}


def _wait(sequencer: Sequencer, records: int) -> None:
    while sequencer.size < records:
        time.sleep(0.001)


def _beside(callers: int, seconds: float, rounds: int) -> dict[str, Any]:
    found: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for number in range(2 * rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            create_keys(folder / "keys", "log.example")
            ordered = number % 2 == 1
            found[ordered].append(asyncio.run(_round(folder, callers, seconds, ordered=ordered)))
    report: dict[str, Any] = {}
    for ordered, words in ((False, "writer alone"), (True, "with the sequencer")):
        for key, unit in _SHOWN:
            value = statistics.median(one[key] for one in found[ordered])
            report[f"{words}, {callers} callers, {unit}"] = round(value, 1 if key == "rate" else 2)
    lag = max(one["lag"] for one in found[True])
    report["the tree behind the writer at the end, s"] = round(lag, 2)
    return report


def _order(url: str, key: Path) -> float:
    """Seconds for putting everything in order."""
    began = time.perf_counter()
    with closing(open_tree(url, 5.0)) as store:
        leader, more = None, True
        while more:
            with store.turn(store.lead("bench", 60.0) or 0) as turn:
                leader = leader or Leader(turn, load_signer(key), store.id, store.newest(), [])
                more = leader.advance(turn, final=True).more
    return time.perf_counter() - began


def _proofs(records: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        create_keys(folder / "keys", "log.example")
        url = _settings(folder).store
        fill(url, records)
        spent = _order(url, folder / "keys/log.key")
        with open_reader(url) as reader:
            seqs = random.Random(7).sample(range(1, records + 1), _PROOFS)  # noqa: S311 - a load
            ids = [reader.rows("SELECT id FROM records WHERE seq = ?", (s,))[0][0] for s in seqs]
        vkeys = load_verifiers(folder / "keys/log.vkey")
        made, checked = [], []
        for event in ids:
            began = time.perf_counter()
            proof = prove(url, event)
            middle = time.perf_counter()
            assert proof is not None
            verify_proof(proof, proof.extra or b"", vkeys)
            made.append((middle - began) * 1000)
            checked.append((time.perf_counter() - middle) * 1000)
    cuts = statistics.quantiles(made, n=100)
    return {
        f"putting {records} records in order, records/s": round(records / spent),
        f"proof of one of {records} records, p50 ms": round(cuts[49], 2),
        f"proof of one of {records} records, p99 ms": round(cuts[98], 2),
        "checking a proof, p50 ms": round(statistics.median(checked), 2),
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_tree", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each round of writing")
    parser.add_argument("--rounds", type=int, default=3, help="with and without the sequencer")
    parser.add_argument("--callers", type=int, default=512, help="that write at once")
    parser.add_argument("--records", type=int, default=10**6, help="of the store with proofs")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = _beside(chosen.callers, chosen.seconds, chosen.rounds)
    report |= _proofs(chosen.records)
    show(report, as_json=chosen.json)


if __name__ == "__main__":
    main()

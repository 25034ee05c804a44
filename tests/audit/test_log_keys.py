"""What no key of the log has signed is shown to nobody, whatever stands in the store."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.filters import Filters
from gateway.audit.keys import create_signer, load_signer, load_verifiers
from gateway.audit.live import Hub
from gateway.audit.log_keys import LogKeys
from gateway.audit.note import Signer
from gateway.audit.store.opening import open_reader
from gateway.audit.stored_tree import newest_checkpoint, prove
from gateway.errors import AuditUnavailable, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.audit.conftest import House

STORE = "0123456789abcdef"
TIME = 1_800_000_000
WRONG = r"the signature of log\.example is wrong"


@dataclass(frozen=True)
class Log:
    """The key files of a log, and notes of its checkpoint."""

    folder: Path
    signer: Signer

    def note(self, signer: Signer | None = None, store: str = STORE) -> str:
        made = Checkpoint(f"{self.signer.name}/{store}", 7, bytes(32))
        return sign_checkpoint(made, signer or self.signer, TIME)

    def another(self) -> Signer:
        """Somebody else's key under the log's own name."""
        return Signer.of(self.signer.name, Ed25519PrivateKey.generate())

    @property
    def path(self) -> Path:
        return self.folder / "log.key"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    signer = Signer.of("log.example", Ed25519PrivateKey.generate())
    create_signer(tmp_path, signer)
    return Log(tmp_path, signer)


def spoilt(note: str) -> str:
    """The note with a bit of its first signature turned over."""
    text, lines = note.split("\n\n")
    first, *rest = lines.split("\n")
    dash, name, encoded = first.split(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[-1] ^= 1
    spoilt = " ".join((dash, name, base64.b64encode(raw).decode()))
    return "\n\n".join((text, "\n".join((spoilt, *rest))))


def test_a_checkpoint_of_the_log_holds(log: Log) -> None:
    told: list[str] = []
    keys = LogKeys(log.path, told.append)
    for _ in range(2):
        keys.check(log.note(), STORE)
    assert told == []


def test_whatever_the_log_did_not_sign_does_not_hold_and_is_told_once(log: Log) -> None:
    told: list[str] = []
    keys = LogKeys(log.path, told.append)
    false = (spoilt(log.note()), log.note(log.another()), log.note(store="f" * 16))
    for note in false:
        for _ in range(3):
            with pytest.raises(VerificationError):
                keys.check(note, STORE)
    assert [one.partition(": ")[2] for one in told] == [
        "the signature of log.example is wrong",
        "no known key has signed this",
        "the checkpoint is that of another store",
    ]
    keys.check(log.note(), STORE)
    with pytest.raises(VerificationError):
        keys.check(false[2], STORE)
    assert len(told) == 4


def test_what_held_in_one_store_is_looked_at_again_in_another(log: Log) -> None:
    keys = LogKeys(log.path)
    keys.check(log.note(), STORE)
    with pytest.raises(VerificationError, match="another store"):
        keys.check(log.note(), "f" * 16)


def test_the_key_before_and_the_key_after_count(log: Log) -> None:
    following = log.another()
    keys = LogKeys(log.path)
    with pytest.raises(VerificationError):
        keys.check(log.note(following), STORE)
    create_signer(log.folder, following, "log-2", load_verifiers(log.folder / "log.vkey"))
    keys.check(log.note(following), STORE)
    keys.check(log.note(), STORE)
    LogKeys(log.folder / "log-2.key").check(log.note(), STORE)


def test_keys_of_other_names_and_kinds_and_files_that_are_none_do_not_count(log: Log) -> None:
    other = Signer.of("other.example", Ed25519PrivateKey.generate())
    cosigner = log.another()
    create_signer(log.folder, other, "other")
    (log.folder / "witness.vkey").write_text(f"{cosigner.cosigner.verifier}\n")
    (log.folder / "begun.vkey").write_text("log.exam")
    (log.folder / "log.vkey").unlink()
    keys = LogKeys(log.path)
    keys.check(log.note(), STORE)
    for signer in (other, cosigner):
        with pytest.raises(VerificationError):
            keys.check(log.note(signer), STORE)


def house_keys(house: House) -> tuple[LogKeys, list[str]]:
    told: list[str] = []
    signing = house.settings().signing_key
    assert load_signer(signing).verifier == house.vkey
    return LogKeys(signing, told.append), told


async def test_bug_a_checkpoint_with_a_false_signature_was_passed_on(any_house: House) -> None:
    house = any_house
    house.ledger().close()
    kept = house.order()
    keys, told = house_keys(house)
    with open_reader(house.url) as reader:
        event = str(reader.rows("SELECT id FROM records ORDER BY seq LIMIT 1")[0][0])
    assert newest_checkpoint(house.url, keys) == kept.note
    assert prove(house.url, event, keys) is not None
    house.execute("UPDATE checkpoints SET note = ?", spoilt(kept.note))
    for ask in (lambda: newest_checkpoint(house.url, keys), lambda: prove(house.url, event, keys)):
        with pytest.raises(AuditUnavailable, match=WRONG) as caught:
            ask()
        assert house.vkey.name not in caught.value.message
    hub = Hub(house.url, keys=keys)
    start = str(await hub.end())
    stream = await hub.subscribe(Filters(), start)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    house.execute("UPDATE checkpoints SET note = ?", kept.note)
    async with asyncio.timeout(10):
        found = await waiting
    assert (found.kind, orjson.loads(found.data)["note"]) == ("checkpoint", kept.note)
    await stream.aclose()
    await hub.close()
    (sentence,) = told
    assert sentence.endswith(f"does not hold: the signature of {house.vkey.name} is wrong")

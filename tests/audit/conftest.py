from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gateway.audit.keys import (
    create_keys,
    load_auditor,
    load_recipient,
    load_signer,
    load_verifiers,
)
from gateway.audit.leading import Leader
from gateway.audit.ledger import Keys, Ledger
from gateway.audit.record import Actor, FindingNote, Record, Source
from gateway.audit.store.opening import open_tree
from gateway.audit.verify import verify
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.checkpoint import Checkpoint
    from gateway.audit.note import Verifier
    from gateway.audit.recipients import AuditorKey
    from gateway.audit.report import Report
    from gateway.audit.store.tree import Kept


@dataclass(frozen=True, slots=True)
class House:
    """Keys and a place for a store."""

    folder: Path
    keys: Keys
    auditor: AuditorKey
    vkey: Verifier

    @property
    def path(self) -> Path:
        return self.folder / "audit.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def execute(self, sql: str, *values: Any) -> None:
        """Does what the owner of the database can do."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(sql, values)

    def settings(self, **changes: Any) -> AuditSettings:
        values = {
            "store": self.url,
            "recipients": (self.folder / "keys/auditor.pub",),
            "signing_key": self.folder / "keys/log.key",
            "deadline": "1s",
        }
        return AuditSettings.model_validate({**values, **changes})

    def ledger(self, **changes: Any) -> Ledger:
        return Ledger(self.url, self.keys, **{"busy": 0.2, **changes})

    def order(self, *anchors: Checkpoint) -> Kept:
        """Puts all records in order and signs a checkpoint, as a leader does at its end."""
        with closing(open_tree(self.url, 0.2)) as store:
            token = store.lead("test", 60.0) or 0
            more, signed = True, None
            while more:
                with store.turn(token) as turn:
                    signer = self.keys.signer
                    leader = Leader(turn, signer, store.id, store.newest(), anchors)
                    progress = leader.advance(turn, final=True)
                more, signed = progress.more, progress.signed
            store.resign(token)
            newest = signed or store.newest()
        assert newest is not None
        return newest

    def verify(self, **changes: Any) -> Report:
        values = {"store_url": self.url, "vkeys": [self.vkey], "keys": [self.auditor]}
        return verify(**{**values, **changes})


def make_house(folder: Path) -> House:
    create_keys(folder / "keys", "log.example")
    return load_house(folder)


def load_house(folder: Path) -> House:
    keys = folder / "keys"
    return House(
        folder,
        Keys(load_signer(keys / "log.key"), (load_recipient(keys / "auditor.pub"),)),
        load_auditor(keys / "auditor.key"),
        load_verifiers(keys / "log.vkey")[0],
    )


@pytest.fixture(scope="session")
def house_at() -> Callable[[Path], House]:
    return make_house


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_house(tmp_path)


@pytest.fixture(scope="session")
def new_record() -> Callable[..., Record]:
    def record(**changes: Any) -> Record:
        values: dict[str, Any] = {
            "stage": "intent",
            "request": "req-1",
            "tenant": "acme",
            "actor": Actor("alice", "https://id.example", ("analyst", "developer")),
            "source": Source("192.0.2.1", "python/3"),
            "route": "chat.completions",
            "upstream": "openai",
            "model": "gpt-5-mini",
            "decision": "allow",
            "rules": ("chat",),
            "findings": (FindingNote("pii", "CREDIT_CARD", "/messages/0/content", 0.9, "flag"),),
            "status": 200,
        }
        return Record(**{**values, **changes})

    return record

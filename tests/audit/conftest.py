from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
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
from gateway.audit.verify import Trust, verify
from gateway.errors import AuditUnavailable
from gateway.settings import AuditSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from postgres_server import PostgresServer

    from gateway.audit.checkpoint import Checkpoint
    from gateway.audit.ledger import Item
    from gateway.audit.note import Verifier
    from gateway.audit.recipients import AuditorKey
    from gateway.audit.report import Report
    from gateway.audit.store.base import Store, Work
    from gateway.audit.store.tree import Kept


class TidyLedger(Ledger):
    """Tidies after each commit, as an audit log does: PostgreSQL's readers see records then."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.tidy()

    def commit(self, items: Sequence[Item], also: Callable[[Work], None] | None = None) -> None:
        super().commit(items, also)
        self.tidy()


class CutStore:
    """A store whose transactions break off after so many statements."""

    def __init__(self, store: Store, left: int) -> None:
        self._store, self._left = store, left

    @contextlib.contextmanager
    def work(self) -> Iterator[CutStore]:
        with self._store.work() as self._work:
            yield self

    def __getattr__(self, name: str) -> Any:
        self._left -= 1
        if self._left < 0:
            raise AuditUnavailable("cut off")
        return getattr(self._work, name)


@dataclass(frozen=True, slots=True)
class House:
    """Keys and a place for a store."""

    folder: Path
    keys: Keys
    auditor: AuditorKey
    vkey: Verifier
    server: PostgresServer | None = None
    database: str = ""
    ledgers: list[Ledger] = field(default_factory=list)

    @property
    def busy(self) -> float:
        """Seconds to wait for others: short where one locks a file on purpose."""
        return 0.2 if self.server is None else 5.0

    @property
    def path(self) -> Path:
        return self.folder / "audit.db"

    @property
    def url(self) -> str:
        if self.server is not None:
            return self.server.url(self.database)
        return f"sqlite:///{self.path}"

    def execute(self, sql: str, *values: Any) -> None:
        """Does what the owner of the database can do."""
        if self.server is not None:
            self.server.execute(self.database, sql.replace("?", "%s"), values)
            return
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(sql, values)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What the owner of a PostgreSQL database sees."""
        assert self.server is not None
        return self.server.execute(self.database, sql)

    def remove(self) -> None:
        """Takes the store away, as somebody may who means no harm."""
        if self.server is None:
            for path in self.folder.glob("audit.db*"):
                path.unlink()
            return
        self.execute("DROP SCHEMA public_read CASCADE")
        self.execute("DROP SCHEMA public CASCADE")
        self.execute("CREATE SCHEMA public")

    def damage(self, wseq: int) -> None:
        """Puts something else where the headers of records were."""
        table = "records" if self.server is None else "entries"
        self.execute(f"UPDATE {table} SET header = '[]' WHERE wseq = ?", wseq)  # noqa: S608 - made of constants

    def settings(self, **changes: Any) -> AuditSettings:
        values = {
            "store": self.url,
            "recipients": (self.folder / "keys/auditor.pub",),
            "signing_key": self.folder / "keys/log.key",
            "deadline": "1s",
        }
        return AuditSettings.model_validate({**values, **changes})

    def ledger(self, **changes: Any) -> Ledger:
        kind = Ledger if self.server is None else TidyLedger
        ledger = kind(self.url, self.keys, **{"busy": self.busy, **changes})
        self.ledgers.append(ledger)
        return ledger

    def leave(self) -> None:
        """Closes the ledgers that are open as a process does that ends without a word."""
        for ledger in self.ledgers:
            ledger._drop()
        self.ledgers.clear()

    def order(self, *anchors: Checkpoint) -> Kept:
        """Puts all records in order and signs a checkpoint, as a leader does at its end."""
        with closing(open_tree(self.url, self.busy)) as store:
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
        """Verifies with all keys there are; ``Trust``'s fields may be given as well."""
        names = {one.name for one in fields(Trust)} & set(changes)
        trust = Trust(**{"vkeys": [self.vkey], **{name: changes.pop(name) for name in names}})
        values = {"store_url": self.url, "trust": trust, "keys": [self.auditor]}
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
def house(tmp_path: Path) -> Iterator[House]:
    """A house with a store in SQLite."""
    house = make_house(tmp_path)
    yield house
    house.leave()


@pytest.fixture
def house_on(tmp_path: Path) -> Iterator[Callable[[PostgresServer], House]]:
    """Makes houses with a store in a database of their own on a server."""
    houses: list[House] = []

    def make(server: PostgresServer) -> House:
        folder = tmp_path / f"postgres-{len(houses)}"
        folder.mkdir()
        houses.append(replace(make_house(folder), server=server, database=server.make()))
        return houses[-1]

    yield make
    for house in houses:
        house.leave()
        if house.server is not None and house.server.running:
            house.server.drop(house.database)


@pytest.fixture
def postgres_house(
    house_on: Callable[[PostgresServer], House], shared_postgres: PostgresServer
) -> House:
    """A house with a store in PostgreSQL."""
    return house_on(shared_postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_house(request: pytest.FixtureRequest) -> House:
    """A house with a store of either kind: what is tested must hold for both."""
    found: House = request.getfixturevalue(
        "house" if request.param == "sqlite" else "postgres_house"
    )
    return found


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

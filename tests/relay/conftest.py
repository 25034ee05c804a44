from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from audit_folder import make_audit_folder
from made_up_log import MadeUpLog, new_signer

from gateway.audit.note import Kind
from gateway.audit.store.opening import open_reader, open_tree
from gateway.audit.store.tree import Kept
from gateway.audit.tiles import Growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gateway.audit.ledger import Ledger
    from gateway.audit.note import Signer

    Grow = Callable[[MadeUpLog, int], Kept]


@pytest.fixture(scope="session")
def cosigner() -> Signer:
    return new_signer("witness.example", Kind.COSIGNATURE)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A writer that has written that it opened."""
    ledger = make_audit_folder(tmp_path)
    ledger.commit([])
    yield ledger
    ledger.close()


@pytest.fixture
def store(tmp_path: Path, ledger: Ledger) -> str:
    """The URL of the writer's store."""
    return f"sqlite:///{tmp_path}/data/audit.db"


@pytest.fixture
def log(store: str) -> MadeUpLog:
    with open_reader(store) as reader:
        return MadeUpLog(new_signer("log.example"), reader.store)


@pytest.fixture
def grow(store: str) -> Grow:
    """Gives the store the tiles of a log of some size; the checkpoint of that."""

    def grown(log: MadeUpLog, size: int) -> Kept:
        with closing(open_tree(store, 1.0)) as tree:
            token = tree.lead("test", 60.0)
            assert token is not None
            with tree.turn(token) as turn:
                for place, hashes in Growth().extend(log.leaves(size)).items():
                    turn.put_tile(*place, hashes)
        return Kept(size, size, 1_800_000_000_000, log.note(size))

    return grown

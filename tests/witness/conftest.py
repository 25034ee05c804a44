from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_up_log import MadeUpLog, new_signer

from gateway.audit.note import Kind
from gateway.witness.store import WitnessStore, create_store
from gateway.witness.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.audit.note import Signer


@pytest.fixture(scope="session")
def log() -> MadeUpLog:
    return MadeUpLog(new_signer("log.example"))


@pytest.fixture(scope="session")
def cosigner() -> Signer:
    return new_signer("witness.example", Kind.COSIGNATURE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WitnessStore]:
    create_store(tmp_path / "witness.db")
    store = WitnessStore(tmp_path / "witness.db")
    yield store
    store.close()


@pytest.fixture
def witness(store: WitnessStore, cosigner: Signer, log: MadeUpLog) -> Witness:
    return Witness(store, cosigner, [log.signer.verifier], lambda: 1_800_000_005.9)

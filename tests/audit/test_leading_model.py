"""Whatever leaders do to each other, and wherever they die: one history, and checkpoints of it."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.chain import leaf
from gateway.audit.leading import Leader, checkpoint_of
from gateway.audit.ledger import Item
from gateway.audit.merkle import verify_consistency
from gateway.audit.store.opening import open_reader, open_tree
from gateway.audit.stored_tree import consistency_proof
from gateway.audit.tiles import Growth
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_server import PostgresServer

    from gateway.audit.record import Record
    from gateway.audit.store.tree import Kept, TreeStore
    from tests.audit.conftest import House

_ACTORS = 3
_STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 300)),
    st.tuples(st.sampled_from(["turn", "die", "expire"]), st.integers(0, _ACTORS - 1)),
)
_OVERTAKE = st.tuples(st.just("overtake"), st.integers(0, _ACTORS - 1))


class _Dead(Exception):
    """The process is killed here."""


class _Process:
    """A process that may lead, with all that it remembers."""

    def __init__(self, house: House, name: str) -> None:
        self._house, self.name = house, name
        self._store: TreeStore = open_tree(house.url, house.busy)
        self._token: int | None = None
        self._leader: Leader | None = None

    def turn(self, before_the_end: Callable[[], None] = lambda: None) -> Kept | None:
        """One step as ``Sequencer`` makes it; the checkpoint that may be shown afterwards."""
        store, signer = self._store, self._house.keys.signer
        if self._token is None:
            self._token, self._leader = store.lead(self.name, 60.0), None
        if self._token is None:
            return None
        newest, leader, self._leader = store.newest(), self._leader, None
        try:
            with store.turn(self._token) as turn:
                if leader is None or leader.size != turn.size:
                    leader = Leader(turn, signer, store.id, newest, [])
                progress = leader.advance(turn, final=True)
                before_the_end()
        except AuditUnavailable:
            self._token = None
            return None
        self._leader = leader
        return progress.signed

    def die(self) -> None:
        self._store.close()


class _World:
    def __init__(self, house: House, new_record: Callable[..., Record]) -> None:
        self._house, self._record = house, new_record
        self._ledger = house.ledger()
        self._number = 0
        self._processes = [self._born() for _ in range(_ACTORS)]
        self.shown: list[Kept] = []

    def act(self, step: str, value: int) -> None:
        getattr(self, f"_{step}")(value)

    def close(self) -> None:
        for process in self._processes:
            process.die()
        self._ledger._drop()

    def _born(self) -> _Process:
        self._number += 1
        return _Process(self._house, f"process {self._number}")

    def _write(self, count: int) -> None:
        self._ledger.commit([Item(self._record()) for _ in range(count)])

    def _turn(self, actor: int) -> None:
        self._show(self._processes[actor].turn())

    def _die(self, actor: int) -> None:
        def here() -> None:
            raise _Dead

        with suppress(_Dead):
            self._processes[actor].turn(here)
        self._processes[actor].die()
        self._processes[actor] = self._born()
        self._expire(0)

    def _overtake(self, actor: int) -> None:
        """While one has a turn, another takes the lead and has one of its own."""

        def meanwhile() -> None:
            self._expire(0)
            self._turn((actor + 1) % _ACTORS)

        self._show(self._processes[actor].turn(meanwhile))

    def _expire(self, _value: int) -> None:
        """The leader seems dead to others, though it may go on."""
        self._house.execute("UPDATE lease SET until = 0")

    def _show(self, signed: Kept | None) -> None:
        if signed is not None:
            self.shown.append(signed)


def _judge(house: House, shown: list[Kept]) -> None:
    with open_reader(house.url) as reader:
        rows = reader.rows("SELECT seq, header FROM records ORDER BY seq")
        stored = dict(reader.rows("SELECT number, note FROM checkpoints"))
    assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
    assert [one.number for one in shown] == sorted({one.number for one in shown})
    trees = [checkpoint_of(one) for one in shown]
    growth, roots = Growth(), {}
    for size, (_, header) in enumerate(rows, 1):
        growth.extend([leaf(header)])
        roots[size] = growth.root()
    for one, tree in zip(shown, trees, strict=True):
        assert stored[one.number] == one.note
        assert tree.root == roots[tree.size]
    for old, new in pairwise(trees):
        proof = consistency_proof(house.url, old.size, new.size)
        verify_consistency(old.size, new.size, proof, old.root, new.root)
    assert house.verify().flaws == ()


def _play(house: House, new_record: Callable[..., Record], steps: list[tuple[str, int]]) -> None:
    world = _World(house, new_record)
    for step, value in [*steps, ("expire", 0), ("turn", 0)]:
        world.act(step, value)
    world.close()
    _judge(house, world.shown)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, house_at: Callable[[Path], House]) -> House:
    return house_at(tmp_path_factory.mktemp("keys"))


@settings(max_examples=40)
@given(st.lists(st.one_of(_STEP, _OVERTAKE), max_size=25))
def test_there_is_one_history_and_every_checkpoint_is_of_it(
    keys: House, new_record: Callable[..., Record], steps: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _play(replace(keys, folder=Path(folder), ledgers=[]), new_record, steps)


@settings(max_examples=6)
@given(st.lists(_STEP, max_size=12))
def test_so_it_is_in_postgresql_where_a_turn_keeps_others_out(
    keys: House,
    shared_postgres: PostgresServer,
    new_record: Callable[..., Record],
    steps: list[tuple[str, int]],
) -> None:
    database = shared_postgres.make()
    house = replace(keys, server=shared_postgres, database=database, ledgers=[])
    try:
        _play(house, new_record, steps)
    finally:
        shared_postgres.drop(database)

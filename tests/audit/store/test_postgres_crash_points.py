"""Writers and leaders killed between messages to PostgreSQL: nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pytest
from naive_tree import tree_hash

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.holds import holds_of
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.audit.conftest import House

_ROOT: Final = Path(__file__).parents[3]
_STEP: Final = 5
"""Of the places every fifth, so that all three kinds of them come in turn."""
_MAKING: Final = 16
_LOOK: Final = 10
_MADE: Final = (
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relname IN ('meta', 'migrations', 'entries', 'leaves', 'holds')"
)
_TABLES: Final = 5


@dataclass
class Told:
    """What the dying have said."""

    ids: list[str] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    holds: list[int] = field(default_factory=list)
    done: bool = False

    def hear(self, told: list[list[str]]) -> None:
        for word, *rest in told:
            if word == "id":
                self.ids += rest
            elif word == "note":
                self.notes.update(rest)
            elif word == "hold":
                self.holds += map(int, rest)
            else:
                self.done = True


class Dying:
    """A process whose children die."""

    def __init__(self, ask: IO[str], answers: IO[str]) -> None:
        self._ask, self._answers = ask, answers

    def at(self, last: int, told: Told) -> bool:
        """Whether a child died at a place, and had not come to its end before."""
        self._ask.write(f"{last}\n")
        self._ask.flush()
        answer: dict[str, Any] = json.loads(self._answers.readline())
        told.hear(answer["told"])
        assert answer["ended"] == (0 if told.done else -signal.SIGKILL), last
        return not told.done


@contextmanager
def _dying(house: House) -> Iterator[Dying]:
    paths = os.pathsep.join((str(_ROOT), str(_ROOT / "tests/support")))
    with subprocess.Popen(
        [sys.executable, "-m", "dying_writer", str(house.folder), house.url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        yield Dying(process.stdin, process.stdout)
        process.stdin.close()
    assert process.returncode == 0


def _headers(house: House) -> list[bytes]:
    with open_reader(house.url) as reader:
        return [bytes(raw) for (raw,) in reader.rows("SELECT header FROM records ORDER BY seq")]


def _holds(house: House, told: Told, why: object) -> None:
    headers = _headers(house)
    stored = [json.loads(raw)["id"] for raw in headers]
    assert len(stored) == len(set(stored)), why
    assert set(told.ids) <= set(stored), why
    with open_reader(house.url) as reader:
        standing = [hold.number for hold in holds_of(reader)]
    assert set(told.holds) <= set(standing), why
    assert len(standing) == len(set(standing)), why
    report = house.verify()
    assert report.ok, (why, report.flaws)


def _one_history(house: House, told: Told) -> None:
    """Every checkpoint is that of the first so many records: so all are consistent."""
    leaves = [sha256(b"\x00" + raw).digest() for raw in _headers(house)]
    for note in told.notes:
        found = read_checkpoint(note, [house.vkey]).checkpoint
        assert found.root == tree_hash(leaves[: found.size])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_kill_9_between_messages_to_the_server_loses_nothing(postgres_house: House) -> None:
    told, last = Told(), 1
    postgres_house.ledger().close()
    with _dying(postgres_house) as dying:
        while dying.at(last, told):
            last += _STEP
            if last // _STEP % _LOOK == 0:
                told.notes |= _published(postgres_house)
                _holds(postgres_house, told, last)
    assert last > 60 * _STEP
    _holds(postgres_house, told, "at the end")
    told.notes |= _published(postgres_house)
    assert len(told.notes) > 3
    _one_history(postgres_house, told)


def _published(house: House) -> set[str]:
    """All checkpoints that anybody could have fetched."""
    with open_reader(house.url) as reader:
        return {note for (note,) in reader.rows("SELECT note FROM checkpoints")}


@pytest.mark.slow
def test_kill_9_while_the_tables_are_made_leaves_none_or_all(postgres_house: House) -> None:
    told, last = Told(), 1
    with _dying(postgres_house) as dying:
        while postgres_house.ask(_MADE) == [(0,)]:
            assert dying.at(last, told)
            last += _MAKING
            assert postgres_house.ask(_MADE) in ([(0,)], [(_TABLES,)])
        assert not dying.at(0, told)
    assert last > 8 * _MAKING
    _holds(postgres_house, told, "at the end")

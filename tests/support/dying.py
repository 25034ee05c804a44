"""Those who write to a log until they are killed at one place, and what must hold after them."""

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

from naive_tree import tree_hash

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.holds import holds_of
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.audit.conftest import House

__all__ = ["Dying", "Told", "dying", "published", "see_one_history", "see_that_it_holds"]

_ROOT: Final = Path(__file__).parents[2]


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
def dying(house: House) -> Iterator[Dying]:
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


def see_that_it_holds(house: House, told: Told, why: object) -> None:
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


def see_one_history(house: House, told: Told) -> None:
    """Every checkpoint is that of the first so many records: so all are consistent."""
    leaves = [sha256(b"\x00" + raw).digest() for raw in _headers(house)]
    for note in told.notes:
        found = read_checkpoint(note, [house.vkey]).checkpoint
        assert found.root == tree_hash(leaves[: found.size])


def published(house: House) -> set[str]:
    """All checkpoints that anybody could have fetched."""
    with open_reader(house.url) as reader:
        return {note for (note,) in reader.rows("SELECT note FROM checkpoints")}

"""Records against the tree, with the powers of the database's owner."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.audit.ledger import Item
from gateway.audit.store.opening import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.record import Record
    from gateway.audit.report import Report
    from tests.audit.conftest import House

    NewRecord = Callable[..., Record]

_RECORDS = 600


@pytest.fixture(scope="module")
def ordered(
    tmp_path_factory: pytest.TempPathFactory,
    house_at: Callable[..., House],
    new_record: NewRecord,
) -> House:
    house = house_at(tmp_path_factory.mktemp("ordered"))
    ledger = house.ledger()
    for _ in range(2):
        ledger.commit([Item(new_record()) for _ in range(_RECORDS // 2)])
        house.order()
    house.leave()
    return house


def _tampered(house: House, *acts: tuple[str, tuple[object, ...]]) -> Report:
    """What verification says of a copy with which somebody did something."""
    with tempfile.TemporaryDirectory() as folder:
        copy = replace(house, folder=Path(folder))
        with closing(sqlite3.connect(house.path)) as db, closing(sqlite3.connect(copy.path)) as to:
            db.backup(to)
        for statement, values in acts:
            copy.execute(statement, *values)
        return copy.verify()


def test_a_log_that_holds_has_a_tree_of_all_its_records(ordered: House) -> None:
    report = ordered.verify()
    assert (report.ok, report.notes) == (True, ())
    tree = report.tree
    assert (tree.size, tree.checkpoints, tree.covered) == (_RECORDS + 1, 2, _RECORDS + 1)
    assert tree.time is not None


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND number = 1",
         "it is not the record that stands in the tree at 256"),
        ("DELETE FROM tiles WHERE level = 0 AND number = 1",
         "tile 0/001 of the tree is missing or too short"),
        ("UPDATE tiles SET hashes = zeroblob(64) WHERE level = 1",
         "tile 1/000 of the tree is not the one of those below"),
        ("DELETE FROM tiles WHERE level = 1",
         "tile 1/000 of the tree is not the one of those below"),
        ("UPDATE tiles SET hashes = 'text'", "tile 0/000 of the tree is missing or too short"),
        ("UPDATE lease SET size = size + 1", "record 601 of the tree are not in the store"),
        ("UPDATE lease SET size = 256", "the store's tree has only 256"),
        ("UPDATE lease SET size = 'x'", "the store's tree has only 0"),
        ("DELETE FROM records WHERE seq > 590", "records 590 to 600 of the tree are not in the s"),
        ("DELETE FROM records WHERE seq = 300", "record 299 of the tree are not in the store"),
        ("UPDATE records SET seq = -1 WHERE seq = 601", "it has no place in the tree"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(ordered: House, statement: str, words: str) -> None:
    flaws = [str(flaw) for flaw in _tampered(ordered, (statement, ())).flaws]
    assert any(words in flaw for flaw in flaws), flaws


def test_the_first_bad_record_is_named_and_the_rest_is_still_checked(ordered: House) -> None:
    statement = "UPDATE records SET header = CAST(replace(header, 'alice', 'mally') AS BLOB)"
    report = _tampered(ordered, (f"{statement} WHERE seq = 400", ()))
    first, second = report.flaws[:2]
    assert first.wseq == second.wseq == 399
    assert second.what == "it is not the record that stands in the tree at 399"
    assert report.tree.checkpoints == 2, "the signed roots are those of the tree: it is the record"


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.integers(0, _RECORDS), st.sampled_from(["edit", "swap", "tile"]))
def test_any_change_of_a_record_or_its_leaf_is_named(ordered: House, index: int, how: str) -> None:
    seq, other = index + 1, (index + 1) % (_RECORDS + 1) + 1
    at = 32 * (index % 256)
    move = "UPDATE records SET seq = ? WHERE seq = ?"
    tile = (
        "UPDATE tiles SET hashes = CAST(substr(hashes, 1, ?) || zeroblob(32) || substr(hashes, ?)"
        " AS BLOB) WHERE level = 0 AND number = ?"
    )
    acts: dict[str, list[tuple[str, tuple[object, ...]]]] = {
        "edit": [("UPDATE records SET header = CAST(header || ' ' AS BLOB) WHERE seq = ?", (seq,))],
        "swap": [(move, (-5, seq)), (move, (seq, other)), (move, (other, -5))],
        "tile": [(tile, (at, at + 33, index // 256))],
    }
    flaws = _tampered(ordered, *acts[how]).flaws
    assert any(flaw.what.endswith(f"stands in the tree at {index}") for flaw in flaws)


def test_since_checks_the_tree_from_there(ordered: House) -> None:
    with open_reader(ordered.url) as reader:
        ((id_,),) = reader.rows("SELECT id FROM records WHERE seq = 302")
    since = int(id_[:8] + id_[9:13], 16)
    report = ordered.verify(since=since)
    assert report.ok
    assert report.records <= 301
    assert report.tree.checkpoints >= 1


def test_records_that_are_not_ordered_yet_are_a_note(house: House, new_record: NewRecord) -> None:
    ledger = house.ledger()
    house.order()
    ledger.commit([Item(new_record()) for _ in range(3)])
    report = house.verify()
    assert (report.ok, report.tree.size) == (True, 1)
    assert report.notes == ("no checkpoint covers the last 3 records yet",)

"""A mirror keeps checkpoints once and for all, and notices when they contradict each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from made_up_log import MadeUpLog, new_signer
from receivers import receive_http

from gateway.audit.checkpoint import sign_checkpoint
from gateway.audit.store.tree import Kept
from gateway.errors import AuditUnavailable, VerificationError
from gateway.relay.mirror import FolderMirror, UrlMirror
from gateway.relay.outlet import Undelivered

if TYPE_CHECKING:
    from pathlib import Path

_DAY = 86_400_000
_NOW = 1_800_000_000_000
_LOG = MadeUpLog(new_signer("log.example"))


def _kept(log: MadeUpLog, size: int, time: int = _NOW) -> Kept:
    return Kept(1, size, time, log.note(size))


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mirror").mkdir()
    return tmp_path / "mirror"


def test_each_checkpoint_is_a_file(folder: Path) -> None:
    mirror = FolderMirror(folder)
    for size, time in ((3, _NOW), (9, _NOW), (12, _NOW + _DAY)):
        assert mirror(_kept(_LOG, size, time)) == ""
    assert _files(folder) == {
        f"{_LOG.store}/2027-01-15/{3:020d}": _LOG.note(3),
        f"{_LOG.store}/2027-01-15/{9:020d}": _LOG.note(9),
        f"{_LOG.store}/2027-01-16/{12:020d}": _LOG.note(12),
    }
    assert FolderMirror(folder).newest(_LOG.store) == _LOG.note(12)


def test_nothing_new_is_no_new_file(folder: Path) -> None:
    FolderMirror(folder)(_kept(_LOG, 3))
    again = sign_checkpoint(_LOG.checkpoint(3), _LOG.signer, 1_900_000_000)
    for mirror in (FolderMirror(folder), FolderMirror(folder)):
        mirror(Kept(2, 3, _NOW + _DAY, again))
        mirror(Kept(3, 3, _NOW + _DAY, again))
    assert list(_files(folder).values()) == [_LOG.note(3)]


@pytest.mark.parametrize("fresh", [True, False])
def test_another_checkpoint_of_the_same_size_is_refused(folder: Path, *, fresh: bool) -> None:
    mirror = FolderMirror(folder)
    mirror(_kept(_LOG, 9))
    if fresh:
        mirror = FolderMirror(folder)
    with pytest.raises(VerificationError, match="forked"):
        mirror(_kept(_LOG.fork(2), 9))
    assert list(_files(folder).values()) == [_LOG.note(9)]


def test_two_processes_do_not_overwrite_each_other(folder: Path) -> None:
    one, two = FolderMirror(folder), FolderMirror(folder)
    one(_kept(_LOG, 3))
    two(_kept(_LOG, 3))
    one(_kept(_LOG, 9))
    # The other does not know of this one, but finds its file.
    with pytest.raises(VerificationError, match="forked"):
        two(_kept(_LOG.fork(5), 9))
    assert FolderMirror(folder).newest(_LOG.store) == _LOG.note(9)


def test_an_older_checkpoint_replaces_nothing(folder: Path) -> None:
    FolderMirror(folder)(_kept(_LOG, 9))
    with pytest.raises(Undelivered, match="a checkpoint of 9 records is kept"):
        FolderMirror(folder)(_kept(_LOG, 3))
    assert list(_files(folder).values()) == [_LOG.note(9)]


def test_each_store_has_a_folder_of_its_own(folder: Path) -> None:
    other = MadeUpLog(_LOG.signer, "f" * 16)
    mirror = FolderMirror(folder)
    mirror(_kept(_LOG, 9))
    mirror(_kept(other, 3))
    assert mirror.newest(other.store) == other.note(3)
    assert mirror.newest("0" * 16) is None


def test_an_origin_cannot_lead_out_of_the_folder(folder: Path) -> None:
    log = MadeUpLog(new_signer("log.example/.."), "..")
    with pytest.raises(VerificationError):
        FolderMirror(folder)(_kept(log, 3))
    assert _files(folder.parent) == {}


def test_what_a_power_cut_left_behind_is_in_nobodys_way(folder: Path) -> None:
    day = folder / _LOG.store / "2027-01-15"
    day.mkdir(parents=True)
    (day / f".{9:020d}.{os.getpid()}").write_text("half a no")
    (day / f".{12:020d}.1").write_text("")
    mirror = FolderMirror(folder)
    assert mirror.newest(_LOG.store) is None
    mirror(_kept(_LOG, 9))
    assert FolderMirror(folder).newest(_LOG.store) == _LOG.note(9)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    mirror = FolderMirror(tmp_path / "unmounted")
    with pytest.raises(AuditUnavailable, match="cannot be read"):
        mirror(_kept(_LOG, 3))
    with pytest.raises(AuditUnavailable, match="cannot be read"):
        mirror.newest(_LOG.store)
    assert not (tmp_path / "unmounted").exists()


def test_a_folder_that_goes_away_is_noticed(folder: Path) -> None:
    mirror = FolderMirror(folder)
    mirror(_kept(_LOG, 3))
    folder.rename(folder.with_name("gone"))
    with pytest.raises(Undelivered):
        mirror(_kept(_LOG, 9))
    folder.with_name("gone").rename(folder)
    mirror(_kept(_LOG, 9))
    assert mirror.newest(_LOG.store) == _LOG.note(9)


def test_a_file_in_the_way_is_said_so(folder: Path) -> None:
    (folder / _LOG.store).write_text("a file")
    with pytest.raises((Undelivered, AuditUnavailable)):
        FolderMirror(folder)(_kept(_LOG, 3))


def test_a_damaged_file_is_no_anchor(folder: Path) -> None:
    mirror = FolderMirror(folder)
    mirror(_kept(_LOG, 3))
    (found,) = [path for path in folder.rglob("*") if path.is_file()]
    found.write_bytes(b"\xff\xfe")
    with pytest.raises(AuditUnavailable, match="damaged"):
        FolderMirror(folder).newest(_LOG.store)


def test_a_url_is_sent_the_note() -> None:
    with receive_http() as receiver:
        mirror = UrlMirror(f"{receiver.url}/checkpoints", 5.0)
        assert mirror(_kept(_LOG, 3)) == ""
        receiver.answer = lambda _posted: (403, {}, b"")
        with pytest.raises(Undelivered, match="403"):
            mirror(_kept(_LOG, 9))
        mirror.close()
    assert receiver.seen[0].path == "/checkpoints"
    assert receiver.seen[0].body.decode() == _LOG.note(3)

"""The last revision: never below, never another under the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError, Place
from gateway.policy.revision import Stamp, check_rising, read_stamp, write_stamp

if TYPE_CHECKING:
    from pathlib import Path

HERE = Place("manifest.json")
A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize("last", [None, Stamp(6, A), Stamp(7, B), Stamp(0, B)])
def test_what_is_newer_or_the_very_same_passes(last: Stamp | None) -> None:
    check_rising(last, Stamp(7, B), HERE)


def test_an_older_revision_is_refused_with_both_numbers() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_rising(Stamp(8, B), Stamp(7, B), HERE)
    assert str(caught.value).startswith(
        "manifest.json: revision 7 is older than revision 8, the last one; count"
    )


def test_other_files_under_the_same_number_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="revision 7 was already in force with other"):
        check_rising(Stamp(7, A), Stamp(7, B), HERE)


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "state" / "policy.revision"
    assert read_stamp(file) is None
    write_stamp(file, Stamp(7, A))
    assert read_stamp(file) == Stamp(7, A)
    write_stamp(file, Stamp(8, B))
    assert read_stamp(file) == Stamp(8, B)
    assert [one.name for one in file.parent.iterdir()] == ["policy.revision"]


def test_a_restart_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "policy.revision"
    write_stamp(file, Stamp(7, A))
    before = file.stat().st_ino
    write_stamp(file, Stamp(7, A))
    assert file.stat().st_ino == before


def test_a_newer_policy_that_another_process_took_stays_the_last(tmp_path: Path) -> None:
    file = tmp_path / "policy.revision"
    write_stamp(file, Stamp(9, A))
    with pytest.raises(ConfigurationError, match="older than revision 9"):
        write_stamp(file, Stamp(8, B))
    assert read_stamp(file) == Stamp(9, A)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"7",
        b"{}",
        b'{"revision":7}',
        b'{"revision":"7","digest":"' + A.encode() + b'"}',
        b'{"revision":true,"digest":"' + A.encode() + b'"}',
        b'{"revision":-1,"digest":"' + A.encode() + b'"}',
        b'{"revision":7,"digest":"short"}',
        b'{"revision":9,"revision":7,"digest":"' + A.encode() + b'"}',
        b" " * 5000,
    ],
)
def test_a_damaged_file_lets_nothing_pass(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "policy.revision"
    file.write_bytes(raw)
    with pytest.raises(ConfigurationError, match="holds no revision"):
        read_stamp(file)
    with pytest.raises(ConfigurationError, match="holds no revision"):
        write_stamp(file, Stamp(10, A))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"cannot be (read|written)"):
        write_stamp(tmp_path / "file" / "policy.revision", Stamp(1, A))
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        write_stamp(tmp_path / "folder", Stamp(1, A))

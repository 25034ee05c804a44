from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from gateway.audit.store.sqlite_reader import SqliteReader
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from tests.audit.conftest import House

_COUNT = "SELECT count(*) FROM records"


def test_a_reader_cannot_write(house: House) -> None:
    house.ledger()
    with SqliteReader(house.path) as reader, pytest.raises(AuditUnavailable, match="read-only"):
        reader.rows("DELETE FROM records")


def test_a_reader_knows_when_its_file_was_replaced(house: House) -> None:
    house.ledger().close()
    with SqliteReader(house.path) as reader:
        states = [reader.current]
        house.path.rename(house.folder / "old.db")
        states.append(reader.current)
        house.ledger()
        assert [*states, reader.current] == [True, False, False]
        with SqliteReader(house.path) as other:
            assert other.store != reader.store


@pytest.mark.parametrize("content", [None, b"", b"text" * 2000])
def test_what_is_no_store_is_refused(house: House, content: bytes | None) -> None:
    if content is not None:
        house.path.write_bytes(content)
    with pytest.raises(AuditUnavailable, match=r"audit.db|no audit store"):
        SqliteReader(house.path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system read-only")
def test_a_copy_on_a_read_only_disk_is_read(house: House) -> None:
    disk = house.folder / "disk"
    disk.mkdir()
    house.ledger().close()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this container may not mount")
    try:
        (disk / "audit.db").write_bytes(house.path.read_bytes())
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with SqliteReader(disk / "audit.db") as reader:
            assert reader.rows(_COUNT) == [(2,)]
    finally:
        subprocess.run(["umount", str(disk)], check=True)

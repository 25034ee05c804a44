from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.watched_file import WatchedFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.identity.conftest import Until

    Text = WatchedFile[str]


def parse(data: bytes, mode: int) -> str:
    if mode & 0o004:
        raise ConfigurationError(Problem(Place("x"), "is open to all"))
    if data == b"bad":
        raise ConfigurationError(Problem(Place("x"), "is bad"))
    return data.decode()


def put(path: Path, data: bytes | None, mode: int = 0o600, modified: int | None = None) -> None:
    if path.is_dir():
        path.rmdir()
    elif not path.is_file():
        path.unlink(missing_ok=True)
    if data is None:
        path.unlink()
        return
    path.write_bytes(data)
    path.chmod(mode)
    if modified is not None:
        os.utime(path, ns=(modified, modified))


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def chmod(path: Path, mode: int) -> None:
    path.chmod(mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    put(file, b"one", modified=10**18)
    return file


@pytest.fixture
async def file(path: Path) -> AsyncIterator[Text]:
    watched = WatchedFile(path, parse, limit=100, event="refused")
    await watched.start()
    yield watched
    await watched.close()


async def test_it_is_read_at_the_start_and_when_it_changes(file: Text, path: Path) -> None:
    assert file.value == "one"
    put(path, b"two")
    assert await file.look()
    assert file.value == "two"


async def test_an_unchanged_file_keeps_its_very_value(file: Text) -> None:
    before = file.value
    assert await file.look()
    assert file.value is before


async def test_a_file_of_the_same_size_and_time_is_seen_to_be_another(
    file: Text, path: Path
) -> None:
    put(path, b"six", modified=10**18)
    assert await file.look()
    assert file.value == "six"


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (lambda path: path.write_bytes(b"bad"), "is bad"),
        (lambda path: path.write_bytes(b"x" * 101), "is larger than 100 bytes"),
        (lambda path: path.unlink(), "cannot be read: No such file or directory"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read: Is a directory"),
        (make_pipe, "cannot be read: it is no regular file"),
        (lambda path: path.chmod(0o604), "is open to all"),
    ],
)
async def test_a_broken_file_keeps_the_last_good_value_and_is_logged_once(
    file: Text, path: Path, spoil: object, cause: str
) -> None:
    assert callable(spoil)
    spoil(path)
    with capture_logs() as logs:
        for _ in range(3):
            assert not await file.look()
    assert file.value == "one"
    assert [(log["event"], log["error"]) for log in logs] == [("refused", cause)]
    put(path, b"new")
    assert await file.look()
    assert file.value == "new"


async def test_what_was_wrong_twice_is_logged_twice(file: Text, path: Path) -> None:
    with capture_logs() as logs:
        for data in (b"bad", b"good", b"bad"):
            put(path, data)
            await file.look()
    assert len(logs) == 2


async def test_a_file_whose_mode_alone_was_mended_is_read(file: Text, path: Path) -> None:
    put(path, b"two", 0o604)
    assert not await file.look()
    chmod(path, 0o600)
    assert await file.look()
    assert file.value == "two"


@pytest.mark.parametrize("data", [None, b"bad", b"x" * 101])
async def test_a_file_that_is_wrong_at_the_start(path: Path, data: bytes | None) -> None:
    put(path, data)
    file = WatchedFile(path, parse, limit=100, event="refused", poll=0.01)
    with pytest.raises(ConfigurationError):
        await file.start()
    await file.close()


async def test_a_watched_file_is_looked_at_of_its_own_accord(path: Path, until: Until) -> None:
    file = WatchedFile(path, parse, limit=100, event="refused", poll=0.01)
    await file.start()
    put(path, b"two")
    await until(lambda: file.value == "two")
    await file.close()
    put(path, b"three")
    await asyncio.sleep(0.05)
    assert file.value == "two"


async def test_a_slow_disk_holds_nobody_up_and_has_one_reader(path: Path, until: Until) -> None:
    free, readers = threading.Event(), 0

    def slow(data: bytes, mode: int) -> str:
        nonlocal readers
        readers += 1
        if readers > 1:
            free.wait(20)
        return data.decode()

    file = WatchedFile(path, slow, limit=100, event="refused", deadline=0.05)
    await file.start()
    put(path, b"two")
    with capture_logs() as logs:
        assert await asyncio.gather(*(file.look() for _ in range(10))) == [False] * 10
        assert not await file.look()
    assert [log["error"] for log in logs] == ["it could not be read in 0.05 seconds"]
    assert file.looking
    assert (readers, file.value) == (2, "one")
    free.set()
    await until(lambda: file.value == "two")
    assert await file.look()
    await file.close()

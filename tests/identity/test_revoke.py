from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.identity.revocation_lists import SharedList
from gateway.identity.revoke import append_revocation, share_revocation
from gateway.identity.revoked import Revocation, read_lines
from gateway.state.memory import MemoryState

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = Revocation(token_id="1"), Revocation(subject="ada", before=1e9, reason="left")


def test_lines_are_added_to_a_file_that_is_made_when_missing(tmp_path: Path) -> None:
    file = tmp_path / "revoked.jsonl"
    append_revocation(file, ONE)
    assert file.stat().st_mode & 0o777 == 0o600
    append_revocation(file, TWO)
    assert read_lines(file.read_bytes()) == (ONE, TWO)


def test_a_last_line_without_its_end_is_not_lengthened(tmp_path: Path) -> None:
    file = tmp_path / "revoked.jsonl"
    file.write_text('{"jti":"0"}')
    append_revocation(file, ONE)
    assert file.read_text() == '{"jti":"0"}\n{"jti":"1"}\n'


def test_the_mode_and_the_links_of_a_file_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "real", tmp_path / "link"
    file.touch(0o640)
    file.chmod(0o640)
    link.symlink_to(file)
    append_revocation(link, ONE)
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert read_lines(file.read_bytes()) == (ONE,)


def test_nothing_is_added_where_it_would_not_count(tmp_path: Path) -> None:
    file = tmp_path / "revoked.jsonl"
    file.write_text('{"jti":"0"}\n{"jti":\n')
    with pytest.raises(ConfigurationError, match=r":2:1: revokes nothing: .*; nothing was added"):
        append_revocation(file, ONE)
    assert file.read_text() == '{"jti":"0"}\n{"jti":\n'
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        append_revocation(tmp_path / "missing" / "file", ONE)
    with pytest.raises(ConfigurationError, match="cannot be written: Is a directory"):
        append_revocation(tmp_path, ONE)


def test_many_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "revoked.jsonl"
    every = [Revocation(token_id=str(at)) for at in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: append_revocation(file, one), every))
    assert sorted(read_lines(file.read_bytes()), key=repr) == sorted(every, key=repr)


async def test_what_is_shared_is_read_by_gateways() -> None:
    state = MemoryState()
    for one in (ONE, TWO, ONE):
        await share_revocation(state, one)
    found = SharedList(state)
    assert await found.read()
    assert set(found.entries) == {ONE, TWO}
    assert len(found.entries) == 2, "the same twice is one"

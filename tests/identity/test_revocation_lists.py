from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis_server import run_redis
from structlog.testing import capture_logs

from gateway.errors import ConfigurationError, StateLost
from gateway.identity.revocation_lists import (
    SHARED_KEY,
    FileList,
    RevocationList,
    SharedList,
    revocation_lists,
)
from gateway.identity.revoked import Revocation
from gateway.settings import RevocationSettings
from gateway.state.memory import MemoryState
from gateway.state.opening import open_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKEN = Revocation(token_id="t1")


def put(path: Path, data: bytes | None) -> None:
    path.unlink() if data is None else path.write_bytes(data)


def tokens(found: RevocationList) -> list[str | None]:
    return [one.token_id for one in found.entries]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "revoked.jsonl"
    file.write_bytes(b'{"jti":"t1"}\n')
    return file


# The file.


async def test_a_file_is_read_again_when_it_changes(path: Path) -> None:
    found = FileList(path)
    assert tokens(found) == []
    await found.start()
    assert tokens(found) == ["t1"]
    put(path, b'{"jti":"t1"}\n{"jti":"t2"}\n')
    assert await found.read()
    assert tokens(found) == ["t1", "t2"]
    put(path, b"")
    assert await found.read()
    assert tokens(found) == []
    await found.close()


@pytest.mark.parametrize("data", [None, b'{"jti":"t1"}\n{"jti":', b'{"jti":"t1"}\nrevoke all\n'])
async def test_a_broken_file_keeps_the_last_good_list_and_counts_as_not_read(
    path: Path, data: bytes | None
) -> None:
    found = FileList(path)
    await found.start()
    before = found.entries
    put(path, data)
    with capture_logs() as logs:
        assert not await found.read()
        assert not await found.read()
    assert found.entries is before
    assert [log["event"] for log in logs] == ["revocation_file_refused"]
    assert data is None or "line 2 revokes nothing" in logs[0]["error"]
    put(path, b'{"jti":"t3"}')
    assert await found.read()
    assert found.entries == (Revocation(token_id="t3"),)
    await found.close()


async def test_a_broken_file_at_the_start_is_named_with_its_line(path: Path) -> None:
    put(path, b'{"jti":"t1"}\n\n{"jti":"t1","subject":"ada"}\n')
    with pytest.raises(ConfigurationError, match="jti stands alone") as refusal:
        await FileList(path).start()
    assert str(refusal.value).startswith(f"{path}:3:1: ")
    assert "ada" not in str(refusal.value)
    put(path, None)
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        await FileList(path).start()


# The shared state.


class LostState(MemoryState):
    async def entries(self, key: str) -> Mapping[str, str]:
        raise StateLost("it is lost")


async def test_every_entry_of_the_shared_state_counts() -> None:
    state = MemoryState()
    found = SharedList(state)
    await found.start()
    assert await found.read()
    assert tokens(found) == []
    await state.put(SHARED_KEY, "one", '{"jti":"t1"}')
    await state.put("other", "one", '{"jti":"t2"}')
    assert await found.read()
    assert tokens(found) == ["t1"]
    before = found.entries
    assert await found.read()
    assert found.entries is before, "an unchanged list is not read anew"
    await found.close()


async def test_a_lost_state_keeps_the_last_good_list_and_is_logged_once() -> None:
    state = MemoryState()
    await state.put(SHARED_KEY, "one", '{"jti":"t1"}')
    found = SharedList(state)
    await found.read()
    found._state = LostState()
    with capture_logs() as logs:
        assert not await found.read()
        assert not await found.read()
    assert found.entries == (TOKEN,)
    assert [log["error"] for log in logs] == ["the shared state does not answer"]
    found._state = state
    assert await found.read()


@pytest.mark.parametrize(("name", "shown"), [("two", "two"), ("a\nb", "?"), ("x" * 99, "x" * 64)])
async def test_an_entry_that_is_not_understood_keeps_the_last_good_list(
    name: str, shown: str
) -> None:
    state = MemoryState()
    await state.put(SHARED_KEY, "one", '{"jti":"t1"}')
    found = SharedList(state)
    await found.read()
    await state.put(SHARED_KEY, "good", '{"jti":"t2"}')
    await state.put(SHARED_KEY, name, '{"jwt":"t2"}')
    with capture_logs() as logs:
        assert not await found.read()
    assert logs[0]["error"].startswith(f"entry {shown} revokes nothing: there are other members")
    assert found.entries == (TOKEN,)


async def test_a_real_redis(tmp_path: Path) -> None:
    with run_redis(tmp_path) as server:
        state, other = open_state(server.url, 0.5), open_state(server.url, 0.5)
        found = SharedList(state)
        assert await found.read()
        await other.put(SHARED_KEY, "one", '{"jti":"t1"}')
        assert await found.read()
        assert found.entries == (TOKEN,)
        server.freeze()
        assert not await found.read()
        server.thaw()
        server.kill()
        assert not await found.read()
        assert found.entries == (TOKEN,)
        await state.close()
        await other.close()


# What the settings name.


def test_every_place_that_the_settings_name(path: Path) -> None:
    both = RevocationSettings(file=path, shared=True)
    assert [type(one) for one in revocation_lists(both, MemoryState())] == [FileList, SharedList]
    file = RevocationSettings(file=path)
    assert [type(one) for one in revocation_lists(file, None)] == [FileList]
    with pytest.raises(ConfigurationError, match="there is no shared state to read"):
        revocation_lists(both, None)

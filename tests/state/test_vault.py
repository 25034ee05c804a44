"""Values in the shared state: encrypted, bound to their names, and gone in time."""

from __future__ import annotations

import asyncio
import base64

import pytest

from gateway.errors import StateLost
from gateway.state.memory import MemoryState
from gateway.state.vault import MOST_BYTES, Vault

KEY, OTHER = b"k" * 32, b"o" * 32
VALUE = {"values": {"emailaddress00": "ann@example.com"}, "number": 1}


class Open(MemoryState):
    """A state that shows what lies in it."""

    def written(self) -> dict[str, str]:
        return {key: value for key, (_, value) in self._kept.items()}

    def overwrite(self, key: str, value: str) -> None:
        self._kept[key] = (self._clock() + 60, value)


async def test_a_value_is_found_under_its_name() -> None:
    vault = Vault(MemoryState(), KEY)
    assert await vault.kept(b"name") is None
    await vault.keep(b"name", VALUE, 60)
    assert await vault.kept(b"name") == VALUE
    assert await vault.kept(b"other") is None


async def test_who_reads_the_state_learns_neither_names_nor_values() -> None:
    state = Open()
    await Vault(state, KEY).keep(b"the name", VALUE, 60)
    ((key, value),) = state.written().items()
    sealed = base64.b64decode(value)
    assert b"ann@example.com" not in sealed
    assert "name" not in key
    await Vault(state, KEY).keep(b"the name", VALUE, 60)
    assert base64.b64decode(state.written()[key]) != sealed


async def test_another_key_finds_nothing() -> None:
    state = Open()
    await Vault(state, KEY).keep(b"name", VALUE, 60)
    assert await Vault(state, OTHER).kept(b"name") is None


async def test_a_value_that_was_moved_cut_or_changed_is_none() -> None:
    state = Open()
    vault = Vault(state, KEY)
    await vault.keep(b"ada's", VALUE, 60)
    (mine,) = state.written()
    await vault.keep(b"eve's", VALUE, 60)
    (hers,) = set(state.written()) - {mine}
    value = state.written()[mine]
    for forged in (value[:-4], "", "no base64!", value[4:], "A" * 40):
        state.overwrite(mine, forged)
        assert await vault.kept(b"ada's") is None
    state.overwrite(hers, value)
    assert await vault.kept(b"eve's") is None


async def test_a_value_lapses() -> None:
    vault = Vault(MemoryState(), KEY)
    await vault.keep(b"name", VALUE, 0.001)
    await asyncio.sleep(0.05)
    assert await vault.kept(b"name") is None


async def test_a_value_without_bound_is_refused() -> None:
    with pytest.raises(StateLost):
        await Vault(MemoryState(), KEY).keep(b"name", "x" * MOST_BYTES, 60)


async def test_bug_half_a_surrogate_pair_in_a_value_was_an_error() -> None:
    vault, value = (
        Vault(MemoryState(), KEY),
        {"hidden": {"emailaddress00": "ann\ud800@example.com"}},
    )
    await vault.keep(b"name", value, 60)
    assert await vault.kept(b"name") == value

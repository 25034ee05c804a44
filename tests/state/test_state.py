"""What a state promises, in memory and in Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.state.state import State


async def test_a_mark_is_set_once(state: State) -> None:
    assert await state.add("proof", 600)
    assert not await state.add("proof", 600)
    assert await state.add("other proof", 600)


async def test_of_many_callers_one_sets_the_mark(state: State) -> None:
    answers = await asyncio.gather(*(state.add("proof", 600) for _ in range(200)))
    assert sum(answers) == 1


async def test_a_mark_lapses(state: State) -> None:
    assert await state.add("proof", 0.001)
    await asyncio.sleep(0.05)
    assert await state.add("proof", 600)


async def test_names_are_found_under_their_key(state: State) -> None:
    assert await state.entries("revoked") == {}
    await state.put("revoked", "jti:1", "10")
    await state.put("revoked", "jti:2", "20")
    await state.put("revoked", "jti:1", "30")
    await state.put("elsewhere", "jti:1", "40")
    assert await state.entries("revoked") == {"jti:1": "30", "jti:2": "20"}


async def test_names_and_values_may_be_any_text(state: State) -> None:
    name, value = "sub:ünï\n\r\x00 ${X} *", "\u2028 {}"
    await state.put("revoked", name, value)
    assert await state.entries("revoked") == {name: value}


async def test_a_mark_and_a_name_of_one_key_do_not_meet(state: State) -> None:
    await state.put("key", "name", "value")
    assert await state.add("key", 600)
    assert await state.entries("key") == {"name": "value"}


async def test_a_value_is_kept_until_another_takes_its_place(state: State) -> None:
    assert await state.kept("talk") is None
    await state.keep("talk", "one", 600)
    await state.keep("talk", "two \u2028", 600)
    assert await state.kept("talk") == "two \u2028"
    assert await state.kept("other talk") is None


async def test_a_value_lapses(state: State) -> None:
    await state.keep("talk", "one", 0.001)
    await asyncio.sleep(0.05)
    assert await state.kept("talk") is None

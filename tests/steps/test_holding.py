"""Whose the answers are that an upstream holds: remembered, and refused to all others."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from lost_state import LostState

from gateway.errors import BadRequest, PolicyDenied, StateUnavailable
from gateway.scan.pseudonyms import conversation_key
from gateway.state.memory import MemoryState
from gateway.state.vault import Vault
from gateway.steps.holding import Holdings
from gateway.terms import Principal

KEY, OTHER = b"k" * 32, b"o" * 32


def principal(subject: str = "ada", tenant: str | None = None, issuer: str = "iss") -> Principal:
    return Principal(subject, issuer, (), tenant, MappingProxyType({}), b"", 0.0)


def holdings(state: MemoryState | None = None, key: bytes = KEY) -> Holdings:
    return Holdings(key, Vault(state or MemoryState(), key), 60)


async def test_who_was_given_an_answer_goes_on_with_it_and_its_parts() -> None:
    room = holdings()
    await room.of(principal(), "openai").keep("resp_1", ("rs_1", "msg_1"))
    mine = room.of(principal(), "openai")
    assert await mine.check(("resp_1",), "refuse") == ("resp_1",)
    assert await mine.check(("msg_1", "rs_1"), "refuse") == ("resp_1",)
    assert await mine.check((), "refuse") == ()


@pytest.mark.parametrize(
    "other", [principal("eve"), principal(tenant="acme"), principal(issuer="iss2")]
)
def test_a_word_of_one_caller_is_none_of_anothers(other: Principal) -> None:
    room = holdings()
    mine = room.of(principal(), "openai").own(b"retry-1")
    assert mine == room.of(principal(), "openai").own(b"retry-1")
    assert mine not in {room.of(other, "openai").own(b"retry-1"), b"retry-1"}
    assert mine != room.of(principal(), "openai").own(b"retry-2")
    assert mine.isalnum()


@pytest.mark.parametrize("unknown", ["refuse", "allow"])
@pytest.mark.parametrize("named", ["resp_1", "rs_1"])
@pytest.mark.parametrize(
    "other", [principal("eve"), principal(tenant="acme"), principal(issuer="iss2")]
)
async def test_attack_nobody_else_does(other: Principal, named: str, unknown: Any) -> None:
    room = holdings()
    await room.of(principal(), "openai").keep("resp_1", ("rs_1",))
    await room.of(other, "openai").keep("resp_2", ())
    with pytest.raises(PolicyDenied, match="another caller") as caught:
        await room.of(other, "openai").check(("resp_2", named), unknown)
    assert named not in caught.value.message + caught.value.reason


async def test_what_nobody_was_given_is_refused_in_the_same_words() -> None:
    room = holdings()
    await room.of(principal("eve"), "openai").keep("resp_1", ())
    said = set()
    for named in ("resp_1", "resp_2"):
        with pytest.raises(PolicyDenied) as caught:
            await room.of(principal(), "openai").check((named,), "refuse")
        said.add(caught.value.message)
    assert len(said) == 1


async def test_upstreams_may_use_the_same_ids() -> None:
    room = holdings()
    await room.of(principal(), "one").keep("resp_1", ())
    await room.of(principal("eve"), "two").keep("resp_1", ())
    assert await room.of(principal(), "one").check(("resp_1",), "refuse")
    with pytest.raises(PolicyDenied):
        await room.of(principal(), "two").check(("resp_1",), "refuse")


async def test_where_it_is_allowed_the_first_who_goes_on_with_it_keeps_it() -> None:
    room = holdings()
    first = room.of(principal(), "openai")
    assert await first.check(("conv_1",), "allow") == ("conv_1",)
    await first.keep("resp_1", ())
    assert await room.of(principal(), "openai").check(("conv_1",), "refuse") == ("conv_1",)
    with pytest.raises(PolicyDenied):
        await room.of(principal("eve"), "openai").check(("conv_1",), "allow")


async def test_an_answer_that_is_not_held_is_not_remembered() -> None:
    state = MemoryState()
    await holdings(state).of(principal(), "openai").keep(None, ("msg_1",))
    assert state._kept == {}


async def test_without_its_state_nothing_held_is_gone_on_with() -> None:
    mine = holdings(LostState()).of(principal(), "openai")
    await mine.keep("resp_1", ())
    with pytest.raises(StateUnavailable, match="gone"):
        await mine.check(("resp_1",), "allow")


@pytest.mark.parametrize("found", [5, [], "ada", {}, {"caller": None}, {"caller": 7, "answer": ""}])
async def test_attack_what_is_remembered_in_another_form_is_nobodys(found: Any) -> None:
    state = MemoryState()
    name = conversation_key(KEY, "holding", "openai", "resp_1")
    await Vault(state, KEY).keep(name, found, 60)
    with pytest.raises(PolicyDenied):
        await holdings(state).of(principal(), "openai").check(("resp_1",), "allow")


async def test_attack_what_was_moved_cut_or_written_with_another_key_is_nobodys() -> None:
    state = MemoryState()
    await holdings(state).of(principal("eve"), "openai").keep("resp_1", ())
    ((eves, (_, value)),) = state._kept.items()
    await holdings(state).of(principal(), "openai").keep("resp_2", ())
    (adas,) = set(state._kept) - {eves}
    for forged in (value, value[:-4], "", "A" * 80):
        await state.keep(adas, forged, 60)
        with pytest.raises(PolicyDenied):
            await holdings(state).of(principal("eve"), "openai").check(("resp_2",), "refuse")
    with pytest.raises(PolicyDenied):
        await holdings(state, OTHER).of(principal("eve"), "openai").check(("resp_1",), "refuse")


async def test_attack_more_references_than_anybody_needs_are_refused() -> None:
    with pytest.raises(BadRequest, match="more than 1024"):
        await holdings().of(principal(), "openai").check([f"msg_{n}" for n in range(1025)], "allow")

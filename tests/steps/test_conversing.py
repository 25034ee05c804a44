"""The pseudonyms of a call, from turn to turn, and what is remembered of them."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import Any

import pytest
from lost_state import LostState

from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import conversation_key
from gateway.state.memory import MemoryState
from gateway.state.vault import Vault
from gateway.steps.conversing import Conversation, Conversations, held_name
from gateway.terms import Parameters, Principal
from gateway.wire.exchange import Exchange

KEY = b"k" * 32
MAIL = Replacement(0, 0, "tokenise", "EMAIL_ADDRESS")


def principal(subject: str = "ada", tenant: str | None = None, issuer: str = "iss") -> Principal:
    return Principal(subject, issuer, (), tenant, MappingProxyType({}), b"", 0.0)


def exchange(*said: str, continues: str = "") -> Exchange:
    parameters = Parameters(MappingProxyType({}))
    return Exchange(
        "m", False, (), {}, parameters, tuple(continues.split()), opening="".join(said[:1])
    )


def conversations(state: MemoryState | None = None, key: bytes = KEY) -> Conversations:
    return Conversations(key, Vault(state or MemoryState(), key), 60)


async def begin(room: Conversations, who: Principal, what: Exchange) -> Conversation:
    return await room.begin(who, what, what.continues)


async def stand_in(room: Conversations, who: Principal, what: Exchange) -> str:
    return (await begin(room, who, what)).pseudonyms.issue(MAIL, "ann@example.com")


async def test_every_turn_of_a_conversation_has_the_same_stand_ins() -> None:
    first = await stand_in(conversations(), principal(), exchange("hi"))
    # Another process, with the same key and nothing remembered.
    later = exchange("hi", "hello", "write to ann@example.com")
    assert await stand_in(conversations(), principal(), later) == first


@pytest.mark.parametrize(
    "other",
    [
        principal("bob"),
        principal(tenant="acme"),
        principal(issuer="iss2"),
    ],
)
async def test_other_callers_have_others(other: Principal) -> None:
    room = conversations()
    assert await stand_in(room, principal(), exchange("hi")) != await stand_in(
        room, other, exchange("hi")
    )


async def test_other_conversations_have_others() -> None:
    room = conversations()
    found = {await stand_in(room, principal(), exchange(text)) for text in ("hi", "ho", "")}
    assert len(found) == 3


async def test_a_conversation_that_the_upstream_holds_goes_on() -> None:
    room = conversations()
    first = await begin(room, principal(), exchange("write to ann@example.com"))
    given = first.pseudonyms.issue(MAIL, "ann@example.com")
    await first.keep("resp_1")
    second = await begin(room, principal(), exchange("and?", continues="resp_1"))
    assert second.pseudonyms.value(given) == "ann@example.com"
    assert second.pseudonyms.issue(MAIL, "ann@example.com") == given
    more = second.pseudonyms.issue(MAIL, "bob@example.com")
    await second.keep("resp_2")
    third = await begin(room, principal(), exchange("and?", continues="resp_2"))
    assert third.pseudonyms.value(given) == "ann@example.com"
    assert third.pseudonyms.value(more) == "bob@example.com"


async def test_nobody_else_goes_on_with_it() -> None:
    room = conversations()
    first = await begin(room, principal(), exchange("hi"))
    given = first.pseudonyms.issue(MAIL, "ann@example.com")
    await first.keep("resp_1")
    other = await begin(room, principal("eve"), exchange("hi", continues="resp_1"))
    assert other.pseudonyms.value(given) is None


async def test_a_held_conversation_is_kept_under_its_own_id_too() -> None:
    room = conversations()
    first = await begin(room, principal(), exchange("hi", continues="conv_1"))
    given = first.pseudonyms.issue(MAIL, "ann@example.com")
    await first.keep("resp_1")
    second = await begin(room, principal(), exchange("and?", continues="conv_1"))
    assert second.pseudonyms.value(given) == "ann@example.com"


async def test_what_an_answer_hid_is_recalled() -> None:
    room = conversations()
    first = await begin(room, principal(), exchange("hi"))
    assert not await first.recall()
    hidden = first.pseudonyms.hide(MAIL, "eve@example.com")
    await first.keep(None)
    second = await begin(room, principal(), exchange("hi", hidden))
    assert not second.pseudonyms.knows(hidden)
    assert await second.recall()
    assert second.pseudonyms.knows(hidden)
    assert second.pseudonyms.value(hidden) is None


async def test_a_call_without_stand_ins_keeps_nothing() -> None:
    state = MemoryState()
    call = await begin(conversations(state), principal(), exchange("hi"))
    await call.keep("resp_1")
    assert state._kept == {}


async def test_without_its_state_a_call_goes_on_and_turns_back_what_it_knows() -> None:
    room = conversations(LostState())
    call = await begin(room, principal(), exchange("hi", continues="resp_1"))
    given = call.pseudonyms.issue(MAIL, "ann@example.com")
    assert call.pseudonyms.value(given) == "ann@example.com"
    assert not await call.recall()
    await call.keep("resp_2")


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        "x",
        {},
        {"conversation": "00"},
        {"conversation": "no hex", "values": {}, "hidden": {}},
        {"conversation": 5, "values": {}, "hidden": {}},
        {"conversation": "00", "values": [], "hidden": {}},
        {"conversation": "00", "values": {"emailaddress00": 5}, "hidden": {}},
        {"conversation": "00", "values": {}, "hidden": {"emailaddress00": None}},
    ],
)
async def test_bug_what_is_kept_in_another_form_was_an_internal_fault(found: Any) -> None:
    state = MemoryState()
    room, vault = conversations(state), Vault(state, KEY)
    first = await begin(room, principal(), exchange("hi"))
    given = first.pseudonyms.issue(MAIL, "ann@example.com")
    first.pseudonyms.hide(MAIL, "eve@example.com")
    await first.keep("resp_1")
    caller = conversation_key(KEY, "caller", "iss", "ada", None)
    await vault.keep(held_name(caller, "resp_1"), found, 60)
    await vault.keep(b"hidden:" + first.pseudonyms.issued.conversation, found, 60)
    second = await begin(room, principal(), exchange("hi", continues="resp_1"))
    assert second.pseudonyms.value(given) is None
    assert not await second.recall()
    # And the next answer puts it right.
    second.pseudonyms.hide(MAIL, "eve@example.com")
    await second.keep(None)
    assert await second.recall()


async def test_attack_half_a_surrogate_pair_that_a_model_escapes_in_json() -> None:
    room = conversations()
    first = await begin(room, principal(), exchange("hi"))
    hidden = first.pseudonyms.inward.in_json.stand_in(MAIL, r"ann\ud800@example.com")
    await first.keep(None)
    second = await begin(room, principal(), exchange("hi", hidden))
    assert await second.recall()
    assert second.pseudonyms.knows(hidden)


async def test_bug_of_two_calls_at_once_the_later_forgot_what_the_other_hid() -> None:
    room = conversations()
    calls = [await begin(room, principal(), exchange("hi", continues="conv_1")) for _ in range(2)]
    mails = ["eve@example.com", "bob@example.com"]
    hidden = [call.pseudonyms.hide(MAIL, mail) for call, mail in zip(calls, mails, strict=True)]
    given = [
        call.pseudonyms.issue(MAIL, f"to.{mail}") for call, mail in zip(calls, mails, strict=True)
    ]
    await asyncio.gather(*(call.keep(None) for call in calls))
    third = await begin(room, principal(), exchange("hi", continues="conv_1"))
    assert all(third.pseudonyms.value(one) for one in given)
    fourth = await begin(room, principal(), exchange("hi"))
    assert await fourth.recall()
    assert all(fourth.pseudonyms.knows(one) for one in hidden)


async def test_more_stand_ins_than_the_vault_has_room_for_are_not_kept() -> None:
    state = MemoryState()
    call = await begin(conversations(state), principal(), exchange("hi"))
    for number in range(100_000):
        call.pseudonyms.issue(MAIL, f"ann{number}@example.com")
    await call.keep("resp_1")
    assert state._kept == {}

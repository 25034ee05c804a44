"""The pseudonyms of a call: begun with its conversation, kept where a later call needs them.

A client sends the whole conversation with every request, so the same values get the same stand-ins
again without anything being remembered. Two things cannot be derived and are kept, encrypted, for
a while: what was issued where the upstream holds the conversation, and which stand-ins the client
was given in place of what a model said.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

import structlog

from gateway.errors import StateLost
from gateway.scan.pseudonyms import Issued, Pseudonyms, conversation_key
from gateway.state.vault import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.state.vault import Vault
    from gateway.terms import Principal
    from gateway.wire.exchange import Exchange

__all__ = ["Conversation", "Conversations", "held_name"]

_log = structlog.get_logger("gateway.steps")

_LEAST_BYTES: Final = 16
"""What a stand-in and its value take in the vault at the least."""


class Conversations:
    """Gives each call the pseudonyms of its conversation.

    Args:
        key: The gateway's key for pseudonyms.
        vault: Where what cannot be derived is kept.
        seconds: How long.
    """

    def __init__(self, key: bytes, vault: Vault, seconds: float) -> None:
        self._key = key
        self._vault = vault
        self._seconds = seconds
        self._writing: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def begin(
        self, principal: Principal, exchange: Exchange, continues: Sequence[str]
    ) -> Conversation:
        """The conversation that a request belongs to.

        Args:
            principal: Who calls.
            exchange: The request.
            continues: The ids of the answers and conversations that it goes on with.

        A state that does not answer makes no stand-in wrong: what is not known is not turned back.
        """
        caller = conversation_key(
            self._key, "caller", principal.issuer, principal.subject, principal.tenant
        )
        found = await asyncio.gather(*(self.kept(held_name(caller, one)) for one in continues))
        derived = conversation_key(caller, "conversation", exchange.opening)
        return Conversation(self, caller, continues, Pseudonyms(derived, _together(found)))

    async def kept(self, name: bytes) -> Issued | None:
        """What was kept under a name, if anything is."""
        try:
            found = await self._vault.kept(name)
        except StateLost as lost:
            _log.warning("pseudonyms_not_recalled", reason=str(lost))
            return None
        issued = None if found is None else _issued(found)
        if found is not None and issued is None:
            # Another version of the gateway wrote it: what is not understood is not turned back.
            _log.warning("pseudonyms_not_recalled", reason="vault: a value of another form")
        return issued

    async def keep(self, name: bytes, issued: Issued) -> None:
        """Keeps what was issued, beside what other calls of this process keep there meanwhile."""
        lock = self._writing.setdefault(name, asyncio.Lock())
        async with lock:
            try:
                await self._add(name, issued)
            except StateLost as lost:
                _log.warning("pseudonyms_not_kept", reason=str(lost))

    async def _add(self, name: bytes, issued: Issued) -> None:
        # Nothing is spelt only to find that it is too large.
        if _LEAST_BYTES * (len(issued.values) + len(issued.hidden)) > MOST_BYTES:
            raise StateLost("vault: too many stand-ins")
        earlier = await self.kept(name) or Issued(issued.conversation, {}, {})
        value = {
            "conversation": issued.conversation.hex(),
            "values": {**earlier.values, **issued.values},
            "hidden": {**earlier.hidden, **issued.hidden},
        }
        await self._vault.keep(name, value, self._seconds)


class Conversation:
    """One call's part in a conversation."""

    def __init__(
        self,
        room: Conversations,
        caller: bytes,
        continues: Sequence[str],
        pseudonyms: Pseudonyms,
    ) -> None:
        self._room = room
        self._caller = caller
        self._continues = continues
        self.pseudonyms = pseudonyms

    async def recall(self) -> bool:
        """Looks up which stand-ins earlier answers gave the client; whether there are any."""
        earlier = await self._room.kept(self._hidden_name)
        if earlier is None:
            return False
        self.pseudonyms.recall(earlier)
        return True

    async def keep(self, held_as: str | None) -> None:
        """Keeps what later calls cannot derive.

        Args:
            held_as: The id by which later requests can go on with this answer.
        """
        issued = self.pseudonyms.issued
        if not issued.values and not issued.hidden:
            return
        # A conversation, which grows, is what a request names first; an answer stays as it is.
        for held in dict.fromkeys((held_as, *self._continues[:1])):
            if held is not None:
                await self._room.keep(held_name(self._caller, held), issued)
        if issued.hidden:
            hidden = Issued(issued.conversation, {}, issued.hidden)
            await self._room.keep(self._hidden_name, hidden)

    @property
    def _hidden_name(self) -> bytes:
        return b"hidden:" + self.pseudonyms.issued.conversation


def held_name(caller: bytes, held_as: str) -> bytes:
    """The name of what was issued up to an answer that the upstream holds for a caller."""
    return conversation_key(caller, "held", held_as)


def _issued(value: Any) -> Issued | None:
    """What a kept value says; None where it is of another form."""
    try:
        key = bytes.fromhex(value["conversation"])
        values, hidden = value["values"], value["hidden"]
    except (KeyError, TypeError, ValueError):
        return None
    return Issued(key, values, hidden) if _is_table(values) and _is_table(hidden) else None


def _together(found: Iterable[Issued | None]) -> Issued | None:
    """What was issued in several answers, under the key of the first."""
    whole: Issued | None = None
    for one in found:
        if whole is None or one is None:
            whole = whole or one
        else:
            values, hidden = {**one.values, **whole.values}, {**one.hidden, **whole.hidden}
            whole = Issued(whole.conversation, values, hidden)
    return whole


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(type(one) is str for one in value.values())

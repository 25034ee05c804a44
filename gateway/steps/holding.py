"""Whose the answers and conversations are that an upstream holds.

All callers share the upstream's credential: for it, whoever names the id of an answer may go on
with it. So the gateway remembers to whom it gave which id, and lets nobody else name it. What it
remembers is encrypted, and bound to the upstream and the id.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import structlog

from gateway.errors import BadRequest, PolicyDenied, StateLost, StateUnavailable
from gateway.scan.pseudonyms import conversation_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.decision import UnknownConversations
    from gateway.state.vault import Vault
    from gateway.terms import Principal

__all__ = ["REFUSED", "Holding", "Holdings"]

REFUSED: Final = "it goes on with what"
"""How the reasons begin for which the audit log says that a request was refused here."""

_log = structlog.get_logger("gateway.steps")

_MOST: Final = 1024
_NOT_YOURS: Final = "This caller may not go on with that answer or conversation."
_UNASKED: Final = "The gateway cannot ask now whose conversation this is; try again later."


class Holdings:
    """Remembers who was given which ids.

    Args:
        key: The gateway's key for pseudonyms.
        vault: Where it is kept.
        seconds: How long.
    """

    def __init__(self, key: bytes, vault: Vault, seconds: float) -> None:
        self._key = key
        self._vault = vault
        self._seconds = seconds

    def of(self, principal: Principal, upstream: str) -> Holding:
        """What an upstream holds for a caller."""
        whose = principal.issuer, principal.subject, principal.tenant
        caller = conversation_key(self._key, "caller", *whose).hex()
        return Holding(self, caller, upstream)

    async def find(self, upstream: str, held: str) -> Any:
        """What is remembered of an id; None where nothing is.

        Raises:
            StateLost: The state did not answer in time.
        """
        return await self._vault.kept(self._name(upstream, held))

    async def keep(self, upstream: str, held: str, value: Any) -> None:
        """Remembers something of an id.

        Raises:
            StateLost: The state did not answer in time, or has no room.
        """
        await self._vault.keep(self._name(upstream, held), value, self._seconds)

    def _name(self, upstream: str, held: str) -> bytes:
        return conversation_key(self._key, "holding", upstream, held)


class Holding:
    """One call's part in what an upstream holds."""

    def __init__(self, room: Holdings, caller: str, upstream: str) -> None:
        self._room = room
        self._caller = caller
        self._upstream = upstream
        self._claimed: list[str] = []

    def own(self, word: bytes) -> bytes:
        """What stands towards the upstream for a word of the caller's: no other caller's does."""
        caller = bytes.fromhex(self._caller)
        return conversation_key(caller, "own", word.decode("latin-1")).hex().encode()

    async def check(self, held: Sequence[str], unknown: UnknownConversations) -> tuple[str, ...]:
        """Whether the caller may name these ids.

        Args:
            held: Ids of answers, of their parts and of conversations.
            unknown: What becomes of one that nobody was given, or that is forgotten.

        Returns:
            The answers and conversations that they belong to.

        Raises:
            BadRequest: There are too many.
            PolicyDenied: One of them was given to another caller, or to nobody.
            StateUnavailable: It cannot be asked.
        """
        if len(held) > _MOST:
            raise BadRequest(f"it refers to more than {_MOST} answers and their parts")
        try:
            found = await asyncio.gather(*(self._room.find(self._upstream, one) for one in held))
        except StateLost as lost:
            raise StateUnavailable(f"holding: {lost}", message=_UNASKED) from None
        whole: dict[str, None] = {}
        for name, kept in zip(held, found, strict=True):
            if kept is None and unknown == "allow":
                self._claimed.append(name)
                whole[name] = None
            else:
                whole[self._owned(kept)] = None
        return tuple(whole)

    def _owned(self, kept: Any) -> str:
        if kept is None:
            raise PolicyDenied(
                f"{REFUSED} was given to nobody here, or is forgotten", message=_NOT_YOURS
            )
        if not isinstance(kept, dict) or kept.get("caller") != self._caller:
            raise PolicyDenied(f"{REFUSED} another caller was given", message=_NOT_YOURS)
        return str(kept.get("answer"))

    async def keep(self, held_as: str | None, parts: Iterable[str]) -> None:
        """Remembers that the caller was given an answer and its parts.

        Args:
            held_as: The id under which the upstream holds the answer; None where it does not.
            parts: The ids of what the answer is made of.
        """
        owned = {name: name for name in self._claimed}
        if held_as is not None:
            owned |= dict.fromkeys(parts, held_as) | {held_as: held_as}
        if not owned:
            return
        try:
            await asyncio.gather(
                *(
                    self._room.keep(self._upstream, one, {"caller": self._caller, "answer": whole})
                    for one, whole in owned.items()
                )
            )
        except StateLost as lost:
            _log.warning("holding_not_kept", reason=str(lost))

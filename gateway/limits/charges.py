"""Whose counts a request goes into."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.limits.limiter import Charge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.terms import Limit, LimitUse, Principal

__all__ = ["charges_of"]


def charges_of(uses: Sequence[LimitUse], principal: Principal) -> tuple[Charge, ...]:
    """Every count that a caller's request goes into.

    A subject is one of its issuer. A role is one for all who have it, and the request counts in
    each role that the policy names. A tenant is its name, whichever issuer says it; who has none
    is a tenant alone.
    """
    found = (
        Charge(use.limit, _digest(use.limit.name, use.limit.per, *who))
        for use in uses
        for who in _counted(use.limit, use.roles, principal)
    )
    return tuple(dict.fromkeys(found))


def _counted(limit: Limit, roles: Sequence[str], principal: Principal) -> Iterator[tuple[str, ...]]:
    alone = (principal.issuer, principal.subject)
    if limit.per == "subject":
        yield alone
    elif limit.per == "role":
        yield from ((role,) for role in roles) if roles else (alone,)
    elif limit.per == "tenant":
        yield alone if principal.tenant is None else (principal.tenant,)
    else:
        yield ()


@lru_cache(maxsize=4096)
def _digest(*parts: str) -> str:
    """SHA-256 of texts, each with its length before it, so that none can run into the next."""
    digest = sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()

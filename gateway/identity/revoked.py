"""Revoked tokens: what one line of the list says, and which principals it meets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import BadRequest, GatewayError
from gateway.ingress.strict_json import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.terms import Principal

__all__ = [
    "BadRevocation",
    "Revocation",
    "RevokedTokens",
    "read_lines",
    "read_revocation",
    "read_time",
    "write_revocation",
]

_MEMBERS: Final = frozenset({"jti", "subject", "issuer", "before", "reason"})
_MAX_LENGTH: Final = 2048
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class BadRevocation(GatewayError):
    """A line that is not understood, so that its list is refused; quotes nothing of the line.

    Attributes:
        line: Its number, from 1; 0 where the list has no lines.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Revocation:
    """One token, or all tokens of a subject or an issuer up to a time.

    Attributes:
        issuer: Whose token; None for every issuer of the settings.
        token_id: The ``jti`` of the one token.
        subject: Whose tokens; None for everybody's.
        before: Unix time in seconds: tokens issued then or earlier are revoked.
        reason: For people; nothing depends on it.
    """

    issuer: str | None = None
    token_id: str | None = None
    subject: str | None = None
    before: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """Raises ``BadRevocation`` where it names not exactly one kind of thing."""
        if self.token_id is not None:
            if self.subject is not None or self.before is not None:
                raise BadRevocation("jti stands alone or with issuer")
        elif self.before is None:
            raise BadRevocation("there is neither jti nor before")
        elif self.subject is None and self.issuer is None:
            raise BadRevocation("before needs a subject, an issuer, or both")


class RevokedTokens:
    """A list of revocations, asked in constant time whatever its length."""

    def __init__(self, revocations: Iterable[Revocation] = ()) -> None:
        self._tokens: set[tuple[str | None, str]] = set()
        self._before: dict[tuple[str | None, str | None], float] = {}
        for one in revocations:
            self._add(one)

    def _add(self, one: Revocation) -> None:
        if one.token_id is not None:
            self._tokens.add((one.issuer, one.token_id))
        elif one.before is not None:
            place = one.issuer, one.subject
            self._before[place] = max(one.before, self._before.get(place, one.before))

    def reason(self, who: Principal) -> str | None:
        """Why this principal's token is revoked; None where it is not.

        A token that does not say when it was issued counts as issued before any time.
        """
        name, issuer = who.token_id, who.issuer
        if self._tokens and name is not None:
            tokens = self._tokens
            if (issuer, name) in tokens or (None, name) in tokens:
                return "revoked: the token"
        if self._before:
            for place in ((issuer, who.subject), (None, who.subject), (issuer, None)):
                before = self._before.get(place)
                if before is not None and (who.issued is None or who.issued <= before):
                    return "revoked: the subject" if place[1] is not None else "revoked: the issuer"
        return None


def read_lines(data: bytes) -> tuple[Revocation, ...]:
    """A list, one JSON object a line; empty lines say nothing.

    Raises:
        BadRevocation: One of its lines is not understood; says which.
    """
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                found.append(read_revocation(line))
            except BadRevocation as error:
                raise BadRevocation(str(error), number) from None
    return tuple(found)


def read_revocation(text: bytes) -> Revocation:
    """One line: a JSON object of ``jti``, ``subject``, ``issuer``, ``before`` and ``reason``.

    Raises:
        BadRevocation: It is not understood in full.
    """
    members = _object(text)
    unknown = members.keys() - _MEMBERS
    if unknown:
        raise BadRevocation(f"there are other members than {', '.join(sorted(_MEMBERS))}")
    for name, value in members.items():
        if not isinstance(value, str) or not 0 < len(value) <= _MAX_LENGTH:
            raise BadRevocation(f"{name} is no text of 1 to {_MAX_LENGTH} characters")
    return Revocation(
        issuer=members.get("issuer"),
        token_id=members.get("jti"),
        subject=members.get("subject"),
        before=read_time(members["before"]) if "before" in members else None,
        reason=members.get("reason"),
    )


def write_revocation(one: Revocation) -> bytes:
    """The line that ``read_revocation`` reads, without its end."""
    before = None if one.before is None else datetime.fromtimestamp(one.before, UTC).isoformat()
    members = {
        "jti": one.token_id, "subject": one.subject, "issuer": one.issuer, "before": before,
        "reason": one.reason,
    }  # fmt: skip
    return dumps({name: value for name, value in members.items() if value is not None})


def read_time(text: str) -> float:
    """An RFC 3339 time as Unix time in seconds.

    Raises:
        BadRevocation: It is none, or it has no offset from UTC.
    """
    if not _TIME.fullmatch(text):
        raise BadRevocation("before is no time such as 2026-11-24T10:00:00Z (RFC 3339)")
    try:
        return datetime.fromisoformat(text.upper()).timestamp()
    except (ValueError, OverflowError):
        raise BadRevocation("before is no time that there is") from None


def _object(text: bytes) -> dict[str, Any]:
    try:
        members = loads(text, max_depth=2)
    except BadRequest as error:
        raise BadRevocation(error.reason) from None
    if not isinstance(members, dict):
        raise BadRevocation("it is no JSON object")
    return members

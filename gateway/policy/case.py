"""One test embedded in a policy: a request, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.errors import Place
    from gateway.terms import Provenance

__all__ = ["Case", "Expectation", "Verdict"]

Verdict = Literal["allow", "flag", "redact", "block", "deny"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come of a request; what is None is not looked at."""

    decision: Verdict
    scanner: str | None = None
    entity: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A test of a policy.

    Attributes:
        name: What it shows, in words.
        place: Where it stands.
        roles: The roles of the caller, taken as given; None when ``claims`` say who calls.
        claims: The claims of the caller's token, or None.
        route: The route asked for.
        model: The model asked for.
        texts: The texts of the request and of the answer, each with its provenance.
        expect: What must come of it.
    """

    name: str
    place: Place
    roles: tuple[str, ...] | None
    claims: Mapping[str, object] | None = field(repr=False)
    route: str
    model: str
    texts: tuple[tuple[Provenance, str], ...] = field(repr=False)
    expect: Expectation

"""One test embedded in a policy: a request, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from gateway.policy.probes import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.errors import Place
    from gateway.terms import Changes, Parameters, Provenance

__all__ = ["BEGINNING", "Case", "Expectation", "Verdict"]

BEGINNING: Final = 0
"""The day of a test that names none: every exception and every shadow rule holds, and none ends,
so that a test that passes today passes tomorrow."""

Verdict = Literal["allow", "flag", "tokenise", "redact", "block", "deny"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come of a request; what is None is not looked at.

    Attributes:
        decision: What the header of the answer would say.
        scanner: Whose finding led to that.
        entity: What was found.
        rule: One of the rules that allowed or denied.
        changes: All that the request is made to say.
        limits: All limits that it counts in.
        exceptions: All exceptions that weaken a scanner.
        shadow: All rules in shadow mode that would have done otherwise.
    """

    decision: Verdict
    scanner: str | None = None
    entity: str | None = None
    rule: str | None = None
    changes: Changes | None = field(default=None, repr=False, hash=False)
    limits: frozenset[str] | None = None
    exceptions: frozenset[str] | None = None
    shadow: frozenset[str] | None = None


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
        parameters: What the request asks of the model.
        day: The day on which it is made, since 1970-01-01, UTC.
    """

    name: str
    place: Place
    roles: tuple[str, ...] | None
    claims: Mapping[str, object] | None = field(repr=False)
    route: str
    model: str
    texts: tuple[tuple[Provenance, str], ...] = field(repr=False)
    expect: Expectation
    parameters: Parameters = field(default=PLAIN.parameters, repr=False)
    day: int = BEGINNING

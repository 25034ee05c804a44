"""What a policy is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from gateway.terms import HOLD_BACK

if TYPE_CHECKING:
    from gateway.terms import Action, Changes, HoldBack, LimitUse, Parameters

__all__ = [
    "NEVER",
    "Ask",
    "Capture",
    "Decision",
    "OnStateError",
    "ShadowRule",
    "ShadowScan",
    "UnknownConversations",
    "UnknownFields",
]

NEVER: Final = 2**31
"""A day on which every exception and every shadow rule has ended."""

Capture = Literal["sealed", "none"]
"""Whether prompt and answer are kept, sealed to the auditors, or not at all."""

OnStateError = Literal["refuse", "allow"]
"""What becomes of a request whose limits cannot be asked."""

UnknownFields = Literal["scan", "refuse"]
UnknownConversations = Literal["refuse", "allow"]
"""What becomes of a request with texts in places that its format does not know."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, as far as a policy decides on it.

    Attributes:
        roles: The caller's roles, inherited ones included (``Policy.roles_of``).
        route: The route's name in policies, such as ``chat.completions``.
        model: The model's name as the client gave it.
        parameters: What the request asks of the model. Where they are not given, no ``require``
            holds and every ``when`` of a deny rule does.
        exceptions: Ids of the exceptions that are made for this caller (``Policy.exceptions_of``).
        day: Days since 1970-01-01, UTC; exceptions and shadow rules end by it. Where it is not
            given, all of them have ended.
    """

    roles: frozenset[str]
    route: str
    model: str
    parameters: Parameters | None = None
    exceptions: frozenset[str] = frozenset()
    day: int = NEVER


@dataclass(frozen=True, slots=True)
class ShadowRule:
    """What a rule in shadow mode would have decided, when that is something else.

    Attributes:
        rule: Its id.
        decision: ``allow`` or ``deny``.
    """

    rule: str
    decision: Literal["allow", "deny"]


@dataclass(frozen=True, slots=True)
class ShadowScan:
    """Scanners of which one has other settings, to be run beside the real ones and never to act.

    Attributes:
        rule: The id of the override in shadow mode.
        scanners: What would read this call, as ``Decision.scanners``.
    """

    rule: str
    scanners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a policy.

    Attributes:
        allowed: Whether the request may go on to the scanners.
        rules: Ids of the rules that decided, sorted; none when nothing allowed the request.
        reason: Why, for the audit log.
        message: What the client reads on a denial, if a rule has words for it.
        scanners: Names of the scanners that read this call, in the policy's order; a variant's
            name where an exception or an override changes one (``Policy.scanners`` has them all).
        capture: Whether prompt and answer are kept.
        on_scanner_error: What a scanner that could not do its work counts as.
        changes: What the request must say before it leaves.
        limits: What it counts in, by name.
        hold_back: How much of a streamed answer may wait for a scanner.
        on_state_error: Whether a request goes on whose limits cannot be asked.
        unknown_fields: Whether one goes on that has texts where its format knows none.
        unknown_conversations: Whether one goes on that names what the upstream holds, where nobody
            knows for whom.
        exceptions: Ids of the exceptions that weaken a scanner here, sorted.
        restrictions: Ids of the rules that restrict the answer, sorted.
        shadow: What rules in shadow mode would have decided otherwise.
        shadow_scans: What overrides in shadow mode would have let read it otherwise.
    """

    allowed: bool
    rules: tuple[str, ...]
    reason: str
    message: str | None
    scanners: tuple[str, ...]
    capture: Capture
    on_scanner_error: Action
    changes: Changes = field(default_factory=lambda: MappingProxyType({}), hash=False)
    limits: tuple[LimitUse, ...] = ()
    on_state_error: OnStateError = "refuse"
    unknown_fields: UnknownFields = "scan"
    unknown_conversations: UnknownConversations = "refuse"
    hold_back: HoldBack = HOLD_BACK
    exceptions: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()
    shadow: tuple[ShadowRule, ...] = ()
    shadow_scans: tuple[ShadowScan, ...] = ()

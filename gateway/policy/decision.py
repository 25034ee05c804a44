"""What a policy is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gateway.terms import Action

__all__ = ["Ask", "Capture", "Decision"]

Capture = Literal["sealed", "none"]
"""Whether prompt and answer are kept, sealed to the auditors, or not at all."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, as far as a policy decides on it.

    Attributes:
        roles: The caller's roles, inherited ones included (``Policy.roles_of``).
        route: The route's name in policies, such as ``chat.completions``.
        model: The model's name as the client gave it.
    """

    roles: frozenset[str]
    route: str
    model: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a policy.

    Attributes:
        allowed: Whether the request may go on to the scanners.
        rules: Ids of the rules that decided, sorted; none when nothing allowed the request.
        reason: Why, for the audit log.
        message: What the client reads on a denial, if a rule has words for it.
        scanners: Names of the scanners that read this call, in the policy's order.
        capture: Whether prompt and answer are kept.
        on_scanner_error: What a scanner that could not do its work counts as.
    """

    allowed: bool
    rules: tuple[str, ...]
    reason: str
    message: str | None
    scanners: tuple[str, ...]
    capture: Capture
    on_scanner_error: Action

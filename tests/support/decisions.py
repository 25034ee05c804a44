"""Decisions of a policy, for the steps that come after it."""

from __future__ import annotations

from gateway.policy.decision import Decision
from gateway.terms import Action

__all__ = ["allowing"]


def allowing(*scanners: str, on_error: Action = Action.BLOCK) -> Decision:
    """A decision that allows, with these scanners."""
    return Decision(
        allowed=True,
        rules=("r",),
        reason="",
        message=None,
        scanners=scanners,
        capture="sealed",
        on_scanner_error=on_error,
    )

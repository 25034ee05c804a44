"""A policy to be compared, and what its scanners say of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.errors import GatewayError
from gateway.policy.suite import nothing_copied
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.policy.model import Policy
    from gateway.policy.suite import Compare, Scan
    from gateway.terms import Provenance

__all__ = ["Side", "read_texts"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two policies, and what runs its scanners and compares texts for its rules."""

    policy: Policy
    scan: Scan
    compare: Compare = nothing_copied


def read_texts(
    side: Side, texts: Sequence[tuple[Provenance, str]], scanners: tuple[str, ...]
) -> tuple[Action, str]:
    """The strongest action on texts, and in words what it was for; never what was found."""
    try:
        hits = [hit for provenance, text in texts for hit in side.scan(text, provenance, scanners)]
        hits += side.compare(texts, scanners)
    except GatewayError:
        action = side.policy.defaults.on_scanner_error
        return action, f"{action.word} (a scanner failed)"
    strongest = max((hit.action for hit in hits), default=Action.ALLOW)
    found = sorted({f"{hit.scanner} {hit.entity}" for hit in hits if hit.action is strongest})
    return strongest, strongest.word + (f" ({', '.join(found)})" if found else "")

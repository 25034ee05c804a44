"""What a scan finds, and what it makes of a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.terms import Action

__all__ = ["Finding", "Scan"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One span of a text that a scanner of the policy acts on.

    Attributes:
        scanner: The policy's name of the scanner.
        entity: What was found, such as ``EMAIL_ADDRESS``.
        start: First code point of the span in the original text.
        end: Code point after the span.
        score: Confidence from 0 to 1.
        action: What the policy does with it.
    """

    scanner: str
    entity: str
    start: int
    end: int
    score: float
    action: Action


@dataclass(frozen=True, slots=True)
class Scan:
    """The outcome for one text.

    Attributes:
        findings: Sorted by start, end, scanner and entity.
        chars: Code points scanned, which are all of the text.
        action: The strongest action of all findings; ``ALLOW`` without any.
        text: The rewritten text; ``None`` if nothing changes, ``""`` when blocked.
    """

    findings: tuple[Finding, ...]
    chars: int
    action: Action
    text: str | None = field(default=None, repr=False)

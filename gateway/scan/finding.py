"""What a scan finds, and what is to become of a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gateway.terms import Action

__all__ = ["Finding", "Replacement", "Scan"]


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
class Replacement:
    """A span of the original text for which something else is to stand.

    Attributes:
        start: First code point of the span.
        end: Code point after the span.
        kind: ``redact``: a label; ``tokenise``: a stand-in; ``stand_in``: the span is a stand-in,
            for which the value may stand.
        entity: What was found there.
        keep_format: Whether the stand-in looks like what it stands for.
        value: The text of the span, where what stands for it hangs on that.
        unknown: The finding that a stand-in is if nobody issued it.
    """

    start: int
    end: int
    kind: Literal["redact", "tokenise", "stand_in"]
    entity: str
    keep_format: bool = False
    value: str = field(default="", repr=False)
    unknown: Finding | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """The outcome for one text.

    Attributes:
        findings: Sorted by start, end, scanner and entity.
        chars: Code points scanned, which are all of the text.
        action: The strongest action of all findings; ``ALLOW`` without any.
        replacements: What is to be replaced, by start; only stand-ins when blocked.
    """

    findings: tuple[Finding, ...]
    chars: int
    action: Action
    replacements: tuple[Replacement, ...] = ()

"""What an injection rule is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["InjectionRule"]


@dataclass(frozen=True, slots=True)
class InjectionRule:
    """One way to order a model around, with the sentences that prove it.

    Attributes:
        id: Stable name.
        entity: The family: ``INSTRUCTION_OVERRIDE``, ``ROLE_CHANGE``, ``PROMPT_EXTRACTION``,
            ``DELIMITER_FORGERY``, ``EXFILTRATION``, ``TOOL_ORDER`` or ``HIDDEN_TEXT``.
        score: Confidence from 0 to 1 when a user writes it. Below 0.6 it is a weak signal, which
            counts only beside others.
        reference: Where the technique is described: OWASP Top 10 for LLM Applications (2025),
            MITRE ATLAS.
        pattern: Expression, in which a blank stands for one to five characters of no word.
        also: More such expressions. Each is looked for by itself, and so only where words that it
            needs stand: one of all of them is asked in every text with any of their words.
        positives: Sentences that it finds.
        negatives: Sentences much like them that no rule flags.
        rotate: Whether to look for its ROT13 as well.
        after: Expression of Python that must occur in the characters to the left of a match, few
            as they are; a rule that begins with a rare word so asks for the common one before it.
        proof: What else must hold of a match; a match that it does not hold of is none.
    """

    id: str
    entity: str
    score: float
    reference: str
    pattern: str
    positives: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    rotate: bool = False
    after: str = ""
    proof: Callable[[str], bool] | None = None

"""What a user spreads over several texts, so that no single one of them says it.

The last few texts of the user are read once more as one. Only what reaches over the border of two
of them is told, as everything else was found where it stands. The embedded model judges windows,
and these reach over a border by their width: what it says of one is told only if it says no such
thing of a text alone. Texts that were read already are in
the cache; a view of them is new with each turn, so it is kept short.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from gateway.scan.rating import PROMPT_INJECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.scan.finding import Finding
    from gateway.wire.exchange import Text

__all__ = ["Spread", "spread_over"]

_TEXTS: Final = 4
"""Texts of the user that are read as one, the last ones of a request."""
_END: Final = 256
"""Characters of each end of a text that matter to what stands before and after it."""


class Spread:
    """The last texts of the user as one.

    Attributes:
        text: What they say together; the middle of a long one is left out.
        last: The last of them, where what is found is told.
    """

    __slots__ = ("_borders", "_parts", "last", "text")

    def __init__(self, texts: Sequence[Text]) -> None:
        self._parts = parts = [_ends(one.value) for one in texts]
        self.text = "\n".join(parts)
        self.last = texts[-1]
        self._borders = list(accumulate(len(one) + 1 for one in parts[:-1]))

    def reaches_over(self, finding: Finding) -> bool:
        """Whether a finding in ``text`` stands on both sides of a border."""
        return any(finding.start < border - 1 and border < finding.end for border in self._borders)

    def told(self, findings_of: Callable[[str], Sequence[Finding]]) -> list[Finding]:
        """What is found in the texts together, and in none of them alone.

        Args:
            findings_of: Scans a text.
        """
        over = [one for one in findings_of(self.text) if self.reaches_over(one)]
        return [one for one in over if not self._is_said_alone(one, findings_of)]

    def _is_said_alone(
        self, finding: Finding, findings_of: Callable[[str], Sequence[Finding]]
    ) -> bool:
        """Whether the model says of one of the texts what it says of a window that reaches in."""
        if finding.entity != PROMPT_INJECTION:
            return False
        return any(
            (one.scanner, one.entity) == (finding.scanner, finding.entity)
            and one.action >= finding.action
            for start, part in zip((0, *self._borders), self._parts, strict=True)
            if start < finding.end and finding.start < start + len(part)
            for one in findings_of(part)
        )


def spread_over(texts: Sequence[Text]) -> Spread | None:
    """The last texts of the user in a request as one; None where there is but one."""
    last: list[Text] = []
    for text in reversed(texts):
        if text.provenance == "user" and text.value:
            last.append(text)
            if len(last) == _TEXTS:
                break
    return Spread(last[::-1]) if len(last) > 1 else None


def _ends(value: str) -> str:
    return value if len(value) <= 2 * _END else f"{value[:_END]}\n\n{value[-_END:]}"

"""What a user spreads over several texts, so that no single one of them says it.

Each text of the user is read once more with the end of what the user said before it. Only what
reaches over the border between the two is told, as everything else was found where it stands. The
embedded model judges windows, and these reach over a border by their width: what it says of one is
told only if it says no such thing of less. What is read so hangs on few characters and on
nothing behind them, so a text that a chat sends again with each turn is not read again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from gateway.scan.rating import PROMPT_INJECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.scan.finding import Finding
    from gateway.wire.exchange import Text

__all__ = ["Spread", "Spreads"]

_EARLIER: Final = 3
"""Texts of the user, before another one, of which an order may have pieces."""
_BEFORE: Final = 256
_BEHIND: Final = 512
_BEHIND_IN_OTHER_SCRIPTS: Final = 256
"""Characters on each side of a border that are read as one. Most questions fit in; of what is not
all ASCII there are fewer, as it is dear to read."""


class Spread:
    """The end of what the user said, and the beginning of what follows.

    Args:
        before: The ends of the texts before.
        after: The text that follows.
        most: How many of its characters matter to what stands before.

    Attributes:
        text: All of it together.
        before: What stands before the last border, and the border.
        after: What stands behind it.
        is_whole: Whether that is all of the text that follows.
    """

    __slots__ = ("_parts", "after", "before", "is_whole", "text")

    def __init__(self, before: Sequence[str], after: str, most: int = _BEHIND) -> None:
        self.is_whole = len(after) <= most
        after = after[:most]
        self._parts = (*before, after)
        self.before = "\n".join((*before, ""))
        self.after = after
        self.text = self.before + after

    def reaches_over(self, finding: Finding) -> bool:
        """Whether a finding in ``text`` stands on both sides of the last border."""
        border = len(self.before)
        return finding.start < border - 1 and border < finding.end

    def told(
        self, found: Sequence[Finding], findings_of: Callable[[str], Sequence[Finding]]
    ) -> tuple[Finding, ...]:
        """What is found in the texts together, and not without the last or in one of them alone.

        Args:
            found: What is found in ``text``.
            findings_of: Scans a text.
        """
        over = [one for one in found if self.reaches_over(one)]
        return tuple(one for one in over if not self._is_said_without(one, findings_of))

    def _is_said_without(
        self, finding: Finding, findings_of: Callable[[str], Sequence[Finding]]
    ) -> bool:
        """Whether the model says of less what it says of a window that reaches over the border.

        That is one of the parts, or all that was said before, of which it was told already.
        """
        if finding.entity != PROMPT_INJECTION:
            return False
        starts = accumulate((len(one) + 1 for one in self._parts), initial=0)
        parts = [*zip(starts, self._parts, strict=False), (0, self.before[:-1])]
        return any(
            (one.scanner, one.entity) == (finding.scanner, finding.entity)
            and one.action >= finding.action
            for start, part in parts
            if start < finding.end and finding.start < start + len(part)
            for one in findings_of(part)
        )


class Spreads:
    """The texts of a user among others, each with the end of those before it."""

    __slots__ = ("_texts", "_users")

    def __init__(self, texts: Sequence[Text]) -> None:
        self._texts = texts
        self._users = array("I")
        for at, one in enumerate(texts):
            if one.provenance == "user" and one.value and not one.apart:
                self._users.append(at)

    def before(self, at: int) -> list[str]:
        """The ends of what the user said before the text at a place: all that matters to it."""
        return self._before(bisect_left(self._users, at))

    def of(self, at: int) -> Spread | None:
        """The text at a place with the end of those before it; None where that is no matter."""
        users = self._users
        number = bisect_left(users, at)
        if not number or number == len(users) or users[number] != at:
            return None
        value = self._texts[at].value
        most = _BEHIND if value.isascii() else _BEHIND_IN_OTHER_SCRIPTS
        return Spread(self._before(number), value, most)

    def _before(self, number: int) -> list[str]:
        """The same for one of the user's texts, by its number among them."""
        parts: list[str] = []
        left = _BEFORE
        for at in reversed(self._users[max(number - _EARLIER, 0) : number]):
            if left <= 0:
                break
            parts.insert(0, self._texts[at].value[-left:])
            left -= len(parts[0]) + 1
        return parts

"""Scans a text that arrives in pieces, exactly as if it had arrived whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.scan.channel import Channel
from gateway.scan.finding import Finding
from gateway.scan.rewriting import REDACTING, Rewriter
from gateway.terms import HOLD_BACK, Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.channel import Progress
    from gateway.scan.finding import Replacement
    from gateway.scan.rewriting import Words
    from gateway.scan.selection import Selection

__all__ = ["MAX_HOLD", "UNDECIDED", "StreamScanner"]

MAX_HOLD: Final = HOLD_BACK.chars
"""Characters that may wait for a decision where nothing else is said; more of them block."""
UNDECIDED: Final = "UNDECIDED"
"""The entity of that block."""


class StreamScanner:
    """One text on its way to a client.

    However the text is cut, findings and output are those of a scan of the whole, up to the first
    finding that blocks: nothing from its first character on ever comes out.

    Attributes:
        findings: The settled findings, offsets from the start of the text.
        chars: Characters fed so far.
        action: The strongest action of the settled findings.
        blocked: Whether one of them blocks.
    """

    __slots__ = (
        "_channel",
        "_closed",
        "_most_held",
        "_ready",
        "_selection",
        "_words",
        "action",
        "blocked",
        "chars",
        "findings",
    )

    def __init__(
        self, selection: Selection, words: Words = REDACTING, most_held: int = MAX_HOLD
    ) -> None:
        self._selection = selection
        self._words = words
        self._most_held = most_held
        self._channel = Channel(selection, words)
        self._ready = Rewriter(words)
        self._closed = False
        self.findings: list[Finding] = []
        self.chars = 0
        self.action = Action.ALLOW
        self.blocked = False

    def feed(self, text: str) -> None:
        """Take the next piece of the text."""
        self.chars += len(text)
        if text and not self.blocked and not self._closed:
            self._advance(text, final=False)

    def close(self) -> None:
        """There is no more text: everything that came settles."""
        if not self.blocked and not self._closed:
            self._advance("", final=True)
        self._closed = True

    def give_up(self) -> None:
        """No more time: what waits for a decision is blocked."""
        if self._channel.held and not self.blocked and not self._closed:
            self._note([self._undecided()])

    @property
    def settled(self) -> int:
        """Characters that are final and not yet taken."""
        return len(self._ready)

    def take(self, count: int) -> str:
        """The rewritten text of the next ``count`` settled characters of the original.

        The replacement of a span comes with its first character, nothing with the others.
        """
        return self._ready.take(count)

    def _advance(self, text: str, *, final: bool) -> None:
        # With nothing to look for there is nothing to wait for.
        progress = self._channel.advance(text, final=final or self._selection.empty)
        if progress.findings:
            if any(one.action is Action.BLOCK for one in progress.findings):
                self._block(progress)
                return
            self._note(progress.findings)
        if progress.text:
            if progress.replacements:
                self._note(self._unknown(progress.replacements))
            self._ready.add(progress.text, progress.replacements)
        if self._channel.held > self._most_held:
            self._note([self._undecided()])

    def _block(self, progress: Progress) -> None:
        place = next(one.start for one in progress.findings if one.action is Action.BLOCK)
        self._note([one for one in progress.findings if one.start <= place])
        # What reaches into the blocked span may not be said by a stand-in's value either.
        released = [
            one if one.end <= place else replace(one, kind="redact")
            for one in progress.replacements
            if one.start < place
        ]
        self._note(self._unknown(released))
        before = self._channel.settled - len(progress.text)
        self._ready.add(progress.text[: place - before], released)

    def _note(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.findings.append(finding)
            self.action = max(self.action, finding.action)
        self.blocked = self.action is Action.BLOCK

    def _unknown(self, replacements: Sequence[Replacement]) -> list[Finding]:
        """The stand-ins that nobody issued."""
        return [
            one.unknown
            for one in replacements
            if one.unknown is not None and self._words.value(one.value) is None
        ]

    def _undecided(self) -> Finding:
        start = self._channel.settled
        name = self._selection.specs[0].shown if self._selection.specs else self._selection.reporter
        return Finding(name, UNDECIDED, start, start + self._channel.held, 1.0, Action.BLOCK)

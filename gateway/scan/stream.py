"""Scans a text that arrives in pieces, exactly as if it had arrived whole."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.scan.channel import Channel, Progress
from gateway.scan.finding import Finding
from gateway.scan.rewriting import REDACTING, Rewriter
from gateway.terms import HOLD_BACK, Action

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        is_clean: Whether nothing is found in what is settled, and nothing replaced.
    """

    __slots__ = (
        "_channel",
        "_closed",
        "_early",
        "_given",
        "_most_held",
        "_ready",
        "_selection",
        "_words",
        "action",
        "blocked",
        "chars",
        "findings",
        "is_clean",
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
        # What left as the end of the text: how much, and what was found there.
        self._given = 0
        self._early = Progress("")
        self.findings: list[Finding] = []
        self.chars = 0
        self.action = Action.ALLOW
        self.blocked = False
        self.is_clean = True

    def feed(self, text: str) -> None:
        """Take the next piece of the text."""
        self.chars += len(text)
        if text and not self.blocked and not self._closed:
            self._advance(text, final=False)

    def close(self) -> None:
        """There is no more text: everything that came settles."""
        if not self.blocked and not self._closed:
            unclosed = copy(self._channel)
            self._advance("", final=True)
            self._channel = unclosed
        self._given = self.chars
        self._closed = True

    def end(self, text: str) -> None:
        """Take the last piece of a text that cannot go on after it."""
        self.chars += len(text)
        if not self.blocked and not self._closed:
            self._advance(text, final=True)
        self._given = self.chars
        self._closed = True

    def resume(self) -> None:
        """The text goes on after all.

        What was given is given. Where all of the text, read as one, has something to be taken out
        of that which was not, the stream is blocked: a rewrite that cannot be applied is a block.
        """
        self._closed = False

    def give_up(self) -> None:
        """No more time: what waits for a decision is blocked."""
        if self._held and not self.blocked and not self._closed:
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
        channel = self._channel
        # What stands before this place may wait no longer.
        late = self.chars - self._most_held
        now = late > channel.settled and late > self._given
        # With nothing to look for there is nothing to wait for.
        progress = channel.advance(text, final=final or self._selection.empty, now=now)
        if self._given and channel.settled - len(progress.text) < self._given:
            progress = self._ungiven(progress)
        if final:
            early = self._early
            found = (*early.findings, *progress.findings)
            self._early = Progress("", found, (*early.replacements, *progress.replacements))
        if progress.findings:
            if any(one.action is Action.BLOCK for one in progress.findings):
                self._block(progress)
                return
            self._note(progress.findings)
        if progress.text:
            if progress.replacements:
                self.is_clean = False
                self._note(self._unknown(progress.replacements))
            self._ready.add(progress.text, progress.replacements)
        if late > channel.settled and late > self._given:
            self._note([self._undecided()])

    @property
    def _held(self) -> int:
        return self.chars - self._undecided_from

    @property
    def _undecided_from(self) -> int:
        return max(self._channel.settled, self._given)

    def _ungiven(self, progress: Progress) -> Progress:
        """What of it was not given; a block where what was given should have been another text."""
        given, start = self._given, self._channel.settled - len(progress.text)
        found = [one for one in progress.findings if one not in self._early.findings]
        late = self._late(found, progress.replacements)
        if late is not None:
            return Progress("", (replace(late, action=Action.BLOCK),))
        new = [one for one in progress.replacements if one.start >= given]
        return Progress(progress.text[max(given - start, 0) :], found, new)

    def _late(
        self, found: Sequence[Finding], replacements: Sequence[Replacement]
    ) -> Finding | None:
        """What takes something out of that which was given, and is not gone already.

        Of findings that overlap only one is reported, but all of them are taken out.
        """
        given, gone = self._given, self._early.replacements
        for finding in found:
            if finding.start < given and _must_go(finding, gone):
                return finding
        for one in replacements:
            if one.start < given and one.kind != "stand_in" and not _is_gone(one, gone):
                known = (it.scanner for it in (*found, *self.findings) if it.entity == one.entity)
                scanner = next(known, self._selection.specs[0].shown)
                return Finding(scanner, one.entity, one.start, one.end, 1.0, Action.BLOCK)
        return None

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
            self.is_clean = False
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
        start = self._undecided_from
        name = self._selection.specs[0].shown if self._selection.specs else self._selection.reporter
        return Finding(name, UNDECIDED, start, self.chars, 1.0, Action.BLOCK)


def _must_go(finding: Finding, gone: Sequence[Replacement]) -> bool:
    """Whether a finding takes something out of the text that is not gone already."""
    if finding.action is Action.BLOCK:
        return True
    return finding.action >= Action.TOKENISE and not _is_gone(finding, gone)


def _is_gone(one: Finding | Replacement, gone: Sequence[Replacement]) -> bool:
    return any(it.kind != "stand_in" and it.start <= one.start and one.end <= it.end for it in gone)

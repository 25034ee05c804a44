"""Calls of tools that pass on what untrusted texts say: found where a rule forbids it.

Values of arguments are judged whole: a piece of one says little of what it copies.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import TYPE_CHECKING, Final, TypeAlias

from gateway.audit.record import FindingNote
from gateway.scan.copies import COPIED_ARGUMENT, Copies
from gateway.scan.finding import Finding
from gateway.scan.stream import UNDECIDED
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gateway.policy.decide import Decision
    from gateway.policy.model import Policy
    from gateway.scan.stream import StreamScanner
    from gateway.steps.tally import Inspection
    from gateway.terms import Provenance, ScannerSpec
    from gateway.wire.exchange import Path, Text

__all__ = [
    "CopyScanner",
    "Copying",
    "Tool",
    "called",
    "copies_among",
    "copying_of",
    "nobody",
    "with_copies",
]

_UNTRUSTED: Final = ("tool", "document", "unknown")
Step: TypeAlias = str | int
Tool: TypeAlias = "Callable[[], str | None]"


@dataclass(frozen=True, slots=True)
class Copying:
    """What the rules that apply to one call say of copies, with the texts that it is about."""

    rules: tuple[tuple[ScannerSpec, Copies], ...]

    def found(self, value: str, tool: str | None) -> Iterator[Finding]:
        """The first copy that each rule finds in an argument.

        Args:
            value: The argument.
            tool: The tool that is called; None where nobody knows, which counts as any.
        """
        for spec, copies in self.rules:
            place = copies.first(value) if _is_about(spec, tool) else None
            if place is not None:
                yield Finding(spec.shown, COPIED_ARGUMENT, *place, 1.0, spec.action)


def nobody() -> None:
    """Says of no tool that it is called."""
    return


async def copying_of(policy: Policy, decision: Decision, texts: Sequence[Text]) -> Copying | None:
    """What rules say of copies in the answer to a request with these texts; None if nothing."""
    if not decision.restrictions:
        return None
    specs = _specs(policy, decision.scanners)
    if not specs:
        return None
    untrusted = [one.value for one in texts if one.provenance in _UNTRUSTED]
    # Every character of what was read is looked at, so that others go on meanwhile.
    return await asyncio.to_thread(_copying, specs, untrusted)


def copies_among(
    policy: Policy, texts: Iterable[tuple[Provenance, str]], scanners: Sequence[str]
) -> Iterator[Finding]:
    """What the arguments among the texts of one exchange copy from its untrusted ones.

    Args:
        policy: The policy.
        texts: The texts with their provenance; the name of a tool before its arguments.
        scanners: The scanners that read the exchange.
    """
    specs = _specs(policy, scanners)
    if not specs:
        return
    known = list(texts)
    copying = _copying(specs, [text for whose, text in known if whose in _UNTRUSTED])
    tool: str | None = None
    for whose, text in known:
        if whose == "call":
            tool = text
        elif whose == "argument":
            yield from copying.found(text, tool)


def _specs(policy: Policy, scanners: Sequence[str]) -> list[ScannerSpec]:
    return [one for one in policy.scanners if one.kind == "copies" and one.name in scanners]


def _copying(specs: Iterable[ScannerSpec], untrusted: Sequence[str]) -> Copying:
    return Copying(tuple((spec, Copies(untrusted, spec.chars)) for spec in specs))


def called(names: Iterable[tuple[Sequence[Step], str]], place: Sequence[Step]) -> str | None:
    """The tool that a place in an answer belongs to: of those named so far the nearest.

    Args:
        names: The places of names, and the names, in their order.
        place: Where the argument stands.
    """
    nearest, tool = -1, None
    for at, name in names:
        shared = _shared(at, place)
        if shared >= nearest:
            nearest, tool = shared, name
    return tool


def _shared(one: Sequence[Step], other: Sequence[Step]) -> int:
    """How many steps two ways have in common."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in pairs)


def with_copies(
    inspection: Inspection, copying: Copying | None, texts: Iterable[Text]
) -> Inspection:
    """What was found in a whole answer, and what its calls copy."""
    if copying is None:
        return inspection
    names: list[tuple[Path, str]] = []
    for text in texts:
        if text.provenance == "call":
            names.append((text.path, text.value))
        elif text.provenance == "argument":
            for one in copying.found(text.value, called(names, text.path)):
                inspection = _noted(inspection, one, text)
    return inspection


def _noted(inspection: Inspection, one: Finding, text: Text) -> Inspection:
    note = FindingNote(one.scanner, one.entity, text.where, one.score, one.action.word, 1)
    value = {"where": text.where, "entity": one.entity, "text": text.value[one.start : one.end]}
    coverage = inspection.coverage
    blocker = (one.scanner, one.entity) if one.action is Action.BLOCK else None
    return replace(
        inspection,
        action=max(inspection.action, one.action),
        findings=(*inspection.findings, note),
        coverage=replace(coverage, scanners={**coverage.scanners, one.scanner: "hit"}),
        blocker=inspection.blocker or blocker,
        matched=(*inspection.matched, value),
    )


def _is_about(spec: ScannerSpec, tool: str | None) -> bool:
    if spec.allow is None or tool is None:
        return True
    return any(fnmatchcase(tool.lower(), glob.lower()) for glob in spec.allow)


class CopyScanner:
    """One argument on its way to a client: it waits for its end, and is then judged.

    Args:
        scanner: Reads it for all other scanners.
        copying: What rules say of copies.
        tool: Says which tool is called, once all of the argument is there; None if nobody knows.
        most_held: Characters that may wait.
    """

    __slots__ = ("_closed", "_copying", "_most_held", "_own", "_pieces", "_scanner", "_tool")

    def __init__(
        self, scanner: StreamScanner, copying: Copying, tool: Tool, most_held: int
    ) -> None:
        self._scanner = scanner
        self._copying = copying
        self._tool = tool
        self._most_held = most_held
        self._pieces: list[str] = []
        self._own: list[Finding] = []
        self._closed = False

    def feed(self, text: str) -> None:
        """Take the next piece of the text."""
        self._pieces.append(text)
        self._scanner.feed(text)
        if not self._closed and self._scanner.chars > self._most_held:
            self._undecided()

    def close(self) -> None:
        """There is no more text."""
        self._scanner.close()
        self._judge()

    def end(self, text: str) -> None:
        """Take the last piece of a text that cannot go on after it."""
        self._pieces.append(text)
        self._scanner.end(text)
        self._judge()

    def resume(self) -> None:
        """The text goes on after all; what was given is given."""
        self._scanner.resume()
        self._closed = False

    def give_up(self) -> None:
        """No more time: what waits is blocked."""
        if not self._closed and any(self._pieces):
            self._undecided()

    @property
    def settled(self) -> int:
        """Characters that are final and not yet taken."""
        return self._scanner.settled if self._closed and not self.blocked else 0

    def take(self, count: int) -> str:
        """The rewritten text of the next ``count`` settled characters of the original."""
        return self._scanner.take(min(count, self.settled))

    @property
    def findings(self) -> list[Finding]:
        """The settled findings."""
        return [*self._scanner.findings, *self._own] if self._own else self._scanner.findings

    @property
    def chars(self) -> int:
        """Characters fed so far."""
        return self._scanner.chars

    @property
    def action(self) -> Action:
        """The strongest action of the settled findings."""
        return max((one.action for one in self._own), default=self._scanner.action)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is found in what is settled, and nothing replaced."""
        return self._scanner.is_clean and not self._own

    @property
    def blocked(self) -> bool:
        """Whether one of them blocks."""
        return self._scanner.blocked or any(one.action is Action.BLOCK for one in self._own)

    def _judge(self) -> None:
        if not self._closed:
            self._closed = True
            self._own = list(self._copying.found("".join(self._pieces), self._tool()))

    def _undecided(self) -> None:
        blame = self._copying.rules[0][0].shown
        self._own = [Finding(blame, UNDECIDED, 0, self._scanner.chars, 1.0, Action.BLOCK)]

"""What the scanners found in one direction of a call, and the count of it as they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.audit.record import Coverage, FindingNote
from gateway.errors import ContentBlocked
from gateway.ingress.json_writing import Later
from gateway.steps.recalling import note_of
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.policy.decide import Decision
    from gateway.scan.finding import Finding
    from gateway.scan.runs import Run
    from gateway.steps.recalling import NoteKey, Recollection
    from gateway.wire.exchange import Path, Text

__all__ = ["Inspection", "Tally"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the scanners found in one direction of a call.

    Attributes:
        action: The strongest action of all findings.
        findings: One note per scanner, entity, place and action.
        coverage: What was read, and by whom.
        replacements: New texts for those places that the findings rewrite.
        blocker: Scanner and entity of a finding that blocks.
        matched: Places and matched texts, for the sealed part of the record only.
        later: What marks among the replacements stand for.
    """

    action: Action
    findings: tuple[FindingNote, ...]
    coverage: Coverage
    replacements: Mapping[Path, str] = field(default_factory=dict, repr=False)
    blocker: tuple[str, str] | None = None
    matched: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    later: Later = field(default_factory=Later, repr=False, compare=False)

    def refusal(self) -> ContentBlocked:
        """The refusal that a block in a request leads to; it names scanner and entity only."""
        scanner, entity = self.blocker or ("policy", "CONTENT")
        return ContentBlocked(
            f"{scanner} found {entity}",
            message=f"The content of this request is blocked: {scanner} found {entity}.",
        )


class Tally:
    """Counts what scanners read and find, text by text.

    Args:
        decision: Whose scanners read.
        shown: Per scanner the name that records give (``Engine.shown``).
    """

    def __init__(self, decision: Decision, shown: Mapping[str, str]) -> None:
        self._scanners = decision.scanners
        self._on_error = decision.on_scanner_error
        self._shown = shown
        self._notes: dict[NoteKey, tuple[float, int] | FindingNote] = {}
        self._verdicts: dict[str, str] = {}
        self._noted: set[tuple[str, ...]] = set()
        self._matched: list[Mapping[str, str]] = []
        self._chars = 0
        self._scanned = 0
        self._blocker: tuple[str, str] | None = None
        self._repeated: list[tuple[Finding, str, str]] = []
        self.action = Action.ALLOW

    def read(self, chars: int, readers: tuple[str, ...]) -> None:
        """A text of ``chars`` characters was read by these scanners."""
        self._chars += chars
        if readers:
            self._scanned += chars
            self._note(readers)

    def read_run(self, run: Run) -> None:
        """Some texts were read, now or earlier; what was found in them is told apart."""
        self._chars += run.chars
        self._scanned += run.scanned
        self._note(run.readers)

    def recall(self, told: Recollection, texts: Sequence[Text]) -> None:
        """What was found in a run earlier is told of the same texts again."""
        for name in told.scanners:
            self._verdicts[name] = "hit"
        self.action = max(self.action, told.action)
        self._blocker = self._blocker or told.blocker
        if self._notes.keys().isdisjoint(told.notes):
            self._notes.update(told.notes)
        else:
            for key, note in told.notes.items():
                self._note_so_often(key, note.score, note.count)
        self._matched += [
            {"where": where, "entity": entity, "text": texts[number].value[start:end]}
            for number, where, entity, start, end in told.spots
        ]

    def _note(self, readers: tuple[str, ...]) -> None:
        if readers not in self._noted:
            self._noted.add(readers)
            for name in readers:
                self._verdicts.setdefault(self._shown[name], "clean")

    def find(self, finding: Finding, where: str, value: str, *, again: bool = False) -> None:
        """A scanner found ``value`` at ``where``, which may say again what another text says."""
        self._verdicts[finding.scanner] = "hit"
        self.action = max(self.action, finding.action)
        if finding.action is Action.BLOCK and self._blocker is None:
            self._blocker = (finding.scanner, finding.entity)
        if again:
            self._repeated.append((finding, where, value))
        else:
            self._count(finding, where, value)

    def _count(self, finding: Finding, where: str, value: str) -> None:
        self._note_so_often(
            (finding.scanner, finding.entity, where, finding.action), finding.score, 1
        )
        self._matched.append({"where": where, "entity": finding.entity, "text": value})

    def _note_so_often(self, key: NoteKey, score: float, count: int) -> None:
        known = self._notes.get(key)
        if isinstance(known, FindingNote):
            known = (known.score, known.count)
        earlier, times = known or (0.0, 0)
        self._notes[key] = (max(earlier, score), times + count)

    def _count_repeated(self) -> None:
        """What no other text says counts after all."""
        seen = {(one["entity"], one["text"]) for one in self._matched} if self._repeated else set()
        for finding, where, value in self._repeated:
            if (finding.entity, value) not in seen:
                self._count(finding, where, value)
        self._repeated.clear()

    def block(self, scanner: str, entity: str) -> None:
        """Blocks for a cause that no finding gave, such as a rewrite that cannot be applied."""
        self._blocker = self._blocker or (scanner, entity)
        self.action = Action.BLOCK

    def fail(self, chars: int, readers: Sequence[str], why: str = "error") -> None:
        """These scanners could not read a text; the policy says what that means."""
        self._chars += chars
        for name in readers:
            self._verdicts[self._shown[name]] = why
        self.action = max(self.action, self._on_error)
        if self._on_error is Action.BLOCK and self._blocker is None:
            name = self._shown[readers[0]] if readers else "policy"
            self._blocker = (name, "SCANNER_ERROR")

    def result(
        self, replacements: Mapping[Path, str] | None = None, later: Later | None = None
    ) -> Inspection:
        """Everything so far."""
        self._count_repeated()
        verdicts = {
            name: self._verdicts.get(name, "not_run(no text of its kind)")
            for name in map(self._shown.__getitem__, self._scanners)
        }
        notes = tuple(
            [
                note if isinstance(note, FindingNote) else note_of(key, *note)
                for key, note in self._notes.items()
            ]
        )
        return Inspection(
            self.action,
            notes,
            Coverage(self._chars, self._scanned, verdicts),
            replacements or {},
            self._blocker,
            tuple(self._matched),
            later or Later(),
        )

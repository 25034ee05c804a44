from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.scan.channel import Channel
from gateway.scan.decode import RUN
from gateway.scan.detector import make
from gateway.scan.matcher import Automaton
from gateway.scan.reader import Reader
from gateway.scan.selection import Selection
from gateway.terms import Action, ScannerSpec

if TYPE_CHECKING:
    from gateway.terms import Provenance

TICKET = make("pattern", "TICKET", "T-[0-9]{4}", lambda _found: 1.0, rule="T-[0-9]{4}")
SPEC = ScannerSpec(
    "tickets",
    "pattern",
    frozenset({"user", "tool"}),
    action=Action.REDACT,
    patterns={"TICKET": "T-[0-9]{4}"},
)


def found(*specs: ScannerSpec, provenance: Provenance = "user") -> list[tuple[str, str, Action]]:
    reader = Reader(Automaton([RUN.trigger, TICKET.regex.trigger]), {1: TICKET})
    progress = Channel(Selection(specs, provenance, reader)).advance("see T-1234 now", final=True)
    return [(one.scanner, one.entity, one.action) for one in progress.findings]


def test_what_the_reader_sees_is_settled_by_the_scanners_of_the_selection() -> None:
    assert found(SPEC) == [("tickets", "TICKET", Action.REDACT)]


def test_without_scanners_nothing_is_made_of_it() -> None:
    assert found() == []

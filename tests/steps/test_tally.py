"""Findings are counted, and verdicts are the worst that there was."""

from __future__ import annotations

from decisions import allowing

from gateway.scan.finding import Finding
from gateway.steps.tally import Tally
from gateway.terms import Action

SHOWN = {"pii": "pii", "pii~-x": "pii", "names": "names"}


def tally(*scanners: str, on_error: Action = Action.BLOCK) -> Tally:
    decision = allowing(*scanners, on_error=on_error)
    return Tally(decision, SHOWN)


def found(score: float, action: Action = Action.REDACT) -> Finding:
    return Finding("pii", "EMAIL_ADDRESS", 0, 3, score, action)


def test_equal_findings_are_one_note_with_a_count() -> None:
    counted = tally("pii")
    counted.find(found(0.5), "/here", "x")
    counted.find(found(0.9), "/here", "y")
    counted.find(found(0.7), "/there", "z")
    here, there = counted.result().findings
    assert (here.count, here.score, there.count) == (2, 0.9, 1)


def test_a_scanner_that_reads_nothing_did_not_run() -> None:
    counted = tally("pii", "names")
    counted.read(5, ("pii",))
    assert counted.result().coverage.scanners == {
        "pii": "clean",
        "names": "not_run(no text of its kind)",
    }


def test_what_a_scanner_could_not_read_says_why_and_acts_as_the_policy_says() -> None:
    counted = tally("names")
    counted.fail(0, ("names",), "timeout")
    result = counted.result()
    assert result.coverage.scanners == {"names": "timeout"}
    assert (result.action, result.blocker) == (Action.BLOCK, ("names", "SCANNER_ERROR"))
    lax = tally("names", on_error=Action.FLAG)
    lax.fail(7, ("names",))
    assert (lax.result().action, lax.result().blocker) == (Action.FLAG, None)
    assert lax.result().coverage.scanners == {"names": "error"}

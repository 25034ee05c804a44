from __future__ import annotations

from gateway.scan.channel import Progress
from gateway.scan.decode import Piece
from gateway.scan.detector import Candidate
from gateway.scan.finding import Finding, Replacement, Scan
from gateway.scan.reader import State
from gateway.terms import Action

TEXT = "john@example.org"


def test_no_text_of_a_prompt_stands_in_a_repr() -> None:
    finding = Finding("pii", "EMAIL_ADDRESS", 0, 16, 0.95, Action.REDACT)
    replacement = Replacement(0, 16, "tokenise", "EMAIL_ADDRESS", value=TEXT)
    shown = [
        Scan((finding,), 16, Action.REDACT, (replacement,)),
        replacement,
        Candidate(TEXT, TEXT, ""),
        Piece(0, 16, TEXT, (3, 4)),
        Progress(TEXT),
        State(TEXT),
    ]
    assert not any(TEXT in repr(one) for one in shown)

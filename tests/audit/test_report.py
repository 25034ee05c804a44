from __future__ import annotations

import pytest

from gateway.audit.report import Flaw, Report, TreeReport

_TREE = TreeReport(0, 0, 0, None, None)


@pytest.mark.parametrize(
    ("flaw", "line"),
    [
        (Flaw("w", 3, "gone", "2026-01-31"), "writer w, record 3: gone (2026-01-31)"),
        (Flaw("w", None, "its head is no head"), "writer w: its head is no head"),
        (Flaw(None, 3, "it belongs to no writer"), "store, record 3: it belongs to no writer"),
        (Flaw(None, None, "it ends early"), "store: it ends early"),
    ],
)  # fmt: skip
def test_a_flaw_is_one_line(flaw: Flaw, line: str) -> None:
    assert str(flaw) == line


def test_a_report_with_a_flaw_is_not_fine() -> None:
    assert Report((), (), (), 0, 0, 0, 0, _TREE).ok
    assert not Report((), (Flaw(None, None, "gone"),), (), 0, 0, 0, 0, _TREE).ok

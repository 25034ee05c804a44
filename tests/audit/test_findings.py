from __future__ import annotations

from gateway.audit.findings import Findings


def test_flaws_come_in_the_order_of_the_log() -> None:
    findings = Findings()
    findings.seq = 7
    findings.flaw("second", "w", 3, "now")
    findings.seq = 2
    findings.flaw("first")
    findings.at_the_end()
    findings.flaw("third")
    findings.seq = 7
    findings.flaw("second too")
    assert [flaw.what for flaw in findings.flaws] == ["first", "second", "second too", "third"]
    assert str(findings.flaws[1]) == "writer w, record 3: second (now)"


def test_only_so_many_flaws_are_kept() -> None:
    findings = Findings()
    for number in range(500):
        findings.flaw(str(number))
    assert [flaw.what for flaw in findings.flaws] == [str(number) for number in range(100)]

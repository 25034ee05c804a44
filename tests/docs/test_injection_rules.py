"""The page of the injection rules lists the rules that there are, as they are."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.scan.injection import RULES

PAGE = Path(__file__).parents[2] / "docs" / "injection-rules.md"


def _row(rule_id: str, entity: str, score: float, reference: str) -> str:
    owasp, atlas = re.fullmatch(r"OWASP (LLM\d\d:2025); MITRE ATLAS (\S+)", reference).groups()  # type: ignore[union-attr]
    return f"| `{rule_id}` | `{entity}` | {score} | {owasp} | {atlas} |"


def test_the_table_has_every_rule_with_its_family_score_and_references() -> None:
    told = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    rules = sorted(RULES, key=lambda one: (one.entity, one.id))
    assert told == [_row(one.id, one.entity, one.score, one.reference) for one in rules]

"""Exceptions and rules in shadow mode that have ended, or soon do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.days import parse_day
from gateway.policy.ending import ending
from gateway.policy.load import load_policy
from gateway.policy.merged import merge
from gateway.policy.sources import find_files, read_sources

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
version: 1
roles: {x: {}}
scanners: {words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}}
rules:
  - {id: r, allow: {roles: [x]}, scan: [words]}
  - {id: tried, mode: shadow, until: 2027-01-31, deny: {roles: [x]}}
  - {id: measured, mode: shadow, until: 2027-02-28, override: {scanner: words, action: block}}
  - {id: endless, mode: shadow, deny: {roles: [x]}}
exceptions:
  - id: spared
    rule: r
    suppress: {scanner: words, entities: [A]}
    match: {roles: [x]}
    reason: r
    approved_by: a
    expires: 2027-03-31
"""


def warnings(folder: Path, day: str) -> list[str]:
    (folder / "a.yaml").write_text(TEXT)
    merged, _ = merge(read_sources(find_files([folder])))
    found = ending(merged, load_policy([folder]), parse_day(day))
    return [f"{one} [{one.code}]".replace(f"{folder}/", "") for one in found]


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        ("2027-01-16", []),
        ("2027-01-17", ["expiring-shadow"]),
        ("2027-01-31", ["expiring-shadow"]),
        ("2027-02-01", ["expired-shadow"]),
        ("2027-02-28", ["expired-shadow", "expiring-shadow"]),
        ("2027-03-31", ["expiring-exception", "expired-shadow", "expired-shadow"]),
        ("2027-04-01", ["expired-exception", "expired-shadow", "expired-shadow"]),
    ],
)
def test_the_last_day_still_counts_and_two_weeks_are_near(
    tmp_path: Path, day: str, codes: list[str]
) -> None:
    assert [one.rpartition("[")[2].rstrip("]") for one in warnings(tmp_path, day)] == codes


def test_what_has_ended_is_named_at_its_date(tmp_path: Path) -> None:
    assert warnings(tmp_path, "2027-04-01")[:2] == [
        (
            "a.yaml:16:5: the exception 'spared' has ended on 2027-03-31; take it out, or renew it "
            "[expired-exception]"
        ),
        (
            "a.yaml:6:31: the rule 'tried' in shadow mode has ended on 2027-01-31; take it out, or "
            "renew it [expired-shadow]"
        ),
    ]


def test_what_ends_soon_is_named_in_time(tmp_path: Path) -> None:
    assert warnings(tmp_path, "2027-01-20") == [
        (
            "a.yaml:6:31: the rule 'tried' in shadow mode ends after 2027-01-31; renew it in time, "
            "or let it go [expiring-shadow]"
        )
    ]

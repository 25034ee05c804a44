"""Each kind of scanner has keys of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.known import Known

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy


def no_brackets(pattern: str) -> str | None:
    return "has a bracket" if "[" in pattern else None


KNOWN = Known(
    entities={"pii": ["CREDIT_CARD", "US_SSN"], "secrets": ["PRIVATE_KEY"]},
    check_pattern=no_brackets,
    regions=("US", "GB"),
)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            "kind: injection, on: [user], action: block",
            "a.yaml:2:45: a scanner of kind injection takes no 'action'; it takes kind, on",
        ),
        (
            "kind: pii, on: [user], entities: {US_SSN: flag}, patterns: {A: b}",
            "a.yaml:2:65: a scanner of kind pii takes no 'patterns'",
        ),
        (
            "kind: pattern, on: [user], action: flag, patterns: {A: b}, entities: {A: flag}",
            "a.yaml:2:75: a scanner of kind pattern takes no 'entities'",
        ),
        (
            "kind: pii, on: [user], entities: {US_SSN: flag}, regions: [US, UK]",
            "a.yaml:2:79: no numbering plan is known for 'UK'; write two capital letters",
        ),
        (
            "kind: secrets, on: [user], action: flag, regions: [US]",
            "a.yaml:2:57: a scanner of kind secrets takes no 'regions'",
        ),
        ("kind: pii, on: [user]", "a.yaml:2:12: a scanner of kind pii needs 'entities'; add it"),
        (
            "kind: pii, on: [user], entities: {}",
            "a.yaml:2:39: a scanner of kind pii needs 'entities'; add it",
        ),
        ("kind: secrets, on: [user]", "a.yaml:2:12: a scanner of kind secrets needs 'action'"),
        (
            "kind: pattern, on: [user], action: flag",
            "a.yaml:2:12: a scanner of kind pattern needs 'patterns' or 'words'",
        ),
        (
            "kind: injection, on: [user], flag_at: 0.8, block_at: 0.7",
            "a.yaml:2:59: block_at 0.7 is less than flag_at 0.8; what is blocked must at least be",
        ),
        (
            "kind: injection, on: [user], flag_at: 0.95",
            "a.yaml:2:45: block_at 0.9 is less than flag_at 0.95",
        ),
        (
            "kind: pii, on: [user], entities: {CREDIT_CRD: block}",
            "a.yaml:2:50: a scanner of kind pii finds no 'CREDIT_CRD'; did you mean 'CREDIT_CARD'?",
        ),
        (
            "kind: secrets, on: [user], action: flag, entities: {US_SSN: block}",
            "a.yaml:2:68: a scanner of kind secrets finds no 'US_SSN'; known are PRIVATE_KEY",
        ),
        (
            "kind: pattern, on: [user], action: flag, patterns: {A: '[b'}",
            "a.yaml:2:68: A: has a bracket",
        ),
    ],
)
def test_what_does_not_fit_a_kind(
    problems: Callable[..., list[str]], settings: str, problem: str
) -> None:
    (found,) = problems(f"scanners: {{x: {{{settings}}}}}", known=KNOWN)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    "settings",
    [
        "kind: injection, on: [user]",
        "kind: injection, on: [user], flag_at: 0.5, block_at: 0.5",
        "kind: pii, on: [user], entities: {US_SSN: allow}",
        "kind: secrets, on: [user], action: allow, entities: {PRIVATE_KEY: block}",
        "kind: pattern, on: [user], action: redact, patterns: {MY_OWN: b}",
    ],
)
def test_what_fits_a_kind(load: Callable[..., Policy], settings: str) -> None:
    assert load(f"scanners: {{x: {{{settings}}}}}", known=KNOWN).scanners[0].name == "x"

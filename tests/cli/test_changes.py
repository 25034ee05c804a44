"""Changes between policies, as a person reads them."""

from __future__ import annotations

import io
from typing import get_args

from rich.console import Console

from gateway.cli.changes import HEADINGS, print_changes
from gateway.policy.change import Change, Question
from gateway.policy.differences import Kind

EXAMPLE = Question("role x", "messages", "m", "n=2", "a test")


def change(kind: Kind, **changes: object) -> Change:
    parts = {
        "kind": kind,
        "before": "was",
        "after": "is",
        "count": 7,
        "example": EXAMPLE,
        "callers": ("role x",),
        "routes": ("messages",),
        "models": ("m",),
    }
    return Change(**{**parts, **changes})  # type: ignore[arg-type]


def shown(*changes: Change) -> list[str]:
    out = Console(file=io.StringIO(), width=200)
    print_changes(out, changes)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_every_kind_of_change_has_its_heading() -> None:
    assert list(HEADINGS) == list(get_args(Kind))


def test_a_change_says_what_for_whom_and_an_example() -> None:
    assert shown(change("allowed")) == [
        "",
        "newly allowed",
        "  before   was",
        "  now      is",
        "  for      role x",
        "  on       messages",
        "  models   m",
        "  such as  role x asks for m on messages with n=2 in the test 'a test' (7 in all)",
    ]


def test_a_heading_stands_once_above_its_changes() -> None:
    lines = shown(change("allowed"), change("allowed"), change("denied"))
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "newly allowed",
        "newly denied",
    ]


def test_what_a_change_does_not_have_is_left_out() -> None:
    alone = change("granted", example=Question("role x"), routes=(), models=())
    assert shown(alone)[-2:] == ["  for      role x", "  such as  role x (7 in all)"]


def test_what_a_terminal_would_obey_is_shown_as_a_mark() -> None:
    lines = shown(change("allowed", callers=("\x1b[31mada",)))
    (line,) = (one for one in lines if one.startswith("  for"))
    assert "\x1b" not in line
    assert "\N{REPLACEMENT CHARACTER}[31mada" in line

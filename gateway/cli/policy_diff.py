"""``gateway policy diff``: what would a new policy decide differently, and for whom?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway.cli.common import json_option, print_json
from gateway.cli.policy_common import console, day_option, load_or_exit, some, summary, title
from gateway.policy.callers import MAX_CALLERS
from gateway.policy.diff import diff as diff_policies
from gateway.policy.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.policy.change import Change, Diff, Question
    from gateway.policy.differences import Kind
    from gateway.policy.suite import Hit
    from gateway.steps.activation import Active
    from gateway.terms import Provenance

__all__ = ["HEADINGS", "diff", "side_of"]

HEADINGS: Final[Mapping[Kind, tuple[str, str]]] = {
    "allowed": ("newly allowed", "bold red"),
    "weaker": ("a weaker action on texts of tests", "bold red"),
    "granted": ("control granted", "bold red"),
    "denied": ("newly denied", "bold green"),
    "stricter": ("a stronger action on texts of tests", "bold green"),
    "revoked": ("control taken away", "bold green"),
    "findings": ("other findings in texts of tests", "bold"),
    "scanners": ("other settings of scanners", "bold"),
    "changes": ("other changes to requests", "bold"),
    "limits": ("other limits", "bold"),
    "terms": ("other terms", "bold"),
    "shadow": ("measured otherwise in shadow mode", "bold"),
}
"""What a person reads above each kind of change, and how it looks."""

_PATH: Final = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@day_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything changed.")
@json_option
def diff(old: Path, new: Path, *, day: int, exit_code: bool, as_json: bool) -> None:
    """Compare the policies in OLD and NEW, each a file or a folder, by what they decide.

    Both are asked about every role, route and model that either tells apart, with parameters at
    the bounds of their rules, and with the requests of their tests; where other scanners read,
    they read the texts of the tests. What opens comes first.
    """
    sides = tuple(load_or_exit([path], as_json=as_json) for path in (old, new))
    found = diff_policies(side_of(sides[0]), side_of(sides[1]), day)
    if as_json:
        print_json(_json(found, sides))
    else:
        _print(found, sides)
    sys.exit(1 if exit_code and found.changes else 0)


def side_of(active: Active) -> Side:
    """A policy with its own scanners."""

    def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Hit]:
        return active.engine.scan(text, provenance, scanners).findings

    return Side(active.policy, scan)


def _json(found: Diff, sides: Iterable[Active]) -> dict[str, Any]:
    old, new = (summary(side.policy) for side in sides)
    return {
        "old": old,
        "new": new,
        "asked": found.asked,
        "complete": found.complete,
        "changes": [asdict(change) for change in found.changes],
    }


def _print(found: Diff, sides: Iterable[Active]) -> None:
    out = console()
    out.print(Text(" -> ".join(title(side.policy) for side in sides), style="dim"))
    kind = None
    for change in found.changes:
        if change.kind != kind:
            kind = change.kind
            heading, style = HEADINGS[kind]
            out.print(Text(f"\n{heading}", style=style))
        else:
            out.print()
        out.print(Padding(_table(change), (0, 0, 0, 2), expand=False))
    number = len(found.changes)
    said = f"{number} change{'' if number == 1 else 's'}" if number else "nothing changes"
    out.print(Text(f"{chr(10) if number else ''}{said}, in {found.asked} questions", style="bold"))
    if not found.complete:
        out.print(Text(f"there are more callers than {MAX_CALLERS}: not all were asked about"))


def _table(change: Change) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = {
        "before": change.before,
        "now": change.after,
        "for": some(change.callers),
        "on": some(change.routes),
        "models": some(change.models),
        "such as": f"{_shown(change.example)} ({change.count} in all)",
    }
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, style="dim"), Text(value))
    return table


def _shown(question: Question) -> str:
    """One request, in words."""
    parts = [question.caller]
    if question.route:
        parts.append(f"asks for {question.model} on {question.route}")
    if question.parameters:
        parts.append(f"with {question.parameters}")
    if question.test:
        parts.append(f"in the test {question.test!r}")
    return " ".join(parts)

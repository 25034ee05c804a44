"""Changes between policies, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gateway.cli.policy_common import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from gateway.policy.change import Change, Question
    from gateway.policy.differences import Kind

__all__ = ["HEADINGS", "print_changes"]

_OPENS, _CLOSES, _OTHER = "bold red", "bold green", "bold"

HEADINGS: Final[Mapping[Kind, tuple[str, str]]] = {
    "allowed": ("newly allowed", _OPENS),
    "weaker": ("a weaker action on texts", _OPENS),
    "granted": ("control granted", _OPENS),
    "denied": ("newly denied", _CLOSES),
    "stricter": ("a stronger action on texts", _CLOSES),
    "revoked": ("control taken away", _CLOSES),
    "findings": ("other findings in texts", _OTHER),
    "scanners": ("other settings of scanners", _OTHER),
    "changes": ("other changes to requests", _OTHER),
    "limits": ("other limits", _OTHER),
    "terms": ("other terms", _OTHER),
    "shadow": ("measured otherwise in shadow mode", _OTHER),
}
"""What a person reads above each kind of change, and how it looks."""


def print_changes(out: Console, changes: Iterable[Change]) -> None:
    """Prints changes in their order, each kind under its heading."""
    kind = None
    for change in changes:
        out.print()
        if change.kind != kind:
            kind = change.kind
            heading, style = HEADINGS[kind]
            out.print(Text(heading, style=style))
        out.print(Padding(_table(change), (0, 0, 0, 2), expand=False))


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
            table.add_row(Text(name, style="dim"), Text(_safe(value)))
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


def _safe(text: str) -> str:
    """The text without what a terminal would obey: a store may hold anything."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )

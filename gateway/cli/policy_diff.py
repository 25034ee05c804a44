"""``gateway policy diff``: what would a new policy decide differently, and for whom?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.text import Text

from gateway.cli.changes import print_changes
from gateway.cli.common import json_option, print_json
from gateway.cli.policy_common import (
    console,
    day_option,
    load_or_exit,
    own_option,
    summary,
    title,
)
from gateway.policy.callers import MAX_CALLERS
from gateway.policy.diff import diff as diff_policies
from gateway.policy.side import Side
from gateway.steps.copying import copies_among

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.cli.policy_common import Own
    from gateway.policy.change import Diff
    from gateway.policy.suite import Hit
    from gateway.steps.activation import Active
    from gateway.terms import Provenance

__all__ = ["diff", "side_of"]

_PATH: Final = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@own_option
@day_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything changed.")
@json_option
def diff(  # noqa: PLR0913 - one for each option
    old: Path, new: Path, *, own: Own, day: int, exit_code: bool, as_json: bool
) -> None:
    """Compare the policies in OLD and NEW, each a file or a folder, by what they decide.

    Both are asked about every role, route and model that either tells apart, with parameters at
    the bounds of their rules, and with the requests of their tests; where other scanners read,
    they read the texts of the tests. What opens comes first.
    """
    sides = tuple(load_or_exit([path], own, as_json=as_json) for path in (old, new))
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

    return Side(active.policy, scan, partial(copies_among, active.policy))


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
    print_changes(out, found.changes)
    number = len(found.changes)
    said = f"{number} change{'' if number == 1 else 's'}" if number else "nothing changes"
    out.print(Text(f"{chr(10) if number else ''}{said}, in {found.asked} questions", style="bold"))
    if not found.complete:
        out.print(Text(f"there are more callers than {MAX_CALLERS}: not all were asked about"))

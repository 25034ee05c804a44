"""``gateway init``: a new home for a gateway."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import json_option, print_json
from gateway.cli.keys import suite_option
from gateway.starter import create_home

if TYPE_CHECKING:
    from gateway.audit.recipients import SuiteName

__all__ = ["init"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@suite_option
@json_option
def init(folder: Path, suite: SuiteName, *, as_json: bool) -> None:
    """Write settings, the starter policy and fresh keys into DIR; never overwrite anything."""
    written = create_home(folder, suite=suite)
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        click.echo(path)
    click.echo(f"\nNext: gateway serve -c {folder / 'gateway.yaml'}", err=True)

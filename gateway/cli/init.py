"""``gateway init``: a new home for a gateway."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import json_option, print_json
from gateway.starter import create_home

__all__ = ["init"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@json_option
def init(folder: Path, *, as_json: bool) -> None:
    """Write settings, the starter policy and fresh keys into DIR; never overwrite anything."""
    written = create_home(folder)
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        click.echo(path)
    click.echo(f"\nNext: gateway serve -c {folder / 'gateway.yaml'}", err=True)

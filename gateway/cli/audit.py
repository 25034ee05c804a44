"""``gateway audit``: asks, follows and verifies the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from gateway.audit.gone import gone
from gateway.audit.keys import load_auditor
from gateway.audit.opened import opened
from gateway.audit.opener import Erased, Opener
from gateway.audit.query import Event, event
from gateway.cli.audit_shown import console, safe
from gateway.cli.audit_source import FILE, Source, with_source
from gateway.cli.common import Commands, json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.gone import Gone

__all__ = ["audit"]


@click.group(
    cls=Commands,
    modules={
        "erase": "gateway.cli.audit_erase:erase",
        "export": "gateway.cli.audit_export:export",
        "hold": "gateway.cli.audit_hold:hold",
        "prove": "gateway.cli.audit_prove:prove",
        "prune": "gateway.cli.audit_prune:prune",
        "query": "gateway.cli.audit_query:query",
        "verify": "gateway.cli.audit_verify:verify",
        "tail": "gateway.cli.audit_tail:tail",
    },
)
def audit() -> None:
    """Asks, follows and verifies the audit log."""


@audit.command()
@click.argument("event_id", metavar="ID")
@click.option("--key", type=FILE, help="An auditor's private key: opens the sealed part.")
@with_source
@json_option
def show(source: Source, event_id: str, key: Path | None, *, as_json: bool) -> None:
    """Prints one event, with --key also what is sealed in it."""
    if source.remote is not None:
        if key is not None:
            raise click.UsageError("a gateway gives no sealed parts away: --key needs --store")
        found, missing = Event(source.remote.get(f"/gateway/audit/events/{event_id}")), None
    else:
        found, missing = _stored(source.store, event_id)
    content = {} if key is None else _content(found, missing, key)
    if as_json:
        print_json({**found.header, **content})
    else:
        _print_event(found, content, missing)


def _stored(store: str, event_id: str) -> tuple[Event, Gone | None]:
    """An event, and what is gone of it."""
    found, missing = event(store, event_id), gone(store, event_id)
    if found is None:
        words = "there is no such event" if missing is None else str(missing)
        raise ConfigurationError(Problem(Place(event_id), words))
    return found, missing


def _content(found: Event, missing: Gone | None, key: Path) -> dict[str, Any]:
    if missing is not None and missing.pruned is not None:
        return {"content": None, "pruned": True}
    try:
        return {"content": opened(found, Opener(load_auditor(key)))}
    except Erased:
        return {"content": None, "erased": True}


def _print_event(found: Event, content: dict[str, Any], missing: Gone | None) -> None:
    screen, grid = console(), Table.grid(padding=(0, 2))
    for name, value in found.header.items():
        if value not in (None, [], {}):
            grid.add_row(Text(name, style="bold"), Text(safe(_plain(value))))
    screen.print(grid)
    if content.get("content") is not None:
        screen.rule("sealed part")
        text = orjson.dumps(content["content"], option=orjson.OPT_INDENT_2).decode()
        screen.print(Text(safe(text)))
    elif missing is not None:
        click.echo(safe(f"{'pruned' if missing.pruned else 'missing'}: {missing}"))
    elif content.get("erased"):
        click.echo("erased: the salt of its subject is gone, and nobody can open the sealed part")
    elif found.header["sealed"] is not None:
        click.echo("sealed: open it with --key and an auditor's private key")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()

"""``gateway audit hold``: keeps records from retention and erasure until it is released."""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click
from rich.table import Table
from rich.text import Text

from gateway.audit.filters import parse_time
from gateway.audit.holds import Hold, holds_of, place
from gateway.audit.holds import release as release_hold
from gateway.audit.keys import load_keys
from gateway.audit.ledger import Ledger
from gateway.audit.store.opening import open_reader
from gateway.cli.audit_erase import user_name, with_log
from gateway.cli.audit_shown import console, safe
from gateway.cli.audit_source import Source, with_store
from gateway.cli.common import json_option, print_json

if TYPE_CHECKING:
    from gateway.settings import AuditSettings

__all__ = ["hold"]

_BUSY: Final = 30.0
_END: Final = 2**47


@click.group()
def hold() -> None:
    """Legal holds: what no retention prunes and no erasure reaches."""


@hold.command()
@click.option("--subject", help="All records of this subject.")
@click.option("--request", help="The records of this call.")
@click.option("--tenant", help="All records of this tenant.")
@click.option("--since", help="All records from this time on.")
@click.option("--until", help="All records before this time.")
@click.option("--reason", required=True, help="Why, for the record.")
@with_log
@json_option
def add(
    log: AuditSettings,
    *,
    since: str | None,
    until: str | None,
    reason: str,
    as_json: bool,
    **named: str | None,
) -> None:
    """Place a hold, which is itself recorded."""
    wanted = [(kind, value) for kind, value in named.items() if value]
    if since is not None or until is not None:
        first = 0 if since is None else parse_time(since)
        last = _END if until is None else parse_time(until) - 1
        wanted.append(("time", f"{first}/{last}"))
    if len(wanted) != 1:
        raise click.UsageError(
            "say what to hold: one of --subject, --request, --tenant, or --since and --until"
        )
    kind, value = wanted[0]
    now = round(time.time() * 1000)
    with contextlib.closing(Ledger(log.store, load_keys(log), _BUSY)) as ledger:
        placed = place(ledger, Hold(0, kind, value, reason, user_name(), now))
    if as_json:
        print_json(asdict(placed))
    else:
        click.echo(f"hold {placed.number}: {safe(_what(placed))}")


@hold.command("list")
@with_store
@json_option
def list_holds(source: Source, *, as_json: bool) -> None:
    """Print all holds."""
    with open_reader(source.store) as reader:
        found = holds_of(reader)
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    shown = Table("hold", "keeps", "by", "reason")
    for one in found:
        shown.add_row(
            *map(Text, (str(one.number), safe(_what(one)), safe(one.by), safe(one.reason)))
        )
    console().print(shown)


@hold.command()
@click.argument("number", metavar="ID", type=click.IntRange(1))
@click.option("--reason", required=True, help="Why, for the record.")
@with_log
@json_option
def release(log: AuditSettings, *, number: int, reason: str, as_json: bool) -> None:
    """Release a hold, which is itself recorded."""
    with contextlib.closing(Ledger(log.store, load_keys(log), _BUSY)) as ledger:
        release_hold(ledger, number, user_name(), reason)
    if as_json:
        print_json({"released": number})
    else:
        click.echo(f"hold {number} is released")


def _what(one: Hold) -> str:
    return f"{one.kind} {one.value}"

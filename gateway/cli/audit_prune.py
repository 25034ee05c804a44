"""``gateway audit prune``: retention by whoever may delete, where the gateways may not."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.audit.keys import load_keys
from gateway.audit.ledger import Item, Ledger
from gateway.audit.pruning import Periods
from gateway.audit.pruning import prune as prune_log
from gateway.audit.store.opening import open_reader, open_store
from gateway.cli.audit_erase import with_log
from gateway.cli.common import json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from gateway.audit.record import Record
    from gateway.settings import AuditSettings

__all__ = ["prune"]

_BUSY: Final = 30.0
_NONE: Final = "says of nothing how long it is kept"


@click.command()
@with_log
@json_option
def prune(log: AuditSettings, *, as_json: bool) -> None:
    """Take out what is older than the settings' retention, each time with a record of it.

    For gateways that may only add records; others do it by themselves.
    """
    kept = log.retention
    periods = Periods(kept.sealed, kept.headers, kept.proofs)
    if periods == Periods():
        raise ConfigurationError(Problem(Place("audit.retention"), _NONE, "nothing was taken out"))
    told: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        ledger = stack.enter_context(contextlib.closing(Ledger(log.store, load_keys(log), _BUSY)))
        reader = stack.enter_context(open_reader(log.store))
        store = stack.enter_context(contextlib.closing(open_store(log.store, _BUSY, "open")))

        def record(one: Record) -> None:
            ledger.commit([Item(one)])
            told.append(dict(one.detail or {}))

        while prune_log(reader, store, periods, record):
            pass
    _tell(told, as_json=as_json)


def _tell(told: list[dict[str, Any]], *, as_json: bool) -> None:
    for one in told:
        if as_json:
            print_json(one)
        else:
            click.echo(f"{one['what']}: {one['pruned']} taken out, {one['kept']} kept")
    if not told and not as_json:
        click.echo("nothing has outlived its retention")

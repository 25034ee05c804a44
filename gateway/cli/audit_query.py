"""``gateway audit query``: pages of the audit log, also by a value that was matched."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from gateway.audit.filters import Filters
from gateway.audit.keys import load_index
from gateway.audit.query import events
from gateway.cli.audit_shown import console, row, table
from gateway.cli.audit_source import FILE, Source, filter_options, given_filters, with_source
from gateway.cli.common import json_option, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.blind import Tokens

__all__ = ["query"]


@dataclass(frozen=True, slots=True)
class _Found:
    """A page as it is shown; ``value`` says whether it was found by one."""

    events: list[dict[str, Any]]
    next: str | None
    doubtful: frozenset[str] = frozenset()
    value: bool = False


@click.command()
@filter_options
@click.option("--limit", help="At most this many events, 1 to 1000; 100 if not given.")
@click.option("--cursor", help="Where an earlier page ended.")
@click.option("--value", help="A value that a scanner matched in them; - reads it from stdin.")
@click.option("--index-key", type=FILE, help="The key of the index for --value, index.key.")
@with_source
@json_option
def query(
    source: Source,
    *,
    value: str | None,
    index_key: Path | None,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Print events, newest first."""
    given = given_filters(filters)
    parsed = Filters.parse(given)
    if value is None:
        found = _page(source, parsed, given)
    else:
        found = _held(replace(source, index=index_key or source.index), parsed, value)
    if as_json:
        for header in found.events:
            match = "short" if header["id"] in found.doubtful else "value"
            print_json({**header, "match": match} if found.value else header)
        return
    _show(found)


def _page(source: Source, filters: Filters, given: dict[str, str]) -> _Found:
    if source.remote is not None:
        answer = source.remote.get("/gateway/audit/events", given)
        return _Found(answer["events"], answer["next"])
    page = events(source.store, filters)
    return _Found(list(page.events), page.next)


def _held(source: Source, filters: Filters, value: str) -> _Found:
    if source.remote is not None:
        raise click.UsageError("a value belongs in no URL: --value needs -c or --store")
    if source.index is None:
        raise click.UsageError("--value needs --index-key, or audit.index_key in the settings")
    tokens = _tokens(source.index, sys.stdin.readline() if value == "-" else value)
    page = events(source.store, filters, value=tokens)
    return _Found(list(page.events), page.next, page.doubtful, value=True)


def _tokens(key: Path, value: str) -> Tokens:
    if not value.strip():
        raise click.UsageError("--value needs a value")
    return load_index(key).search(value)


def _show(found: _Found) -> None:
    shown = table()
    for header in found.events:
        shown.add_row(*map(Text, row(header)))
    console().print(shown)
    if found.doubtful:
        click.echo(
            f"{len(found.doubtful)} of these were found by a short token: they may have held"
            " another value"
        )
    if found.next is not None:
        click.echo(f"more: --cursor {found.next}")

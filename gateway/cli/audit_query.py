"""``gateway audit query``: pages of the audit log, also by a value that was matched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from gateway.audit.filters import Filters
from gateway.audit.query import events
from gateway.cli.audit_shown import console, row, table
from gateway.cli.audit_source import (
    Source,
    filter_options,
    given_filters,
    tokens_of,
    value_options,
    with_source,
)
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
@value_options
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
    tokens = tokens_of(source, value, index_key)
    found = _page(source, parsed, given) if tokens is None else _held(source, parsed, tokens)
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


def _held(source: Source, filters: Filters, tokens: Tokens) -> _Found:
    page = events(source.store, filters, value=tokens)
    return _Found(list(page.events), page.next, page.doubtful, value=True)


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

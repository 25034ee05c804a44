"""``gateway audit tail``: follows the audit log, of a store or of a running gateway."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import click
import orjson
from rich.text import Text

from gateway.audit.filters import Filters
from gateway.audit.live import Hub
from gateway.cli.audit_shown import console, row, safe
from gateway.cli.audit_source import Source, filter_options, given_filters, with_source
from gateway.cli.common import json_option, print_json

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["tail"]

_STYLES: Final = {
    "allow": "green",
    "flag": "yellow",
    "tokenise": "cyan",
    "redact": "magenta",
    "block": "red",
    "deny": "bold red",
}


@click.command()
@filter_options
@click.option("--after", help="Resume after this cursor.")
@click.option("--count", type=click.IntRange(1), help="End after this many records or gaps.")
@with_source
@json_option
def tail(
    source: Source, after: str | None, count: int | None, *, as_json: bool, **filters: str | None
) -> None:
    """Prints events as they happen, until it is interrupted; resumes by itself."""
    given = given_filters(filters)
    parsed = Filters.parse(given)
    printer = _Printer(count, as_json=as_json)
    with contextlib.suppress(KeyboardInterrupt):
        if source.remote is None:
            asyncio.run(_follow(source.store, parsed, after, printer))
            return
        for one in source.remote.stream("/gateway/audit/stream", given, after or ""):
            printer.show(one.kind, one.cursor, one.data)
            if printer.done:
                return


async def _follow(store: str, filters: Filters, after: str | None, printer: _Printer) -> None:
    hub = Hub(store)
    async with contextlib.aclosing(await hub.subscribe(filters, after)) as stream:
        async for one in stream:
            printer.show(one.kind, one.cursor, one.data.decode())
            if printer.done:
                break
    await hub.close()


class _Printer:
    """Prints events, a line each; ``done`` after as many records and gaps as are wanted."""

    def __init__(self, count: int | None, *, as_json: bool) -> None:
        self._left, self._as_json = count, as_json
        self._console: Console = console()

    @property
    def done(self) -> bool:
        return self._left == 0

    def show(self, kind: str, cursor: str, data: str) -> None:
        value = orjson.loads(data)
        if self._as_json:
            print_json({"kind": kind, "cursor": cursor, "data": value})
        else:
            self._console.print(_line(kind, value), soft_wrap=True)
        if self._left is not None and kind != "checkpoint":
            self._left -= 1


def _line(kind: str, value: dict[str, Any]) -> Text:
    if kind == "record":
        return Text("  ".join(row(value)), _STYLES.get(value["decision"] or "", "dim"))
    if kind == "gap":
        skipped = "some" if value["skipped"] is None else value["skipped"]
        return Text(safe(f"-- {skipped} records skipped: {value['reason']}"), "bold yellow")
    return Text(safe(f"-- signed: {value['size']} records, {value['time']}"), "dim")

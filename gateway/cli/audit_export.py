"""``gateway audit export``: the log for other tools, a line for each record."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING, Any, Final

import click

from gateway.audit.cursor import Cursor
from gateway.audit.exports.lines import FORMATS, line
from gateway.audit.exports.reading import after_of, stored
from gateway.audit.filters import Filters
from gateway.audit.store.opening import open_reader
from gateway.cli.audit_source import (
    FILE,
    Source,
    filter_options,
    given_filters,
    tokens_of,
    value_options,
    with_source,
)
from gateway.cli.remote_records import remote_end, remote_records
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.audit.exports.reading import Stored

__all__ = ["export"]

_PRIVATE: Final = 0o600


@click.command()
@filter_options
@value_options
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Of each line.")
@click.option("-o", "--output", type=FILE, help="A new file; with --after one to write on to.")
@click.option("--after", help="Go on where an earlier export ended: the cursor that it printed.")
@with_source
def export(
    source: Source, *, form: str, output: Path | None, after: str | None, **rest: Any
) -> None:
    """Writes records in the order of the log, a line each; prints a cursor to stderr at the end."""
    tokens = tokens_of(source, rest.pop("value"), rest.pop("index_key"))
    given = given_filters(rest)
    asked = Filters.parse(given)
    with contextlib.ExitStack() as stack:
        if source.remote is not None:
            end = remote_end(source.remote)
            store, last = end.store, after_of(end.store, after)
            records = remote_records(source.remote, given, last, end)
        else:
            reader = stack.enter_context(open_reader(source.store))
            store, last = reader.store, after_of(reader.store, after)
            records = stored(reader, asked, last, () if tokens is None else tokens.all)
        _write(records, Cursor(store, last), form, stack.enter_context(_opened(output, after)))


def _write(records: Iterator[Stored], start: Cursor, form: str, target: IO[bytes]) -> None:
    """Writes records, and where the next export goes on, also when they end with a failure."""
    last, failure = start.seq, None
    try:
        for record in records:
            target.write(line(record.header, form) + b"\n")
            last = record.seq
    except (AuditUnavailable, ConfigurationError) as error:
        failure = error
    click.echo(f"cursor: {Cursor(start.store, last)}", err=True)
    if failure is not None:
        raise failure


@contextlib.contextmanager
def _opened(output: Path | None, after: str | None) -> Iterator[IO[bytes]]:
    """Where lines go; a file is on the disk when its cursor is printed, and for its owner only."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    kind = os.O_CREAT | os.O_APPEND if after is not None else os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | kind, _PRIVATE), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        advice = "name a new one, or go on in it with --after"
        raise ConfigurationError(Problem(Place(str(output)), "the file exists", advice)) from None
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise ConfigurationError(Problem(Place(str(output)), message)) from None

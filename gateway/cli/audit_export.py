"""``gateway audit export``: the log for other tools, a line for each record."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING, Final

import click

from gateway.audit.cursor import Cursor
from gateway.audit.exports.lines import FORMATS, line
from gateway.audit.exports.reading import after_of, stored
from gateway.audit.filters import Filters
from gateway.audit.store.opening import open_reader
from gateway.cli.audit_source import FILE, Source, filter_options, given_filters, with_store
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["export"]

_PRIVATE: Final = 0o600


@click.command()
@filter_options
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Of each line.")
@click.option("-o", "--output", type=FILE, help="A new file; with --after one to write on to.")
@click.option("--after", help="Go on where an earlier export ended: the cursor that it printed.")
@with_store
def export(
    source: Source, form: str, output: Path | None, after: str | None, **filters: str | None
) -> None:
    """Writes records in the order of the log, a line each; prints a cursor to stderr at the end."""
    asked = Filters.parse(given_filters(filters))
    failure: AuditUnavailable | None = None
    with open_reader(source.store) as reader:
        last = after_of(reader, after)
        with _opened(output, after) as target:
            try:
                for record in stored(reader, asked, last):
                    target.write(line(record.header, form) + b"\n")
                    last = record.seq
            except AuditUnavailable as error:
                failure = error
        click.echo(f"cursor: {Cursor(reader.store, last)}", err=True)
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

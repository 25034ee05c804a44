"""``gateway audit verify``: whether the log holds, by itself and by what is known elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.table import Table
from rich.text import Text

from gateway.audit.filters import parse_time
from gateway.audit.keys import load_auditor
from gateway.audit.store.opening import open_reader
from gateway.audit.verify import Trust
from gateway.audit.verify import verify as verify_store
from gateway.cli.audit_keys import read_keys, witness_keys
from gateway.cli.audit_shown import console, safe
from gateway.cli.audit_source import FILE, with_store
from gateway.cli.common import json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem, VerificationError
from gateway.relay.mirror import FolderMirror

if TYPE_CHECKING:
    from gateway.audit.report import Report, TreeReport
    from gateway.cli.audit_source import Source

__all__ = ["verify"]

_MAX_BYTES: Final = 2**20
_PLACE: Final = click.Path(path_type=Path)


@click.command()
@click.option("--vkey", type=FILE, multiple=True, help="The log's public keys, log.vkey.")
@click.option("--since", help="Check records from this time on only.")
@click.option("--key", type=FILE, multiple=True, help="An auditor's key: opens all sealed parts.")
@click.option(
    "--checkpoint", type=_PLACE, multiple=True,
    help="A checkpoint that was kept elsewhere: a file, or a folder that mirrors them.",
)  # fmt: skip
@click.option("--witness", type=FILE, multiple=True, help="A witness's public key.")
@click.option("--quorum", type=click.IntRange(1), help="Witnesses needed; all given if not given.")
@with_store
@json_option
def verify(source: Source, since: str | None, *, as_json: bool, **rest: Any) -> None:
    """Checks everything that can be checked; exit 1 when something does not hold."""
    moment = None if since is None else parse_time(since)
    keys = [load_auditor(path) for path in rest["key"]]
    report = verify_store(source.store, _trust(source, **rest), moment, keys)
    if as_json:
        print_json({"ok": report.ok, **asdict(report)})
    else:
        _print(report)
    if not report.ok:
        raise VerificationError(safe(f"the audit log does not hold; first: {report.flaws[0]}"))


def _trust(
    source: Source,
    vkey: tuple[Path, ...],
    checkpoint: tuple[Path, ...],
    witness: tuple[Path, ...],
    quorum: int | None,
    **_rest: Any,
) -> Trust:
    vkeys = read_keys(vkey or ((source.vkey,) if source.vkey else ()))
    witnesses = witness_keys(witness, vkeys)
    if quorum is not None and quorum > len(witnesses):
        raise click.UsageError(f"--quorum {quorum} needs as many --witness")
    known = [one for path in checkpoint for one in _known(source.store, path)]
    return Trust(vkeys or None, known, witnesses, quorum or len(witnesses))


def _known(store: str, path: Path) -> list[tuple[str, str]]:
    """A checkpoint in a file, or the last one of each day in a folder that mirrors them."""
    if not path.is_dir():
        return [(f"checkpoint {path}", _read(path))]
    with open_reader(store) as reader:
        id_ = reader.store
    days = list(FolderMirror(path).days(id_))
    if not days:
        raise VerificationError(f"{path} has no checkpoint of this store: it was begun anew")
    return [(f"checkpoint {path} of {day}", note) for day, note in days]


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode()
    except OSError as error:
        message = f"the checkpoint cannot be read: {error.strerror}"
        raise ConfigurationError(Problem(Place(str(path)), message)) from None
    except UnicodeDecodeError:
        raise VerificationError(f"{path}: this is no checkpoint") from None


def _print(report: Report) -> None:
    writers = Table("writer", "records", "stands", "signed", "closed")
    for writer in report.writers:
        stands = "nothing" if writer.stands is None else f"{writer.stands[0]}-{writer.stands[1]}"
        words = ("yes" if writer.signed else "no", "yes" if writer.closed else "no")
        writers.add_row(Text(safe(writer.id)), str(writer.records), stands, *words)
    console().print(writers)
    for flaw in report.flaws:
        click.echo(safe(f"bad: {flaw}"))
    for note in report.notes:
        click.echo(safe(f"note: {note}"))
    opened = f", {report.opened} opened" if report.opened else ""
    erased = f", {report.erased} erased" if report.erased else ""
    click.echo(f"{report.records} records, {report.sealed} sealed parts{opened}{erased}")
    if report.pruned_headers or report.pruned_parts:
        click.echo(
            f"pruned by retention: {report.pruned_parts} sealed parts, {report.pruned_headers}"
            " headers"
        )
    click.echo(_said(report.tree))
    if report.ok:
        click.echo("the audit log holds")


def _said(tree: TreeReport) -> str:
    when = "" if tree.time is None else f", signed {datetime.fromtimestamp(tree.time, UTC):%FT%TZ}"
    seen = "" if tree.witnessed is None else f", witnesses have seen {tree.witnessed}"
    newest = f"the newest covers {tree.covered} records{when}{seen}"
    return f"{tree.size} records in the tree, {tree.checkpoints} checkpoints, {newest}"

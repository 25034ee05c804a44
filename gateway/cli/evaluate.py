"""``gateway evaluate``: how well do the scanners do on labelled texts?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import orjson
from rich.console import Console
from rich.table import Table

from gateway.cli.common import config_option, json_option, print_json
from gateway.cli.scan import active_policy
from gateway.errors import ConfigurationError, Place, Problem
from gateway.evaluation.figures import RATES
from gateway.evaluation.picture import picture
from gateway.evaluation.report import evaluate, plain
from gateway.evaluation.rows import read_rows
from gateway.scan.engine import default_specs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.evaluation.report import Report

__all__ = ["evaluate_command"]

_UNKNOWN: Final = "\u2013"


@click.command(name="evaluate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--all", "everything", is_flag=True, help="Every detector, at its default threshold.")
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every figure there, as JSON.",
)
@click.option(
    "--picture",
    "picture_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw recall against false positives there, as SVG.",
)
@json_option
@config_option
def evaluate_command(  # noqa: PLR0913 - one argument per option
    files: tuple[Path, ...],
    *,
    everything: bool,
    report_file: Path | None,
    picture_file: Path | None,
    as_json: bool,
    config: Path,
) -> None:
    """Scan the labelled texts in FILES and say how many are found, missed and wrongly suspected.

    A file has one JSON object per line: `text`, and `label` (1 attack or secret, 0 harmless) or
    `spans` of personal data; docs/detection.md has the format and how the figures are made.
    """
    specs = default_specs() if everything else active_policy(config).policy.base_scanners
    looked_for = {name for spec in specs if spec.kind == "pii" for name in spec.entities}
    report = evaluate(specs, (row for file in files for row in read_rows(file)), looked_for)
    figures = plain(report)
    if report_file is not None:
        _write(report_file, orjson.dumps(figures, option=orjson.OPT_INDENT_2) + b"\n")
    if picture_file is not None:
        _write(picture_file, picture(report.attacks).encode())
    if as_json:
        print_json(figures)
    else:
        _print(report, Console(highlight=False, width=_width()))


def _width() -> int | None:
    """A terminal's own; in a file lines may be as long as they are."""
    return None if sys.stdout.isatty() else 160


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise ConfigurationError(Problem(Place(str(file)), message)) from None


def _print(report: Report, console: Console) -> None:
    """The figures as tables, those that there are."""
    recalls = [f"recall at {rate:.1%}" for rate in RATES]
    attacks = [
        (it.source, ", ".join(it.kinds), str(it.texts), *map(_share, it.recall.values()),
         _share(it.flagged), _share(it.blocked))
        for it in report.attacks
    ]  # fmt: skip
    if attacks:
        mean = ("mean over sets", "", "", *map(_share, report.recall.values()),
                _share(report.flagged), "")  # fmt: skip
        titles = ("attacks", "kind", "texts", *recalls, "flagged", "blocked")
        _table(console, titles, [*attacks, mean])
    _table(console, ("harmless", "kind", "read as", "texts", "flagged", "blocked"), [
        (it.source, it.kind, it.provenance, str(it.texts), _share(it.flagged), _share(it.blocked))
        for it in report.harmless
    ])  # fmt: skip
    titles = ("entity", "set", "there", "recall", "precision", "F2", "without", "false")
    _table(console, titles, [
        (it.entity, it.source, str(it.expected), _share(it.recall), _share(it.precision),
         _share(it.f2), str(it.clean), str(it.false))
        for it in report.entities
    ])  # fmt: skip
    _table(console, ("secrets", "there", "found", "none", "fired"), [
        (it.source, str(it.secrets), str(it.found), str(it.others), str(it.fired))
        for it in report.secrets
    ])  # fmt: skip
    speeds = {**report.speed, "all": report.total_speed}
    _table(console, ("speed", "texts", "KB", "ms/KB"), [
        (name, str(it.texts), f"{it.bytes / 1024:.0f}", f"{it.ms_per_kb:.3f}")
        for name, it in speeds.items()
    ])  # fmt: skip
    if report.not_looked_for:
        names = ", ".join(f"{name} ({count})" for name, count in report.not_looked_for.items())
        console.print(f"In the rows, but looked for by no scanner: {names}", soft_wrap=True)


def _table(console: Console, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False)
    for index, title in enumerate(titles):
        number = index > 0 and title not in {"kind", "read as", "set"}
        table.add_column(title, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print()


def _share(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.3f}"

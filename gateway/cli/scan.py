"""``gateway scan``: what would the scanners say to this text?"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from gateway.cli.common import config_option
from gateway.errors import ConfigurationError, Place, Problem
from gateway.key_files import random_key
from gateway.scan.engine import Engine, default_specs
from gateway.scan.pseudonyms import Pseudonyms
from gateway.scan.rewriting import rewrite
from gateway.settings import load_settings
from gateway.steps.activation import activate
from gateway.steps.own_routes import models_of, own_routes
from gateway.terms import PROVENANCES, Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.scan.finding import Scan
    from gateway.scan.rewriting import Words
    from gateway.steps.activation import Active
    from gateway.terms import Provenance

__all__ = ["active_policy", "scan"]


@dataclass(frozen=True, slots=True)
class _Item:
    """One text to scan, and what it is called."""

    id: Any
    text: str
    provenance: Provenance


@click.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True)
)
@click.option("--jsonl", is_flag=True, help="The input is JSON lines with id, text, provenance.")
@click.option(
    "--provenance",
    type=click.Choice(PROVENANCES),
    default="user",
    show_default=True,
    help="Who wrote the text, where a line does not say so itself.",
)
@click.option("--all", "everything", is_flag=True, help="Every detector, at its default threshold.")
@config_option
def scan(
    file: Path | None, *, jsonl: bool, provenance: Provenance, everything: bool, config: Path
) -> None:
    """Scan FILE, or standard input, with every scanner of the policy.

    Prints one line of JSON for each text: action, findings with their offsets in code points, and
    the rewritten text. A blocked text is rewritten to nothing.
    """
    name = str(file) if file is not None and str(file) != "-" else "<stdin>"
    content = _content(file if name != "<stdin>" else None, name)
    whole = [_Item(None, content, provenance)]
    items = list(_items(content, name, provenance)) if jsonl else whole
    engine, names = _scanners(config, everything=everything)
    pseudonyms = Pseudonyms(random_key())
    for item in items:
        result = engine.scan(item.text, item.provenance, names)
        report = _report(item, result, pseudonyms.outward)
        sys.stdout.buffer.write(orjson.dumps(report, default=str) + b"\n")
    sys.stdout.buffer.flush()


def _scanners(config: Path, *, everything: bool) -> tuple[Engine, tuple[str, ...]]:
    if everything:
        specs = default_specs()
        return Engine(specs), tuple(spec.name for spec in specs)
    active = active_policy(config)
    return active.engine, tuple(spec.name for spec in active.policy.base_scanners)


def active_policy(config: Path) -> Active:
    """The policy that the settings name, checked and compiled."""
    settings = load_settings(config)
    own = models_of(own_routes(settings))
    return activate([settings.policy.path], own=own, models=settings.models)


def _content(file: Path | None, name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file is None else file.read_bytes()
        return data.decode()
    except OSError as error:
        raise _wrong(Place(name), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _wrong(Place(name), f"is not UTF-8: byte {error.start} is none of it") from None


def _items(content: str, name: str, provenance: Provenance) -> Iterator[_Item]:
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield _item(line, Place(name, number, 1), provenance)


def _item(line: str, place: Place, provenance: Provenance) -> _Item:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _wrong(place, "the line is not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise _wrong(place, "the line is not an object with a string 'text'")
    if row.get("provenance", provenance) not in PROVENANCES:
        raise _wrong(place, f"'provenance' is none of {', '.join(PROVENANCES)}")
    return _Item(row.get("id"), row["text"], row.get("provenance", provenance))


def _wrong(place: Place, message: str) -> ConfigurationError:
    return ConfigurationError(Problem(place, message))


def _text(item: _Item, result: Scan, words: Words) -> str:
    return rewrite(item.text, result.replacements, words)


def _with_strangers(result: Scan) -> Scan:
    """The same, and as findings the stand-ins in it: a text that stands alone has issued none."""
    unknown = [one.unknown for one in result.replacements if one.unknown is not None]
    if not unknown:
        return result
    findings = sorted((*result.findings, *unknown), key=lambda one: (one.start, one.end))
    action = max(result.action, *(one.action for one in unknown))
    return replace(result, findings=tuple(findings), action=action)


def _report(item: _Item, scanned: Scan, words: Words) -> dict[str, Any]:
    result = _with_strangers(scanned)
    return {
        "id": item.id,
        "action": result.action.word,
        "findings": [
            {
                "scanner": finding.scanner,
                "entity": finding.entity,
                "start": finding.start,
                "end": finding.end,
                "score": finding.score,
            }
            for finding in result.findings
        ],
        "text": "" if result.action is Action.BLOCK else _text(item, result, words),
    }

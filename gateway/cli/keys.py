"""``gateway keys``: new keys of the audit log, and what to do when one is replaced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.keys import (
    create_auditor,
    create_signer,
    load_recipient,
    load_signer,
    load_verifiers,
    next_name,
    rotate_index,
)
from gateway.audit.note import Signer
from gateway.audit.recipients import SUITES, suite_of
from gateway.cli.common import config_option, json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem
from gateway.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.recipients import SuiteName
    from gateway.settings import AuditSettings, Settings

__all__ = ["keys", "suite_option"]

_KIND: Final = click.Choice(["auditor", "signing"])
_ROTATED: Final = click.Choice(["auditor", "signing", "index"])

suite_option = click.option(
    "--suite",
    type=click.Choice(SUITES),
    default=SUITES[0],
    show_default=True,
    help="The kind of an auditor's key; x-wing also holds against quantum computers.",
)
"""Adds ``--suite``, given to the command as ``suite``."""


@click.group()
def keys() -> None:
    """Make and replace keys of the audit log."""


@keys.command()
@click.argument("kind", type=_KIND)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The files' name; auditor or log if not given.")
@suite_option
@json_option
def new(kind: str, folder: Path, name: str | None, suite: SuiteName, *, as_json: bool) -> None:
    """Write a new pair of keys into DIR; never overwrite anything.

    An auditor's pair opens what the gateway seals; the pair for signing signs the log.
    """
    if kind == "auditor":
        written = create_auditor(folder, suite, name or "auditor")
        steps = [f"add {written[1]} to audit.recipients", f"move {written[0]} off the gateway"]
    else:
        signer = Signer.of(f"gateway-{os.urandom(4).hex()}", Ed25519PrivateKey.generate())
        written = create_signer(folder, signer, name or "log")
        steps = [f"give {written[1]} to whoever verifies the log"]
    _tell(written, steps, as_json=as_json)


@keys.command()
@click.argument("kind", type=_ROTATED)
@config_option
@click.option(
    "--suite", type=click.Choice(SUITES), help="The kind of the new auditor's key; that of now."
)
@json_option
def rotate(kind: str, config: Path, suite: SuiteName | None, *, as_json: bool) -> None:
    """Write the next key or pair beside the one in the settings, and say what to do with both."""
    settings = load_settings(config)
    if settings.audit == "off":
        raise ConfigurationError(Problem(Place(str(config)), "audit is off: there are no keys"))
    if kind == "auditor":
        _rotate_auditor(settings, settings.audit, suite, as_json=as_json)
    elif kind == "index":
        _rotate_index(settings, settings.audit, as_json=as_json)
    else:
        _rotate_signer(settings, settings.audit, as_json=as_json)


def _rotate_auditor(
    settings: Settings, audit: AuditSettings, suite: SuiteName | None, *, as_json: bool
) -> None:
    former = audit.recipients[0]
    suite = suite or suite_of(load_recipient(former))
    written = create_auditor(former.parent, suite, next_name(former, ".key", ".pub"))
    place = settings.place("audit", "recipients")
    instead = (
        f"{place}: under audit.recipients put {written[1]} in the place of the key it replaces"
    )
    steps = [
        f"{instead}, and restart every process of the gateway",
        f"move {written[0]} to the auditors, off the gateway",
        "auditors keep their earlier private keys: what was sealed until then opens with no other",
    ]
    _tell(written, steps, as_json=as_json)


def _rotate_signer(settings: Settings, audit: AuditSettings, *, as_json: bool) -> None:
    path = audit.signing_key
    former, beside = load_signer(path), path.with_suffix(".vkey")
    known = load_verifiers(beside) if beside.is_file() else ()
    earlier = (former.verifier, *(one for one in known if one != former.verifier))
    # The name stays: it is that of the log, and the key's id tells the keys apart.
    signer = Signer.of(former.name, Ed25519PrivateKey.generate())
    written = create_signer(path.parent, signer, next_name(path, ".key", ".vkey"), earlier)
    place = settings.place("audit", "signing_key")
    steps = [
        f"{place}: write signing_key: {written[0]}, and restart every process of the gateway",
        f"give {written[1]} to whoever verifies: it holds the new key and those before it",
        f"then destroy {path}: nothing needs it any more, and who has it can sign",
    ]
    _tell(written, steps, as_json=as_json)


def _rotate_index(settings: Settings, audit: AuditSettings, *, as_json: bool) -> None:
    path = audit.index_key
    if path is None:
        place = settings.place("audit")
        message = "there is no audit.index_key: values are not indexed"
        raise ConfigurationError(Problem(place, message, "name one, and there is none to replace"))
    written = rotate_index(path)
    place = settings.place("audit", "index_key")
    steps = [
        f"{place}: write index_key: {written}, and restart every process of the gateway",
        "give it to whoever searches with --index-key: it holds the new key and those before it",
        f"then destroy {path}: the new file holds what stands in it",
        "take a former key's line out once nothing is kept of its time: nothing else finds it",
    ]
    _tell([written], steps, as_json=as_json)


def _tell(written: Sequence[Path], steps: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"written": [str(path) for path in written], "next": steps})
        return
    for path in written:
        click.echo(path)
    click.echo("\nNext:", err=True)
    for number, step in enumerate(steps, 1):
        click.echo(f"{number}. {step}.", err=True)

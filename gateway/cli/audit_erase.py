"""``gateway audit erase``: makes what was sealed of a person unreadable for everybody."""

from __future__ import annotations

import getpass
import os
from dataclasses import asdict
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from gateway.audit.erase import count
from gateway.audit.erase import erase as erase_subject
from gateway.audit.keys import load_keys
from gateway.audit.salts import Scope
from gateway.cli.common import config_option, json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem, VerificationError
from gateway.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.audit.erase import Erasure
    from gateway.settings import AuditSettings

__all__ = ["erase", "user_name", "with_log"]


def _with_scope(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say who is meant; the command gets them as ``scope``."""

    @click.option("--subject", required=True, help="The subject, as records name it.")
    @click.option("--issuer", help="Only where tokens of this issuer named the subject.")
    @click.option("--tenant", help="Only in this tenant; '' is where there is none.")
    @wraps(command)
    def run(subject: str, issuer: str | None, tenant: str | None, **rest: Any) -> None:
        command(scope=Scope(subject, issuer, tenant), **rest)

    return run


def with_log(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say which log; the command gets them as ``log``, with its keys."""

    @click.option("--store", help="Another store than that of the settings.")
    @config_option
    @wraps(command)
    def run(config: Path, store: str | None, **rest: Any) -> None:
        settings = load_settings(config).audit
        if settings == "off":
            raise ConfigurationError(Problem(Place(str(config)), "audit is off: there is no log"))
        log = settings if store is None else settings.model_copy(update={"store": store})
        command(log=log, **rest)

    return run


@click.command()
@_with_scope
@with_log
@click.option("--reason", help="Why, for the record.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@json_option
def erase(
    scope: Scope, log: AuditSettings, *, reason: str | None, dry_run: bool, as_json: bool
) -> None:
    """Make the sealed parts of a subject's records unreadable for ever, for everybody.

    Headers and proofs stay, and a record of the erasure is written. Exit 1 when parts of an earlier
    version stay readable.
    """
    if dry_run:
        found = count(log.store, scope)
    else:
        found = erase_subject(log.store, load_keys(log), scope, by=user_name(), reason=reason)
    _tell(found, dry_run=dry_run, as_json=as_json)
    if found.left:
        raise VerificationError(
            f"{found.left} sealed parts of {scope.subject} stay readable: an earlier version sealed"
            " them without a salt; they end with their retention"
        )


def _tell(found: Erasure, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"erased": not dry_run, **asdict(found)})
        return
    what = "would be erased" if dry_run else "erased: nobody can open what was sealed any more"
    parts, salts = _count(found.records, "sealed part"), _count(found.salts, "salt")
    click.echo(f"{parts} {what} ({salts})")


def user_name() -> str:
    """Who runs this, for the record; in a container there may be no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"

"""Where commands find the audit log, and how they are told which events are asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.audit.keys import load_index
from gateway.cli.common import config_option
from gateway.cli.remote import Remote
from gateway.errors import ConfigurationError, Place, Problem
from gateway.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.audit.blind import Tokens

__all__ = [
    "FILE",
    "Source",
    "filter_options",
    "given_filters",
    "local_source",
    "source_of",
    "source_options",
    "tokens_of",
    "value_options",
    "with_source",
    "with_store",
]

FILE: Final = click.Path(path_type=Path, dir_okay=False)
"""The type of an option that names a file."""

_FILTERS: Final = {
    "since": "From this time on: 2026-01-31T12:00:00Z, or 24h for the last 24 hours.",
    "until": "Before this time.",
    "stage": "intent, outcome, or a stage of its own such as policy.loaded.",
    "request": "The id that the records of one call share.",
    "actor": "The caller's subject.",
    "role": "One of the caller's roles.",
    "tenant": "The caller's tenant.",
    "model": "The model asked for.",
    "upstream": "The upstream asked.",
    "route": "The route, such as chat.completions.",
    "decision": "allow, flag, tokenise, redact, block or deny.",
    "scanner": "A scanner that found something.",
    "entity": "An entity that was found, such as CREDIT_CARD.",
    "rule": "A rule of the policy that took part.",
    "status": "The HTTP status of the answer.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the log is read: from a store, or from a running gateway.

    ``vkey`` is the log's public key where the settings lead to it, ``index`` the key of its index
    of values.
    """

    store: str
    remote: Remote | None = None
    vkey: Path | None = None
    index: Path | None = None


def with_source(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say where the log is; the command gets them as ``source``."""

    @source_options
    @wraps(command)
    def run(
        config: Path, store: str | None, url: str | None, token: str | None, **rest: Any
    ) -> None:
        command(source=source_of(config, store, url, token), **rest)

    return run


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say where the log is, as ``source_of`` takes them."""
    for option in (
        click.option(
            "--token", envvar="GATEWAY_TOKEN", help="The token for --url.", show_envvar=True
        ),
        click.option("--url", help="A running gateway, such as http://127.0.0.1:8080."),
        click.option("--store", help="The store: sqlite:///PATH or postgresql://…"),
        config_option,
    ):
        command = option(command)
    return command


def source_of(config: Path, store: str | None, url: str | None, token: str | None) -> Source:
    """Where the log is, from what was given.

    Raises:
        ConfigurationError: Nothing was given, and there are no settings to say it.
    """
    if url is None:
        return local_source(config, store)
    if store is not None:
        raise click.UsageError("--store and --url exclude each other")
    if not token:
        raise click.UsageError("--url needs --token")
    return Source("", Remote(url, token))


def with_store(command: Callable[..., None]) -> Callable[..., None]:
    """As ``with_source``, for commands that need the store itself."""

    @config_option
    @click.option("--store", help="The store: sqlite:///PATH or postgresql://…")
    @wraps(command)
    def run(config: Path, store: str | None, **rest: Any) -> None:
        command(source=local_source(config, store), **rest)

    return run


def local_source(config: Path, store: str | None) -> Source:
    """A store that was given, or that of the settings.

    Raises:
        ConfigurationError: The settings cannot be read, or say that there is no log.
    """
    if store is not None:
        return Source(store)
    settings = load_settings(config).audit
    if settings == "off":
        raise ConfigurationError(Problem(Place(str(config)), "audit is off: there is no log"))
    beside = settings.signing_key.with_suffix(".vkey")
    vkey = beside if beside.is_file() else None
    return Source(settings.store, vkey=vkey, index=settings.index_key)


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds an option for each filter, given to the command by its name."""
    for name, text in reversed(_FILTERS.items()):
        command = click.option(f"--{name}", help=text)(command)
    return command


def given_filters(filters: Mapping[str, str | None]) -> dict[str, str]:
    """The filters that were given, as ``Filters.parse`` reads them."""
    return {name: value for name, value in filters.items() if value is not None}


def value_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that ask for a value, given to the command as ``tokens_of`` takes them."""
    for option in (
        click.option(
            "--index-key", type=FILE, help="The keys of the index for --value, index.key."
        ),
        click.option("--value", help="A value that a scanner matched; - reads it from stdin."),
    ):
        command = option(command)
    return command


def tokens_of(source: Source, value: str | None, index_key: Path | None) -> Tokens | None:
    """The tokens of the value that was asked for; None where none was.

    A gateway is not asked: what it is asked stands in a URL and in a record of the log.

    Raises:
        ConfigurationError: The key cannot be read.
    """
    if value is None:
        return None
    if source.remote is not None:
        raise click.UsageError("a value belongs in no URL: --value needs -c or --store")
    key = index_key or source.index
    if key is None:
        raise click.UsageError("--value needs --index-key, or audit.index_key in the settings")
    text = sys.stdin.readline() if value == "-" else value
    if not text.strip():
        raise click.UsageError("--value needs a value")
    return load_index(key).search(text)

"""``gateway token revoke``: adds to the list of revoked tokens."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import click
import orjson

from gateway.cli.common import config_option, json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.revocation_lists import SHARED_KEY
from gateway.identity.revoke import append_revocation, share_revocation
from gateway.identity.revoked import BadRevocation, Revocation, read_time, write_revocation
from gateway.settings import load_settings
from gateway.state.opening import open_state

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.settings import Settings

__all__ = ["revoke"]


def _time(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    if value is None or value == "now":
        return time.time() if value else None
    try:
        return read_time(value)
    except BadRevocation as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option("--jti", "token_id", help="The one token with this jti claim.")
@click.option("--subject", help="All tokens of this subject.")
@click.option("--issuer", help="Of this issuer only; alone, with --before: all of its tokens.")
@click.option(
    "--before",
    callback=_time,
    metavar="TIME",
    help="Those issued at TIME or earlier, as 2026-11-24T10:00:00Z or now; now for a subject.",
)
@click.option("--reason", help="Why, for those who read the list.")
@config_option
@json_option
def revoke(  # noqa: PLR0913  # one argument for each option
    *,
    token_id: str | None,
    subject: str | None,
    issuer: str | None,
    before: float | None,
    reason: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Revoke one token, the tokens of a subject, or those of an issuer.

    The shared state holds it where the settings have `revocation: {shared: true}`, otherwise
    their file. Gateways refuse what is revoked after `refresh` at the latest.
    """
    settings = load_settings(config)
    if subject is not None and before is None:
        before = time.time()
    try:
        one = Revocation(issuer, token_id, subject, before, reason)
    except BadRevocation as error:
        raise click.UsageError(
            f"give --jti, --subject, or --issuer and --before: {error}"
        ) from None
    _check_issuer(settings, issuer, config)
    where = _add(settings, one, config)
    line = orjson.loads(write_revocation(one))
    print_json({"where": where, "revoked": line}) if as_json else click.echo(f"{where}: {line}")


def _check_issuer(settings: Settings, issuer: str | None, config: Path) -> None:
    known = [one.issuer for one in settings.identity.issuers]
    if issuer is not None and issuer not in known:
        message = f"there is no issuer {issuer!r}, so revoking its tokens would revoke nothing"
        raise ConfigurationError(Problem(Place(str(config)), message, f"there is {known[0]!r}"))


def _add(settings: Settings, one: Revocation, config: Path) -> str:
    """Adds it; where."""
    revocation = settings.identity.revocation
    if revocation is not None and revocation.shared:
        asyncio.run(_share(settings, one))
        return f"shared state, {SHARED_KEY!r}"
    if revocation is not None and revocation.file is not None:
        append_revocation(revocation.file, one)
        return str(revocation.file)
    place = Place(str(config))
    advice = "add identity.revocation with a file, or shared: true"
    raise ConfigurationError(Problem(place, "the settings name no list of revocations", advice))


async def _share(settings: Settings, one: Revocation) -> None:
    state = open_state(settings.state, settings.limits.state_timeout)
    try:
        await share_revocation(state, one)
    finally:
        await state.close()

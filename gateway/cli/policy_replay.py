"""``gateway policy replay``: what would a new policy have made of the requests of the past?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from rich.text import Text

from gateway.audit.filters import parse_time
from gateway.audit.keys import load_auditor
from gateway.audit.opener import Opener
from gateway.cli.changes import print_changes
from gateway.cli.common import config_option, json_option, print_json
from gateway.cli.past_requests import RolesPath, past_requests
from gateway.cli.policy_common import FILE, console, day_option, load_or_exit, summary, title
from gateway.cli.policy_diff import side_of
from gateway.errors import ConfigurationError, Place, Problem
from gateway.policy.past import Past
from gateway.policy.replay import Replay
from gateway.settings import load_settings
from gateway.steps.own_routes import own_routes

if TYPE_CHECKING:
    from gateway.policy.model import Policy
    from gateway.policy.replay import Replayed
    from gateway.settings import Settings

__all__ = ["replay"]


@click.command()
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@config_option
@click.option(
    "--store",
    help="The audit store: sqlite:///PATH or postgresql://…; of the settings if not given.",
)
@click.option("--since", help="Requests from this time on: 2026-01-31T12:00:00Z, or 24h.")
@click.option("--key", type=FILE, help="An auditor's private key: replays what is sealed too.")
@day_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything would change.")
@json_option
def replay(  # noqa: PLR0913 - one for each option
    new: Path,
    *,
    config: Path,
    store: str | None,
    since: str | None,
    key: Path | None,
    day: int,
    exit_code: bool,
    as_json: bool,
) -> None:
    """Ask the policy in NEW about the requests in the audit log, and tell what would change.

    Without --key only role, route and model of a request count. With it, the sealed prompts,
    answers and claims are opened: parameters count, and texts are scanned. Nothing of them is
    shown. With the settings (-c), also beside --store, roles are read anew from the claims, and
    the routes that upstreams have of their own are known.
    """
    settings = load_settings(config) if store is None or _is_given("config") else None
    if store is None and settings is not None:
        store = _store_of(settings, config)
    own = None if settings is None else own_routes(settings)
    active = load_or_exit([new], own, as_json=as_json)
    opener = None if key is None else Opener(load_auditor(key))
    asking = Replay(side_of(active), day)
    moment = None if since is None else parse_time(since)
    roles = _roles_paths(settings)
    for past in past_requests(str(store), moment, opener, roles, own or ()):
        if isinstance(past, Past):
            asking.ask(past)
        else:
            asking.leave_out(past)
    found = asking.result()
    notes = _notes(opened=opener is not None, settings=settings is not None)
    if as_json:
        print_json(_json(active.policy, found, notes))
    else:
        _print(active.policy, found, notes)
    sys.exit(1 if exit_code and found.changes else 0)


def _is_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE


def _store_of(settings: Settings, config: Path) -> str:
    if settings.audit == "off":
        raise ConfigurationError(Problem(Place(str(config)), "audit is off: there is no log"))
    return settings.audit.store


def _roles_paths(settings: Settings | None) -> RolesPath:
    """Where each issuer's tokens list their roles, by the settings."""
    issuers = settings.identity.issuers if settings else ()
    known = {issuer.issuer: issuer.claims.roles for issuer in issuers}
    return lambda issuer: None if issuer is None else known.get(issuer)


def _notes(*, opened: bool, settings: bool) -> list[str]:
    """What the figures do not say."""
    notes = ["limits are not replayed: who was refused for them would be again, or not"]
    if not opened:
        notes.append("without --key, parameters, texts and claims are sealed and do not count")
        notes.append("roles are those that the policy then in force gave, inherited ones included")
    elif not settings:
        notes.append("without the settings, roles that have no match are those recorded")
    return notes


def _json(policy: Policy, found: Replayed, notes: list[str]) -> dict[str, Any]:
    return {
        "policy": summary(policy),
        "asked": found.asked,
        "same": found.same,
        "left_out": [{"why": why, "count": count} for why, count in found.left_out.items()],
        "notes": notes,
        "changes": [asdict(change) for change in found.changes],
    }


def _print(policy: Policy, found: Replayed, notes: list[str]) -> None:
    out = console()
    out.print(Text(title(policy), style="dim"))
    print_changes(out, found.changes)
    otherwise = found.asked - found.same
    said = f"{otherwise} of {found.asked} requests would end otherwise"
    out.print(Text(f"\n{said}", style="bold"))
    for why, count in found.left_out.items():
        out.print(Text(f"{count} left out: {why}", style="yellow"))
    for note in notes:
        out.print(Text(f"note: {note}", style="dim"))

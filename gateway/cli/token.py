"""``gateway token``: tokens of the development issuer, why a token is refused, and revoking."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click
import orjson
from structlog.testing import capture_logs

from gateway.cli.common import Commands, config_option, json_option, print_json
from gateway.errors import BadRequest, ConfigurationError, Place, Problem, Unauthenticated
from gateway.identity.identify import Identity
from gateway.identity.issuer import issue as issue_token
from gateway.identity.jws import read_jws
from gateway.ingress.strict_json import loads
from gateway.settings import load_settings
from gateway.state.opening import open_state
from gateway.units import parse_duration

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.identity.binding import Binding
    from gateway.settings import IdentitySettings, IssuerSettings, Settings
    from gateway.terms import Principal

__all__ = ["token"]

_JSON_STARTS: Final = ("[", "{", '"')
_NEEDS: Final = {
    "dpop": "the scheme DPoP, and with every request a proof signed by the key {}",
    "mtls": "a TLS connection on which the client has shown the certificate {}",
}


@click.group(cls=Commands, modules={"revoke": "gateway.cli.token_revoke:revoke"})
def token() -> None:
    """Issue development tokens; see why a token is refused; revoke tokens."""


def _claim(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    claims = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter("write it as name=value")
        claims[name] = _value(value)
    return claims


def _value(text: str) -> Any:
    if not text.startswith(_JSON_STARTS) and text not in {"true", "false"}:
        return text
    try:
        return loads(text.encode())
    except BadRequest as error:
        raise click.BadParameter(f"the value starts as JSON, but: {error.reason}") from None


def _duration(_ctx: click.Context, _param: click.Parameter, value: str) -> float:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@token.command()
@click.option("--role", "roles", multiple=True, help="A role; may be given several times.")
@click.option("--sub", "subject", default="developer", show_default=True, help="The subject.")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    callback=_claim,
    metavar="NAME=VALUE",
    help="A claim; dots in NAME lead inwards unless it holds / or :. A VALUE that starts with "
    '[, { or ", or is true or false, is JSON; any other is text.',
)
@click.option("--ttl", default="1h", show_default=True, callback=_duration, help="As 30m or 1h.")
@config_option
@json_option
def issue(  # noqa: PLR0913  # one argument for each option
    *,
    roles: tuple[str, ...],
    subject: str,
    claims: dict[str, Any],
    ttl: float,
    config: Path,
    as_json: bool,
) -> None:
    """Print a token signed with the development key of the first issuer that has one."""
    issuer = _development_issuer(load_settings(config).identity, config)
    signed = issue_token(issuer, roles=roles, subject=subject, claims=claims, ttl=ttl)
    if as_json:
        print_json({"token": signed, "expires": read_jws(signed).claims["exp"]})
    else:
        click.echo(signed)


def _development_issuer(settings: IdentitySettings, config: Path) -> IssuerSettings:
    for issuer in settings.issuers:
        if issuer.development_key is not None:
            return issuer
    raise ConfigurationError(
        Problem(
            Place(str(config)),
            "no issuer has a development_key",
            "`gateway init` writes one; tokens of other issuers come from them",
        )
    )


@token.command()
@click.argument("text", metavar="[TOKEN]", default="-")
@config_option
@json_option
@click.pass_context
def inspect(ctx: click.Context, *, text: str, config: Path, as_json: bool) -> None:
    """Show what TOKEN (or standard input) says and why it would be refused; exit 1 if it would."""
    settings = load_settings(config)
    given = _given(text)
    report = asyncio.run(_inspect(settings, given))
    print_json(report) if as_json else _print_report(report)
    ctx.exit(0 if report["accepted"] else 1)


def _given(text: str) -> str:
    if text == "-":
        if sys.stdin.isatty():
            raise click.UsageError("give the token as an argument or on standard input")
        text = sys.stdin.read(2**16)
    text = text.strip()
    if not text:
        raise click.UsageError("there is no token on standard input")
    return text.removeprefix("Bearer ").removeprefix("DPoP ")


async def _inspect(settings: Settings, given: str) -> dict[str, Any]:
    report: dict[str, Any] = {"accepted": False, "reason": None, "header": None, "claims": None}
    verified, reason, notes = await _verify(settings, given)
    report |= {"accepted": verified is not None, "reason": reason, "notes": notes}
    if verified is not None:
        principal, need = verified
        report["needs"] = {"dpop": need.key, "mtls": need.certificate}
        report["principal"] = {
            "subject": principal.subject,
            "issuer": principal.issuer,
            "roles": principal.roles,
            "tenant": principal.tenant,
            "actors": principal.actors,
            "expires": principal.expires,
        }
    try:
        jws = read_jws(given)
    except Unauthenticated:
        return report
    return report | {"header": jws.header, "claims": jws.claims}


async def _verify(
    settings: Settings, given: str
) -> tuple[tuple[Principal, Binding] | None, str | None, list[str]]:
    """What the token says or the reason why it is refused, and what went wrong with the keys."""
    state = open_state(settings.state, settings.limits.state_timeout)
    identity = Identity(settings.identity, state=state)
    with capture_logs() as events:
        await identity.start()
        try:
            verified, reason = await identity.examine(given), None
        except Unauthenticated as refusal:
            verified, reason = None, refusal.reason
        finally:
            await identity.close()
            await state.close()
    notes = [" ".join(str(event[key]) for key in ("url", "file", "error") if key in event)
             for event in events]  # fmt: skip
    return verified, reason, notes


def _print_report(report: dict[str, Any]) -> None:
    for part in ("header", "claims"):
        if report[part] is not None:
            shown = orjson.dumps(report[part], option=orjson.OPT_INDENT_2).decode()
            click.echo(f"{part} {shown}")
    for note in report["notes"]:
        click.echo(f"keys: {note}", err=True)
    if not report["accepted"]:
        click.echo(f"refused: {report['reason']}")
        return
    principal = report["principal"]
    until = datetime.fromtimestamp(principal["expires"], UTC).isoformat(timespec="seconds")
    roles = ", ".join(principal["roles"]) or "none"
    click.echo(f"accepted: subject {principal['subject']}, roles {roles}, until {until}")
    for proof, wanted in report["needs"].items():
        if wanted is not None:
            click.echo(f"it needs: {_NEEDS[proof].format(wanted)}")

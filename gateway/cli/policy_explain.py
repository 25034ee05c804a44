"""``gateway policy explain``: what does a policy say of this request, and why?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import json_option, print_json
from gateway.cli.explained import explained_json, print_explained
from gateway.cli.policy_common import day_option, load_or_exit, own_option, paths_argument
from gateway.cli.request_body import read_request
from gateway.document import suggestion
from gateway.policy.callers import Caller
from gateway.policy.decision import Ask
from gateway.policy.explain import explain as explain_policy
from gateway.policy.probes import PLAIN
from gateway.steps.inspection import inspect_now
from gateway.steps.unknown_fields import unknown_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.cli.policy_common import Own
    from gateway.policy.decision import Decision
    from gateway.policy.explain import Explanation
    from gateway.policy.model import Policy
    from gateway.steps.activation import Active
    from gateway.steps.tally import Inspection
    from gateway.wire.exchange import Exchange

__all__ = ["explain"]


@click.command()
@paths_argument
@own_option
@click.option("--role", "roles", multiple=True, help="A role of the caller; may be repeated.")
@click.option("--claim", "claims", multiple=True, help="A claim of its token, as NAME=VALUE.")
@click.option("--route", help="The route, such as chat.completions.")
@click.option("--model", help="The model asked for.")
@click.option(
    "--request",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="A file with the request's JSON body, or - for standard input.",
)
@day_option
@json_option
def explain(  # noqa: PLR0913 - one for each option
    paths: tuple[Path, ...],
    *,
    own: Own,
    roles: tuple[str, ...],
    claims: tuple[str, ...],
    route: str | None,
    model: str | None,
    request: Path | None,
    day: int,
    as_json: bool,
) -> None:
    """Explain what the policy in PATHS says of a request, and why.

    Shows every rule and why it fits or not, which of them decided, the scanners, limits, exceptions
    and changes. With --request, route, model and parameters are those of the body, and its texts
    are scanned: what was found is told, and never the text. Without it the request is a modest one:
    one message, one token, no tools.
    """
    active = load_or_exit(paths, own, as_json=as_json)
    exchange = None
    if request is not None:
        found, exchange = read_request(request, route, model, own or ())
        route, model = found.name, model or exchange.model
    if route is not None:
        model = model or active.policy.own.get(route)
    if route is None or model is None:
        raise click.UsageError("say what is asked for: --route and --model, or --request")
    parameters = PLAIN.parameters if exchange is None else exchange.parameters
    said = active.policy.said_on(route, parameters)
    asked = Ask(frozenset(roles), route, model, said, frozenset(), day)
    ask = _ask(active.policy, asked, _given(claims))
    explanation = _with_body(explain_policy(active.policy, ask), exchange)
    scanned = _scan(active, explanation.decision, exchange)
    if as_json:
        print_json(explained_json(active.policy, explanation, exchange, scanned))
    else:
        print_explained(active.policy, explanation, scanned)


def _ask(policy: Policy, asked: Ask, claims: Mapping[str, object]) -> Ask:
    """What is asked, with all roles that the caller has, and the exceptions made for it."""
    _check_known("role", asked.roles, policy.roles)
    _check_known("route", [asked.route], policy.routes)
    by_claims = Caller("the caller", None, claims).roles_in(policy)
    roles = policy.with_inherited(asked.roles) | by_claims
    caller = Caller("the caller", tuple(roles), claims)
    return replace(asked, roles=roles, exceptions=caller.exceptions_in(policy))


def _with_body(explanation: Explanation, exchange: Exchange | None) -> Explanation:
    """What is decided once the body is known, and with it fields that its format does not know."""
    decision = explanation.decision
    strange = unknown_field(decision, exchange) if exchange and decision.allowed else None
    if strange is None:
        return explanation
    denied = replace(decision, allowed=False, reason=strange.reason, message=strange.message)
    return replace(explanation, decision=denied)


def _check_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise click.UsageError(f"there is no {what} {name!r}; {suggestion(name, [*known])}")


def _given(claims: Iterable[str]) -> dict[str, object]:
    """Claims as options give them; one that is given several times is a list."""
    found: dict[str, list[str]] = {}
    for claim in claims:
        name, sign, value = claim.partition("=")
        if not name or not sign:
            raise click.UsageError(f"a claim is NAME=VALUE, and {claim!r} is not")
        found.setdefault(name, []).append(value)
    return dict(found)


def _scan(active: Active, decision: Decision, exchange: Exchange | None) -> Inspection | None:
    """What the scanners say of a body's texts; nothing where there is none, or it is denied."""
    if exchange is None or not decision.allowed:
        return None
    return inspect_now(active.engine, decision, exchange.texts)

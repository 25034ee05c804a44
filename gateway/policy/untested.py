"""Rules, exceptions and claims of roles that no embedded test shows at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import Problem
from gateway.policy.callers import ask_of
from gateway.policy.decide import decide
from gateway.policy.matrix import possibly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.policy.decision import Ask, Decision
    from gateway.policy.merged import Merged
    from gateway.policy.model import Policy

__all__ = ["untested"]


def untested(merged: Merged, policy: Policy) -> Iterator[Problem]:
    """What takes part in no test; nothing where there are no tests at all."""
    if not policy.tests:
        return
    seen: set[tuple[str, str]] = set()
    for case in policy.tests:
        seen.update(_parts(policy, ask_of(policy, case)))
        if case.claims is not None and case.roles is None:
            roles = ask_of(policy, case).roles
            seen.update(("roles", name) for name in roles)
    for section, name in (
        *(("rules", name) for name in merged.rules),
        *(("exceptions", name) for name in merged.exceptions),
    ):
        if (section, name) not in seen:
            what = section[:-1]
            message = f"the {what} {name!r} takes part in no test"
            advice = "add a test that it decides" if what == "rule" else "add a test that it spares"
            place = merged.at[section, name].place()
            yield Problem(place, message, advice, f"untested-{what}")
    for name, role in merged.roles.items():
        if role.match is not None and ("roles", name) not in seen:
            message = f"no test has claims that give the role {name!r}"
            advice = "add one, or nothing shows that its match fits the tokens you get"
            place = merged.at["roles", name].place("match")
            yield Problem(place, message, advice, "role-never-matched")


def _parts(policy: Policy, ask: Ask) -> Iterator[tuple[str, str]]:
    """The sections and names of what takes part in the decision on a request."""
    decision = decide(policy, ask)
    yield from (("rules", name) for name in decision.rules)
    yield from (("rules", shadow.rule) for shadow in decision.shadow)
    yield from (("rules", shadow.rule) for shadow in decision.shadow_scans)
    yield from (("exceptions", name) for name in decision.exceptions)
    yield from (("rules", name) for name in decision.restrictions)
    yield from (("rules", name) for name in _overrides(policy, ask, decision))


def _overrides(policy: Policy, ask: Ask, decision: Decision) -> Iterator[str]:
    """The enforced overrides of scanners that read."""
    shown = {spec.name: spec.shown for spec in policy.scanners}
    reading = {shown[name] for name in decision.scanners}
    for override in policy.override_index.matching(ask.roles, ask.route, ask.model):
        fits = all(possibly(condition, ask.parameters) for condition in override.when)
        if fits and not override.shadow and override.scanner in reading:
            yield override.id

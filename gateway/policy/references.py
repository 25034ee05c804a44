"""What one file cannot know by its schema: that what it names exists and fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.errors import Problem
from gateway.policy.adjustments import check_exceptions, check_overrides
from gateway.policy.kinds import check_scanners
from gateway.policy.merged import check_all_known, check_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.errors import Place
    from gateway.policy.case_schema import CaseModel, ExpectModel
    from gateway.policy.known import Known
    from gateway.policy.merged import At, Merged

__all__ = ["check_references"]


def check_references(merged: Merged, known: Known) -> Iterator[Problem]:
    """Every reference that leads nowhere, and every circle."""
    yield from _roles(merged)
    yield from _models(merged)
    yield from check_scanners(merged, known)
    yield from _rules(merged, known)
    yield from check_overrides(merged, known)
    yield from check_exceptions(merged, known)
    for name, case in merged.tests.items():
        yield from _case(merged, known, case, merged.at["tests", name])


def _roles(merged: Merged) -> Iterator[Problem]:
    for name, role in merged.roles.items():
        at = merged.at["roles", name]
        yield from check_all_known(at, ("inherits",), "role", role.inherits, merged.roles)
        if name in _inherited(merged, name):
            message = f"the role {name!r} inherits itself"
            yield Problem(at.place("inherits"), message, "break the circle")


def _inherited(merged: Merged, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [*merged.roles[name].inherits]
    while waiting:
        inherited = waiting.pop()
        if inherited in merged.roles and inherited not in found:
            found.add(inherited)
            waiting += merged.roles[inherited].inherits
    return found


def _models(merged: Merged) -> Iterator[Problem]:
    for name, globs in merged.models.items():
        for index, glob in enumerate(globs):
            if glob in merged.models and glob != name:
                place = merged.at["models", name].place(index)
                message = f"{glob!r} is a set of models, and sets do not hold sets"
                yield Problem(place, message, "write its models out")


def _rules(merged: Merged, known: Known) -> Iterator[Problem]:
    for name, rule in merged.rules.items():
        at, kind, matcher = merged.at["rules", name], rule.kind, rule.matcher
        yield from check_all_known(at, (kind, "roles"), "role", matcher.roles, merged.roles)
        for index, route in enumerate(matcher.routes):
            yield from _route(at.place(kind, "routes", index), route, known)
        yield from check_all_known(at, ("scan",), "scanner", rule.scan or (), merged.scanners)
        yield from check_all_known(at, ("limits",), "limit", rule.limits, merged.limits)


def _route(place: Place, name: str, known: Known) -> Iterator[Problem]:
    for problem in check_known(place, "route", name, known.names):
        if known.own is None:
            advice = f"{problem.advice}; for routes of gateway.yaml, give that file with -c"
            yield replace(problem, advice=advice)
        else:
            yield problem


def _case(merged: Merged, known: Known, case: CaseModel, at: At) -> Iterator[Problem]:
    given, expect = case.given, case.expect
    if given.role is not None:
        yield from check_known(at.place("given", "role"), "role", given.role, merged.roles)
    yield from check_all_known(at, ("given", "roles"), "role", given.roles or (), merged.roles)
    yield from _route(at.place("given", "route"), given.route, known)
    yield from _expected(merged, expect, at)


def _expected(merged: Merged, expect: ExpectModel, at: At) -> Iterator[Problem]:
    if expect.scanner is not None:
        place = at.place("expect", "scanner")
        restricting = [name for name, rule in merged.rules.items() if rule.restricts]
        yield from check_known(place, "scanner", expect.scanner, [*merged.scanners, *restricting])
    if expect.rule is not None:
        yield from check_known(at.place("expect", "rule"), "rule", expect.rule, merged.rules)
    lists = (
        ("limits", "limit", merged.limits),
        ("exceptions", "exception", merged.exceptions),
        ("shadow", "rule", merged.rules),
    )
    for key, what, known in lists:
        yield from check_all_known(at, ("expect", key), what, getattr(expect, key) or (), known)

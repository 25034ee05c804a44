"""What one file cannot know by its schema: that what it names exists and fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.document import suggestion
from gateway.errors import Problem
from gateway.policy.kinds import check_scanners

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gateway.errors import Place
    from gateway.policy.known import Known
    from gateway.policy.merged import At, Merged
    from gateway.policy.schema import CaseModel

__all__ = ["check_references"]


def check_references(merged: Merged, known: Known) -> Iterator[Problem]:
    """Every reference that leads nowhere, and every circle."""
    yield from _roles(merged)
    yield from _models(merged)
    yield from check_scanners(merged, known)
    yield from _rules(merged, known)
    for name, case in merged.tests.items():
        yield from _case(merged, known, case, merged.at["tests", name])


def _unknown(place: Place, what: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(place, f"there is no {what} {name!r}", suggestion(name, sorted(known)))


def _all_known(
    at: At, loc: tuple[str, ...], what: str, names: Iterable[str], known: Collection[str]
) -> Iterator[Problem]:
    for index, name in enumerate(names):
        yield from _unknown(at.place(*loc, index), what, name, known)


def _roles(merged: Merged) -> Iterator[Problem]:
    for name, role in merged.roles.items():
        at = merged.at["roles", name]
        yield from _all_known(at, ("inherits",), "role", role.inherits, merged.roles)
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
        at = merged.at["rules", name]
        verdict, matcher = "allow" if rule.allow else "deny", rule.matcher
        yield from _all_known(at, (verdict, "roles"), "role", matcher.roles, merged.roles)
        yield from _all_known(at, (verdict, "routes"), "route", matcher.routes, known.routes)
        yield from _all_known(at, ("scan",), "scanner", rule.scan or (), merged.scanners)


def _case(merged: Merged, known: Known, case: CaseModel, at: At) -> Iterator[Problem]:
    given, expect = case.given, case.expect
    if given.role is not None:
        yield from _unknown(at.place("given", "role"), "role", given.role, merged.roles)
    yield from _all_known(at, ("given", "roles"), "role", given.roles or (), merged.roles)
    yield from _unknown(at.place("given", "route"), "route", given.route, known.routes)
    if expect.scanner is not None:
        yield from _unknown(
            at.place("expect", "scanner"), "scanner", expect.scanner, merged.scanners
        )
    if expect.rule is not None:
        yield from _unknown(at.place("expect", "rule"), "rule", expect.rule, merged.rules)

"""What is allowed in a policy but seldom meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from gateway.errors import Problem
from gateway.policy.merged import in_file_order
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from gateway.policy.merged import Merged

__all__ = ["lint"]

_CLOSE: Final = 0.8


def lint(merged: Merged) -> tuple[Problem, ...]:
    """Warnings about a policy that is right in itself, in the order of its files."""
    found = [*_unused(merged), *_unscanned(merged), *_near_misses(merged), *_careless(merged)]
    return tuple(sorted(found, key=in_file_order))


def _unused(merged: Merged) -> Iterator[Problem]:
    yield from _without(merged, "roles", "role", merged.roles, _used_roles(merged))
    yield from _without(merged, "models", "set of models", merged.models, _used_models(merged))
    used = {name for rule in merged.rules.values() for name in rule.scan or ()}
    yield from _without(merged, "scanners", "scanner", merged.scanners, used)


def _without(
    merged: Merged, section: str, what: str, names: Iterable[str], used: Container[str]
) -> Iterator[Problem]:
    for name in names:
        if name not in used:
            place = merged.at[section, name].place()
            yield Problem(place, f"the {what} {name!r} is not used", "use it, or take it out")


def _used_roles(merged: Merged) -> set[str]:
    # A role that grants something itself, or passes on what it inherits, has a use of its own.
    named = {name for rule in merged.rules.values() for name in rule.matcher.roles}
    giving = {name for name, role in merged.roles.items() if role.control or role.inherits}
    inherited = {name for role in merged.roles.values() for name in role.inherits}
    return named | giving | inherited


def _used_models(merged: Merged) -> set[str]:
    return {name for rule in merged.rules.values() for name in rule.matcher.models}


def _unscanned(merged: Merged) -> Iterator[Problem]:
    for name, rule in merged.rules.items():
        if rule.allow is not None and rule.scan is None:
            message = f"the rule {name!r} allows requests that no scanner reads"
            advice = "name scanners, or write 'scan: []' if that is meant"
            yield Problem(merged.at["rules", name].place(), message, advice)


def _near_misses(merged: Merged) -> Iterator[Problem]:
    for name, rule in merged.rules.items():
        verdict = "allow" if rule.allow else "deny"
        for index, model in enumerate(rule.matcher.models):
            close = get_close_matches(model, list(merged.models), n=1, cutoff=_CLOSE)
            if close and model not in merged.models:
                place = merged.at["rules", name].place(verdict, "models", index)
                message = f"{model!r} is no set of models, so it is read as the name of one model"
                yield Problem(place, message, f"did you mean {close[0]!r}?")


def _careless(merged: Merged) -> Iterator[Problem]:
    defaults = merged.defaults
    if defaults is not None and defaults.on_scanner_error is not Action.BLOCK:
        word = defaults.on_scanner_error.word
        place = merged.at["defaults", ""].place("on_scanner_error")
        message = f"with on_scanner_error: {word}, a text that could not be scanned passes"
        yield Problem(place, message, "block is the safe choice")
    if not merged.tests:
        place = merged.at["version", ""].place()
        message = "the policy has no tests"
        yield Problem(place, message, "add some: they run at every load")

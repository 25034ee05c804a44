"""Exceptions and rules in shadow mode whose last day is past, or near."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.errors import Problem
from gateway.policy.days import show_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.errors import Place
    from gateway.policy.merged import Merged
    from gateway.policy.model import Policy
    from gateway.policy.override import Override
    from gateway.policy.restriction import Restriction
    from gateway.policy.rule import Rule

__all__ = ["ending"]

_SOON: Final = 14


def ending(merged: Merged, policy: Policy, day: int) -> Iterator[Problem]:
    """What has ended by a day (since 1970-01-01, UTC), or does within two weeks of it."""
    for exception in policy.exceptions:
        place = merged.at["exceptions", exception.id].place("expires")
        named = f"the exception {exception.id!r}"
        yield from _ending(place, "exception", named, exception.expires, day)
    rules: tuple[Rule | Override | Restriction, ...]
    rules = (*policy.rules, *policy.overrides, *policy.restrictions)
    for rule in rules:
        if rule.shadow and rule.until is not None:
            place = merged.at["rules", rule.id].place("until")
            named = f"the rule {rule.id!r} in shadow mode"
            yield from _ending(place, "shadow", named, rule.until, day)


def _ending(place: Place, what: str, named: str, last: int, day: int) -> Iterator[Problem]:
    if last < day:
        message = f"{named} has ended on {show_day(last)}"
        yield Problem(place, message, "take it out, or renew it", f"expired-{what}")
    elif last - day <= _SOON:
        message = f"{named} ends after {show_day(last)}"
        yield Problem(place, message, "renew it in time, or let it go", f"expiring-{what}")

"""What is allowed in a policy but seldom meant.

Every warning has a stable code, a place and advice:

::

    allow-all            an allow rule about any caller, or about any model on any route
    unreachable-rule     a rule that no request can meet
    shadowed-rule        an allow rule that deny rules cover wholly
    idle-override        an override of a scanner that reads nothing it is about
    unused-role          likewise unused-models, unused-scanner, unused-limit and unused-list
    role-never-matched   no test has claims that give a role by its ``match``
    untested-rule        no test in which a rule takes part; likewise untested-exception
    no-tests             no tests at all
    expired-exception    an exception that has ended; likewise expired-shadow
    expiring-exception   one that ends within 14 days; likewise expiring-shadow
    unscanned-rule       an allow rule that names no scanners
    near-miss            a model's name that looks like a misspelt set of models
    set-as-model         a test that asks for a set of models as if it were one
    lax-scanner-error    ``on_scanner_error`` that lets unscanned texts pass
    lax-state-error      ``on_state_error`` that lets requests pass uncounted
    lax-conversations    ``unknown_conversations`` that lets callers go on with anybody's
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.policy.careless import careless
from gateway.policy.ending import ending
from gateway.policy.merged import in_file_order
from gateway.policy.reach import reach
from gateway.policy.untested import untested
from gateway.policy.unused import unused

if TYPE_CHECKING:
    from gateway.errors import Problem
    from gateway.policy.merged import Merged
    from gateway.policy.model import Policy

__all__ = ["CODES", "lint"]

CODES: Final = (
    "allow-all", "unreachable-rule", "shadowed-rule", "idle-override",
    "unused-role", "unused-models", "unused-scanner", "unused-limit", "unused-list",
    "role-never-matched", "untested-rule", "untested-exception", "no-tests",
    "expired-exception", "expiring-exception", "expired-shadow", "expiring-shadow",
    "unscanned-rule", "near-miss", "set-as-model", "lax-scanner-error", "lax-state-error",
    "lax-conversations",
)  # fmt: skip
"""Every code that a warning may have."""


def lint(merged: Merged, policy: Policy, day: int) -> tuple[Problem, ...]:
    """Warnings about a policy that is right in itself, in the order of its files.

    Args:
        merged: What stands in its files, with its places.
        policy: The policy that this is.
        day: Today, in days since 1970-01-01, UTC.
    """
    found = [
        *reach(merged, policy),
        *unused(merged),
        *untested(merged, policy),
        *ending(merged, policy, day),
        *careless(merged),
    ]
    return tuple(sorted(found, key=in_file_order))

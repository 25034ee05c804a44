"""What a policy defines and no rule uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import Problem
from gateway.policy.word_lists import unused_lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.policy.merged import Merged

__all__ = ["unused"]


def unused(merged: Merged) -> Iterator[Problem]:
    """Roles, sets of models, scanners and limits that do nothing."""
    rules = merged.rules.values()
    uses = {
        "roles": ("role", _used_roles(merged)),
        "models": ("set of models", {name for rule in rules for name in rule.matcher.models}),
        "scanners": ("scanner", {name for rule in rules for name in rule.scan or ()}),
        "limits": ("limit", {name for rule in rules for name in rule.limits}),
    }
    for section, (what, used) in uses.items():
        for name in getattr(merged, section):
            if name not in used:
                place = merged.at[section, name].place()
                code = "unused-models" if section == "models" else f"unused-{what}"
                message = f"the {what} {name!r} is not used"
                yield Problem(place, message, "use it, or take it out", code)
    yield from unused_lists(merged)


def _used_roles(merged: Merged) -> set[str]:
    # A role that grants something itself, or passes on what it inherits, has a use of its own.
    named = {name for rule in merged.rules.values() for name in rule.matcher.roles}
    excepted = {name for one in merged.exceptions.values() for name in one.match.roles}
    giving = {name for name, role in merged.roles.items() if role.control or role.inherits}
    inherited = {name for role in merged.roles.values() for name in role.inherits}
    return named | excepted | giving | inherited

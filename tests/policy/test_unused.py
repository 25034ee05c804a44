"""What a policy defines and no rule uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.model import Policy


def warnings(load: Callable[..., Policy], folder: Path, text: str) -> list[str]:
    found = [one for one in load(text).warnings if one.code.startswith("unused-")]
    return [f"{one} [{one.code}]".replace(f"{folder}/", "") for one in found]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "roles: {x: {}}",
            "a.yaml:2:9: the role 'x' is not used; use it, or take it out [unused-role]",
        ),
        (
            "models: {x: [m]}",
            (
                "a.yaml:2:10: the set of models 'x' is not used; use it, or take it out "
                "[unused-models]"
            ),
        ),
        (
            "scanners: {x: {kind: injection, on: [user]}}",
            "a.yaml:2:12: the scanner 'x' is not used; use it, or take it out [unused-scanner]",
        ),
        (
            "limits: {x: {concurrent: 1}}",
            "a.yaml:2:10: the limit 'x' is not used; use it, or take it out [unused-limit]",
        ),
        (
            (
                "scanners: {x: {kind: injection, on: [user]}}\n"
                "rules: [{id: o, override: {scanner: x, block_at: 0.7}}]"
            ),
            "a.yaml:2:12: the scanner 'x' is not used; use it, or take it out [unused-scanner]",
        ),
    ],
)
def test_what_no_rule_uses_is_a_warning(
    load: Callable[..., Policy], folder: Path, text: str, warning: str
) -> None:
    assert warnings(load, folder, text) == [warning]


@pytest.mark.parametrize(
    "text",
    [
        "roles: {x: {}, y: {inherits: [x]}}",
        "roles: {x: {control: [audit.read]}}",
        "roles: {x: {}}\nrules: [{id: r, deny: {roles: [x]}}]",
        (
            "scanners: {s: {kind: injection, on: [user]}}\nroles: {x: {}}\nrules:\n"
            "  - {id: o, override: {scanner: s, roles: [x], block_at: 0.7}}\n"
            "  - {id: r, allow: {models: [m]}, scan: [s]}"
        ),
        (
            "limits: {l: {concurrent: 1}}\n"
            "rules: [{id: r, allow: {models: [m]}, limits: l, scan: []}]"
        ),
        (
            "roles: {x: {}}\nscanners: {s: {kind: secrets, on: [user], action: block}}\n"
            "rules: [{id: r, allow: {models: [m]}, scan: [s]}]\n"
            "exceptions: [{id: e, rule: r, suppress: {scanner: s, entities: [AWS]}, "
            "match: {roles: [x]}, reason: r, approved_by: a, expires: 2099-01-01}]"
        ),
    ],
)
def test_what_has_its_use_is_no_warning(
    load: Callable[..., Policy], folder: Path, text: str
) -> None:
    assert warnings(load, folder, text) == []

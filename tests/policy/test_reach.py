"""Rules that reach everybody, or nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.known import Known

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.policy.model import Policy

CODES = {"allow-all", "unreachable-rule", "shadowed-rule", "idle-override"}
HEAD = """
roles: {x: {}, y: {inherits: [x]}, z: {}}
scanners:
  words: {kind: pattern, on: [user], action: flag, patterns: {A: a}}
rules:
"""


def warnings(load: Callable[..., Policy], folder: Path, *rules: str) -> list[str]:
    text = HEAD + "".join(f"  - {rule}\n" for rule in rules)
    found = [one for one in load(text).warnings if one.code in CODES]
    return [f"{one} [{one.code}]".replace(f"{folder}/", "") for one in found]


def codes(load: Callable[..., Policy], folder: Path, *rules: str) -> list[str]:
    return [one.rpartition("[")[2].rstrip("]") for one in warnings(load, folder, *rules)]


def test_a_rule_about_any_caller_is_named_in_clear_words(
    load: Callable[..., Policy], folder: Path
) -> None:
    assert warnings(load, folder, "{id: r, allow: {models: [m]}, scan: []}") == [
        (
            "a.yaml:7:5: the rule 'r' allows every caller with a valid token, whatever its roles; "
            "name the roles that it is for [allow-all]"
        )
    ]


def test_a_rule_about_ones_own_routes_and_models_that_they_do_not_have_is_met_by_nobody(
    load: Callable[..., Policy],
) -> None:
    known = Known(own={"a.one": "my-model", "a.two": "other"})
    rules = HEAD + "".join(
        f"  - {{id: {name}, allow: {{roles: [x], routes: [{routes}]{models}}}, scan: []}}\n"
        for name, routes, models in (
            ("never", "a.one", ", models: [gpt-5, other]"),
            ("one", "a.one, a.two", ", models: [other]"),
            ("any", "a.one", ""),
            ("both", "a.one, messages", ", models: [gpt-5]"),
        )
    )
    (found,) = [one for one in load(rules, known=known).warnings if one.code in CODES]
    assert found.code == "unreachable-rule"
    assert found.message == "no request meets the rule 'never': its routes have other models"


@pytest.mark.parametrize("about", ["roles: [x]", 'roles: [x], models: ["*"]'])
def test_a_rule_about_any_route_and_any_model_is_too(
    load: Callable[..., Policy], folder: Path, about: str
) -> None:
    assert warnings(load, folder, f"{{id: r, allow: {{{about}}}, scan: []}}") == [
        (
            "a.yaml:7:5: the rule 'r' allows any model on any route; name models, routes or both "
            "[allow-all]"
        )
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "{id: r, allow: {roles: [x], models: [m]}, scan: []}",
        "{id: r, allow: {roles: [x], routes: [messages]}, scan: []}",
        "{id: r, deny: {models: [m]}}",
        "{id: r, mode: shadow, allow: {models: [m]}, scan: []}",
    ],
)
def test_what_is_about_some_or_opens_nothing_is_not(
    load: Callable[..., Policy], folder: Path, rule: str
) -> None:
    assert codes(load, folder, rule) == []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ('allow: {roles: [x], models: ["[b-a]"]}', "no model has a name like that"),
        ('deny: {models: ["x[z-a]*"]}', "no model has a name like that"),
        (
            "allow: {roles: [x], models: [m], when: {n: {gte: 3}}}, require: {n: {lte: 2}}",
            "nothing that it says of n can be so",
        ),
        (
            "allow: {roles: [x], models: [m], when: {stream: true}}, require: {stream: false}",
            "nothing that it says of stream can be so",
        ),
    ],
)
def test_a_rule_that_nothing_meets_is_named_with_the_cause(
    load: Callable[..., Policy], folder: Path, rule: str, why: str
) -> None:
    (warning,) = warnings(load, folder, f"{{id: r, {rule}}}")
    assert warning == (
        f"a.yaml:7:5: no request meets the rule 'r': {why}; mend it, or take it out "
        "[unreachable-rule]"
    )


@pytest.mark.parametrize(
    "rest",
    [
        "require: {n: {gte: 2, lte: 2}}",
        "require: {max_tokens: {lte: 10}}, clamp: {max_tokens: {lte: 5}}",
        "require: {temperature: {lte: 1.0}}, clamp: {temperature: {lte: 0.5}}",
        "require: {tools: {names: [a, b]}}, clamp: {tools: {names: [b]}}",
        "require: {response_format: {in: [text, json_object]}, images: absent, audio: {lte: 3}}",
        "require: {reasoning_effort: {gte: low}}, clamp: {reasoning_effort: {lte: medium}}",
        "clamp: {system: {prefix: Be kind.}}",
    ],
)
def test_conditions_that_something_meets_are_no_warning(
    load: Callable[..., Policy], folder: Path, rest: str
) -> None:
    rule = f"{{id: r, allow: {{roles: [x], models: [m]}}, {rest}, scan: []}}"
    assert codes(load, folder, rule) == []


ALLOW = '{id: r, allow: {roles: [x, y], routes: [messages], models: ["m-*"]}, scan: []}'


@pytest.mark.parametrize(
    "denies",
    [
        ["{id: d, deny: {roles: [x], models: [m-*]}}"],
        ["{id: d, deny: {routes: [messages, embeddings]}}"],
        ["{id: d, deny: {roles: [x]}}"],
        ['{id: d, deny: {models: ["*"]}}'],
        ['{id: d, deny: {roles: [x, z], routes: [messages], models: ["m*"]}}'],
    ],
)
def test_an_allow_rule_that_a_deny_rule_covers_is_named(
    load: Callable[..., Policy], folder: Path, denies: list[str]
) -> None:
    assert warnings(load, folder, ALLOW, *denies) == [
        (
            "a.yaml:7:5: the rule 'r' allows nothing: d denies all of it; a deny rule always wins "
            "[shadowed-rule]"
        )
    ]


def test_several_deny_rules_cover_together(load: Callable[..., Policy], folder: Path) -> None:
    allow = "{id: r, allow: {roles: [x, z], models: [m, n]}, scan: []}"
    one, other = "{id: d, deny: {models: [m]}}", "{id: e, deny: {models: [n]}}"
    (warning,) = warnings(load, folder, allow, one, other)
    assert "d, e denies all of it" in warning or "e, d denies all of it" in warning


@pytest.mark.parametrize(
    "deny",
    [
        "{id: d, deny: {roles: [y]}}",
        "{id: d, deny: {roles: [z]}}",
        '{id: d, deny: {models: ["m-*any*"]}}',
        '{id: d, deny: {models: ["*-any"]}}',
        "{id: d, deny: {routes: [embeddings]}}",
        "{id: d, deny: {roles: [x], when: {tools: present}}}",
        "{id: d, mode: shadow, deny: {roles: [x]}}",
    ],
)
def test_an_allow_rule_that_keeps_something_is_no_warning(
    load: Callable[..., Policy], folder: Path, deny: str
) -> None:
    assert codes(load, folder, ALLOW, deny) == []


SCANNED = "{id: r, allow: {roles: [x], routes: [messages], models: [m]}, scan: [words]}"


@pytest.mark.parametrize("about", ["routes: [embeddings]", "models: [n]"])
def test_an_override_of_what_reads_nothing_is_named(
    load: Callable[..., Policy], folder: Path, about: str
) -> None:
    override = f"{{id: o, override: {{scanner: words, {about}, action: block}}}}"
    assert warnings(load, folder, SCANNED, override) == [
        (
            "a.yaml:8:5: the rule 'o' overrides words, and no rule that fits the same requests "
            "scans with it; mend its routes and models, or take it out [idle-override]"
        )
    ]


@pytest.mark.parametrize("about", ["", "models: ['m*'], ", "routes: [messages], ", "roles: [z], "])
def test_an_override_of_what_reads_something_is_no_warning(
    load: Callable[..., Policy], folder: Path, about: str
) -> None:
    override = f"{{id: o, override: {{scanner: words, {about}action: block}}}}"
    assert codes(load, folder, SCANNED, override) == []


def test_a_large_policy_is_looked_through_quickly(
    load: Callable[..., Policy], folder: Path
) -> None:
    allows = [
        f'{{id: a{n}, allow: {{roles: [x, y, z], models: ["*-m{n}-*"]}}, scan: []}}'
        for n in range(40)
    ]
    denies = [f'{{id: d{n}, deny: {{models: ["*-m{n}-*"]}}}}' for n in range(40)]
    assert len(codes(load, folder, *allows, *denies)) == 40

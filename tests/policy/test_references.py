"""References between and within files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.known import Known
from gateway.policy.model import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

BASE = """\
roles: {analyst: {}, developer: {inherits: [analyst]}}
models: {small: [demo-small]}
limits: {human: {concurrent: 4}}
scanners: {secrets: {kind: secrets, on: [user], action: block}}
rules: [{id: chat, allow: {roles: [analyst], models: [small]}, scan: [secrets]}]
"""


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "rules: [{id: r, allow: {roles: [analist]}, scan: []}]",
            "b.yaml:1:33: there is no role 'analist'; did you mean 'analyst'?",
        ),
        (
            "rules: [{id: r, deny: {routes: [chat.completion]}}]",
            "b.yaml:1:33: there is no route 'chat.completion'; did you mean 'chat.completions'?",
        ),
        (
            "rules: [{id: r, allow: {models: [m]}, scan: [secret]}]",
            "b.yaml:1:46: there is no scanner 'secret'; did you mean 'secrets'?",
        ),
        (
            "rules: [{id: r, allow: {models: [m]}, limits: humna, scan: []}]",
            "b.yaml:1:39: there is no limit 'humna'; did you mean 'human'?",
        ),
        (
            "rules: [{id: r, allow: {models: [m]}, limits: [human, all], scan: []}]",
            "b.yaml:1:55: there is no limit 'all'; known are human",
        ),
        (
            "roles: {lead: {inherits: [develper]}}",
            "b.yaml:1:27: there is no role 'develper'; did you mean 'developer'?",
        ),
        (
            "models: {all: [small, other]}",
            "b.yaml:1:16: 'small' is a set of models, and sets do not hold sets; write its models",
        ),
        (
            (
                "tests: [{name: t, given: {role: x, route: messages, model: m}, "
                "expect: {decision: deny}}]"
            ),
            "b.yaml:1:27: there is no role 'x'; known are analyst, developer",
        ),
        (
            (
                "tests: [{name: t, given: {roles: [analyst, x], route: messages, model: m}, "
                "expect: {decision: deny}}]"
            ),
            "b.yaml:1:44: there is no role 'x'",
        ),
        (
            (
                "tests: [{name: t, given: {role: analyst, route: msgs, model: m}, "
                "expect: {decision: deny}}]"
            ),
            "b.yaml:1:42: there is no route 'msgs'",
        ),
        (
            (
                "tests: [{name: t, given: {role: analyst, route: messages, model: m}, "
                "expect: {decision: block, scanner: pii}}]"
            ),
            "b.yaml:1:96: there is no scanner 'pii'",
        ),
        (
            (
                "tests: [{name: t, given: {role: analyst, route: messages, model: m}, "
                "expect: {decision: deny, rule: chatt}}]"
            ),
            "b.yaml:1:95: there is no rule 'chatt'; did you mean 'chat'?",
        ),
        (
            (
                "tests: [{name: t, given: {role: analyst, route: messages, model: m}, "
                "expect: {decision: allow, limits: [human, all]}}]"
            ),
            "b.yaml:1:112: there is no limit 'all'; known are human",
        ),
        (
            (
                "tests: [{name: t, given: {role: analyst, route: messages, model: m}, "
                "expect: {decision: allow, exceptions: [e]}}]"
            ),
            "b.yaml:1:109: there is no exception 'e'",
        ),
        (
            (
                "tests: [{name: t, given: {role: analyst, route: messages, model: m}, "
                "expect: {decision: allow, shadow: [chatt]}}]"
            ),
            "b.yaml:1:105: there is no rule 'chatt'; did you mean 'chat'?",
        ),
    ],
)
def test_a_reference_that_leads_nowhere(
    problems: Callable[..., list[str]], more: str, problem: str
) -> None:
    (found,) = problems(BASE, more)
    assert found.startswith(problem)


def test_references_lead_into_other_files(load: Callable[..., Policy]) -> None:
    policy = load("rules: [{id: r, allow: {roles: [x], models: [s]}, scan: []}]", "roles: {x: {}}")
    assert policy.rules[0].roles == {"x"}


def test_roles_that_inherit_in_a_circle(problems: Callable[..., list[str]]) -> None:
    found = problems("roles: {a: {inherits: [b]}, b: {inherits: [c]}, c: {inherits: [b]}}")
    assert found == [
        "a.yaml:2:33: the role 'b' inherits itself; break the circle",
        "a.yaml:2:53: the role 'c' inherits itself; break the circle",
    ]


def test_a_set_may_hold_a_model_of_its_own_name(load: Callable[..., Policy]) -> None:
    assert load("models: {gpt-5: [gpt-5, gpt-5-mini]}").models["gpt-5"] == ("gpt-5", "gpt-5-mini")


def test_routes_of_ones_own_are_known_when_they_are_given(load: Callable[..., Policy]) -> None:
    rule = "rules: [{id: r, allow: {routes: [inhouse.generate]}, scan: []}]"
    policy = load(rule, known=Known(own={"inhouse.generate": "my-model"}))
    assert policy.routes == (*ROUTES, "inhouse.generate")
    assert policy.own == {"inhouse.generate": "my-model"}


RULE = "rules: [{id: r, %s: {routes: [inhouse.generate]%s}}]\n"
SCANNER = "scanners: {s: {kind: secrets, on: [user], action: flag}}"
TEST = "tests: [{name: t, given: {role: x, route: inhouse.generate, model: m}, expect: %s}]\n"


@pytest.mark.parametrize(
    "text",
    [
        RULE % ("deny", ""),
        RULE % ("override", ", scanner: s, action: block") + SCANNER,
        "roles: {x: {}}\n" + TEST % "{decision: deny}",
    ],
    ids=["rule", "override", "test"],
)
def test_without_the_settings_an_unknown_route_may_be_one_of_theirs(
    problems: Callable[..., list[str]], load: Callable[..., Policy], text: str
) -> None:
    advice = "; for routes of gateway.yaml, give that file with -c"
    (found,) = problems(text)
    assert "there is no route 'inhouse.generate'" in found
    assert found.endswith(advice)
    (found,) = problems(text, known=Known(own={}))
    assert "there is no route 'inhouse.generate'" in found
    assert not found.endswith(advice)
    assert "inhouse.generate" in load(text, known=Known(own={"inhouse.generate": "m"})).routes


def test_problems_of_all_files_come_together_in_their_order(
    problems: Callable[..., list[str]],
) -> None:
    wrong = "rules: [{id: %s, allow: {roles: [x]}, scan: [y]}]"
    found = problems(wrong % "one", wrong % "two")
    assert [line.partition(": ")[0] for line in found] == [
        "a.yaml:2:35", "a.yaml:2:47", "b.yaml:1:35", "b.yaml:1:47",
    ]  # fmt: skip

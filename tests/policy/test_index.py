"""The index of rules finds what trying all of them would find."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.index import RuleIndex
from gateway.policy.override import Override
from gateway.policy.rule import Rule

ROLES = ["a", "b", "c"]
ROUTES = ["x", "y"]
MODELS = ["m", "m1", "n"]
rules_of_any_kind = st.lists(
    st.builds(
        Rule,
        id=st.uuids().map(str),
        allows=st.booleans(),
        roles=st.frozensets(st.sampled_from(ROLES), max_size=2),
        routes=st.frozensets(st.sampled_from(ROUTES), max_size=1),
        models=st.lists(st.sampled_from([*MODELS, "m*", "?", "*"]), max_size=2).map(tuple),
    ),
    max_size=8,
)


def matches(rule: Rule, roles: frozenset[str], route: str, model: str) -> bool:
    return (
        (not rule.roles or bool(rule.roles & roles))
        and (not rule.routes or route in rule.routes)
        and (not rule.models or any(fnmatchcase(model, glob) for glob in rule.models))
    )


@given(
    rules_of_any_kind,
    st.frozensets(st.sampled_from(ROLES)),
    st.sampled_from(ROUTES),
    st.sampled_from(MODELS),
)
def test_the_index_finds_what_trying_all_finds(
    rules: list[Rule], roles: frozenset[str], route: str, model: str
) -> None:
    index = RuleIndex(rules)
    expected = sorted(rule.id for rule in rules if matches(rule, roles, route, model))
    for _time in ("new", "remembered"):
        assert [rule.id for rule in index.matching(roles, route, model)] == expected


def test_candidates_are_those_of_the_roles_and_the_route_whatever_the_model() -> None:
    index = RuleIndex(
        [
            Rule("b", allows=True, roles=frozenset({"a", "b"}), models=("m",)),
            Rule("a", allows=False),
            Rule("c", allows=True, roles=frozenset({"c"})),
            Rule("d", allows=True, roles=frozenset({"a"}), routes=frozenset({"y"})),
        ]
    )
    assert [rule.id for rule in index.candidates(frozenset({"a", "b"}), "x")] == ["a", "b"]


def test_overrides_are_found_as_rules_are() -> None:
    index = RuleIndex(
        [
            Override("b", "pii", roles=frozenset({"a"}), models=("m*",)),
            Override("a", "pii", routes=frozenset({"x"})),
            Override("c", "pii", roles=frozenset({"c"})),
        ]
    )
    found = index.matching(frozenset({"a"}), "x", "m1")
    assert [one.id for one in found] == ["a", "b"]
    assert [one.id for one in index.matching(frozenset({"a"}), "y", "n")] == []

"""What reads a request that rules allow, and what it counts in."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from made_up_policies import policy_of

from gateway.policy.decision import Ask, ShadowScan
from gateway.policy.exceptions import PolicyException
from gateway.policy.override import Override
from gateway.policy.reading import Reading, limits_of
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, Limit, LimitUse

if TYPE_CHECKING:
    from collections.abc import Sequence

ASK = Ask(frozenset({"a", "b"}), "messages", "m", exceptions=frozenset({"x", "y"}), day=100)
E1 = frozenset({"E1"})


def allow(name: str, *scan: str, **said: Any) -> Rule:
    return Rule(name, allows=True, scan=frozenset(scan), **said)


def exception(name: str, rule: str, *entities: str, expires: int = 100) -> PolicyException:
    some = frozenset(entities)
    return PolicyException(name, rule, "pii", some, frozenset(), None, some, "", "", expires)


def stricter(name: str, scanner: str, *, shadow: bool = False) -> Override:
    rules = MappingProxyType({"E1": EntityRule(Action.BLOCK)})
    return Override(name, scanner, entities=rules, shadow=shadow)


def read(
    rules: Sequence[Rule],
    exceptions: Sequence[PolicyException] = (),
    overrides: Sequence[Override] = (),
    ask: Ask = ASK,
) -> Reading:
    return Reading(policy_of(rules, overrides, exceptions), ask, rules, overrides)


def test_the_scanners_of_all_rules_read_in_the_policys_order() -> None:
    reading = read([allow("r", "words", "pii"), allow("s", "injection", "pii"), allow("t")])
    assert reading.scanners == ("pii", "words", "injection")
    assert (reading.exceptions, reading.shadow_scans) == ((), ())
    assert read([allow("t")]).scanners == ()


def test_an_exception_weakens_its_scanner() -> None:
    reading = read([allow("r", "pii", "words")], [exception("x", "r", "E1")])
    assert reading.scanners == ("pii~-x", "words")
    assert reading.exceptions == ("x",)


@pytest.mark.parametrize(
    ("changed", "ask"),
    [
        ({"rule": "another"}, {}),
        ({"scanner": "secrets"}, {}),
        ({"entities": frozenset({"E3"})}, {}),
        ({}, {"exceptions": frozenset()}),
        ({}, {"exceptions": frozenset({"y"})}),
        ({}, {"day": 101}),
    ],
)
def test_an_exception_of_another_rule_scanner_entity_caller_or_day_weakens_nothing(
    changed: dict[str, Any], ask: dict[str, Any]
) -> None:
    exceptions = [replace(exception("x", "r", "E1"), **changed)]
    reading = read([allow("r", "pii", "words")], exceptions, ask=replace(ASK, **ask))
    assert reading.scanners == ("pii", "words")
    assert reading.exceptions == ()


def test_an_exception_holds_on_its_last_day() -> None:
    weak = [exception("x", "r", "E1", expires=100)]
    assert read([allow("r", "pii")], weak).exceptions == ("x",)
    assert read([allow("r", "pii")], weak, ask=replace(ASK, day=101)).exceptions == ()


def test_attack_a_second_rule_that_scans_without_an_exception_keeps_the_scanner_strict() -> None:
    weak = [exception("x", "r", "E1", "E2"), exception("y", "s", "E2")]
    assert read([allow("r", "pii"), allow("t", "pii")], weak).scanners == ("pii",)
    assert read([allow("r", "pii"), allow("t", "words")], weak).scanners == ("pii~-x", "words")
    both = read([allow("r", "pii"), allow("s", "pii")], weak)
    assert both.scanners == ("pii~-y",)
    assert both.exceptions == ("x", "y")
    apart = [exception("x", "r", "E1"), exception("y", "s", "E2")]
    none = read([allow("r", "pii"), allow("s", "pii")], apart)
    assert (none.scanners, none.exceptions) == (("pii",), ())


def test_an_exception_from_a_rule_that_does_not_scan_so_is_not_listed() -> None:
    weak = [exception("x", "r", "E1"), exception("y", "s", "E1")]
    reading = read([allow("r", "words"), allow("s", "pii")], weak)
    assert (reading.scanners, reading.exceptions) == (("pii~-x", "words"), ("y",))


def test_exceptions_of_one_rule_add_up() -> None:
    reading = read([allow("r", "pii")], [exception("x", "r", "E1"), exception("y", "r", "E2")])
    assert reading.scanners == ("pii~-x~-y",)
    assert reading.exceptions == ("x", "y")


def test_an_override_changes_a_scanner_that_reads_and_brings_none() -> None:
    reading = read([allow("r", "pii")], (), [stricter("o", "pii"), stricter("p", "secrets")])
    assert reading.scanners == ("pii~+o",)
    assert reading.shadow_scans == ()


def test_an_exception_that_an_override_overrules_is_not_listed() -> None:
    weak, override = exception("x", "r", "E1"), stricter("o", "pii")
    reading = read([allow("r", "pii")], [weak], [override])
    assert (reading.scanners, reading.exceptions) == (("pii~+o",), ())


def test_an_override_in_shadow_mode_reads_beside_where_that_is_something_else() -> None:
    shadow = stricter("o", "pii", shadow=True)
    reading = read(
        [allow("r", "pii", "words")], (), [shadow, stricter("p", "secrets", shadow=True)]
    )
    assert reading.scanners == ("pii", "words")
    assert reading.shadow_scans == (ShadowScan("o", ("pii~+o", "words")),)
    same = replace(shadow, entities=MappingProxyType({"E1": EntityRule(Action.REDACT)}))
    assert read([allow("r", "pii")], (), [same]).shadow_scans == ()


def limits(*rules: Rule, roles: frozenset[str] = ASK.roles) -> dict[str, tuple[str, ...]]:
    uses = limits_of(policy_of(rules), replace(ASK, roles=roles), rules)
    assert [use.limit.name for use in uses] == sorted(use.limit.name for use in uses)
    return {use.limit.name: use.roles for use in uses}


def test_a_request_counts_in_the_limits_of_all_rules_once() -> None:
    one, other = frozenset({"each", "all"}), frozenset({"each"})
    assert limits(allow("r", limits=one), allow("s", limits=other)) == {"all": (), "each": ()}
    assert limits(allow("r")) == {}
    uses = limits_of(policy_of([]), ASK, [allow("r", limits=other)])
    assert uses == (LimitUse(Limit("each")),)


def test_a_limit_per_role_counts_for_the_roles_by_which_its_rules_fit() -> None:
    of_role = frozenset({"of-role"})
    by_a = allow("r", limits=of_role, roles=frozenset({"a", "c"}))
    by_b = allow("s", limits=of_role, roles=frozenset({"b"}))
    assert limits(by_a) == {"of-role": ("a",)}
    assert limits(by_a, by_b) == {"of-role": ("a", "b")}
    assert limits(allow("t", limits=of_role)) == {"of-role": ("a", "b")}


def test_attack_who_has_no_role_is_counted_too() -> None:
    anybody = allow("r", limits=frozenset({"of-role"}))
    assert limits(anybody, roles=frozenset()) == {"of-role": ("",)}

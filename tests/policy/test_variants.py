"""The variants of scanners: all that decisions can name, and no more."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import chain, combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from made_up_policies import EXCEPTIONS, OVERRIDES, SCANNERS, each_with_its_id
from naive_policy import behaviour

from gateway.policy.exceptions import PolicyException
from gateway.policy.override import Override
from gateway.policy.strictness import entity_rule, overridden, strictest, weakened
from gateway.policy.variants import MAX_VARIANTS, SEPARATOR, TooManyVariants, Variants
from gateway.terms import Action, EntityRule, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")
PII = SCANNERS[0]


def exception(name: str, rule: str, *entities: str, scanner: str = "pii") -> PolicyException:
    return PolicyException(
        name, rule, scanner, frozenset(entities), frozenset({"a"}), None, frozenset(), "", "", 100
    )


def stricter(name: str, entity: str, *, shadow: bool = False) -> Override:
    rules = MappingProxyType({entity: EntityRule(Action.BLOCK)})
    return Override(name, "pii", entities=rules, shadow=shadow)


def names(variants: Variants) -> list[str]:
    return [spec.name for spec in variants.specs]


def subsets(things: Sequence[T]) -> Iterator[tuple[T, ...]]:
    return chain.from_iterable(combinations(things, size) for size in range(len(things) + 1))


def test_without_exceptions_and_overrides_there_are_the_scanners_only() -> None:
    variants = Variants(SCANNERS, (), ())
    assert variants.specs == SCANNERS
    assert variants.base == ("pii", "secrets", "words", "injection")


def test_variants_follow_their_scanner_and_are_named_after_what_changed_it() -> None:
    variants = Variants(SCANNERS, (stricter("o", "E1"),), (exception("x", "r", "E2"),))
    assert names(variants)[:4] == ["pii", "pii~+o", "pii~-x", "pii~-x~+o"]
    assert names(variants)[4:] == ["secrets", "words", "injection"]
    assert {spec.of for spec in variants.specs[1:4]} == {"pii"}
    assert {spec.shown for spec in variants.specs[:4]} == {"pii"}


def test_what_changes_nothing_makes_no_variant() -> None:
    same = Override("o", "pii", entities=MappingProxyType({"E2": EntityRule(Action.BLOCK, 0.8)}))
    weaker = Override("w", "pii", entities=MappingProxyType({"E2": EntityRule(Action.FLAG, 0.9)}))
    variants = Variants(SCANNERS, (same, weaker), (exception("x", "r", "E3"),))
    assert names(variants) == ["pii", "secrets", "words", "injection"]
    assert variants.name("pii", frozenset({"E3"}), (same, weaker)) == "pii"


def test_a_rule_that_says_what_holds_anyway_makes_no_variant_but_stands_against_an_action() -> None:
    same = MappingProxyType({"E2": EntityRule(Action.REDACT)})
    enforced = Override("o", "secrets", entities=same)
    shadow = Override("s", "secrets", action=Action.FLAG, shadow=True)
    variants = Variants(SCANNERS, (enforced, shadow), ())
    by_name = {spec.name: spec for spec in variants.specs}
    assert variants.name("secrets", frozenset(), (enforced,)) == "secrets"
    for overrides, action in (((), Action.FLAG), ((enforced,), Action.REDACT)):
        found = by_name[variants.name("secrets", frozenset(), overrides, shadow)]
        assert entity_rule(found, "E2") == EntityRule(action)


def test_a_rule_spares_what_any_of_its_exceptions_spares_and_rules_what_all_do() -> None:
    variants = Variants(
        (PII,),
        (),
        (exception("x1", "r", "E1"), exception("x2", "r", "E2"), exception("x3", "s", "E1", "E2")),
    )
    assert names(variants) == ["pii", "pii~-x1", "pii~-x2", "pii~-x1~-x2"]
    both = variants.name("pii", frozenset({"E1", "E2"}))
    assert both == "pii~-x1~-x2"
    assert variants.name("pii", frozenset({"E2"})) == "pii~-x2"


def test_an_override_stands_against_an_exception_from_what_it_names() -> None:
    override, spare = stricter("o", "E1"), exception("x", "r", "E1", "E2")
    variants = Variants((PII,), (override,), (spare,))
    by_name = {spec.name: spec for spec in variants.specs}
    spec = by_name[variants.name("pii", spare.entities, (override,))]
    assert spec.entities["E1"] == EntityRule(Action.BLOCK)
    assert spec.entities["E2"].action is Action.ALLOW
    assert variants.really_spared("pii", spare.entities, (override,)) == {"E2"}
    assert variants.really_spared("pii", spare.entities) == {"E1", "E2"}
    assert variants.really_spared("pii", frozenset({"E3"})) == frozenset()


def test_an_override_in_shadow_mode_stands_instead_even_if_it_is_laxer() -> None:
    laxer = Override("lax", "injection", block_at=0.99, shadow=True)
    strict = Override("strict", "injection", block_at=0.7)
    variants = Variants(SCANNERS, (laxer, strict), ())
    by_name = {spec.name: spec for spec in variants.specs}
    assert by_name[variants.name("injection", frozenset(), (strict,))].block_at == 0.7
    assert by_name[variants.name("injection", frozenset(), (strict,), laxer)].block_at == 0.99
    assert by_name[variants.name("injection", frozenset(), (), laxer)].block_at == 0.99


def test_an_exception_and_an_override_of_one_name_are_told_apart() -> None:
    variants = Variants((PII,), (stricter("same", "E1"),), (exception("same", "r", "E2"),))
    assert len(set(names(variants))) == len(variants.specs) == 4


def test_attack_exceptions_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    many = [exception(f"x{number}", "r", f"E{number}") for number in range(40)]
    entities = {f"E{number}": EntityRule(Action.BLOCK) for number in range(40)}
    spec = replace(PII, entities=MappingProxyType(entities))
    with pytest.raises(TooManyVariants, match="pii") as caught:
        Variants((spec,), (), many)
    assert caught.value.scanner == "pii"
    apart = [replace(one, rule=one.id) for one in many[:7]]
    assert len(Variants((spec,), (), apart).specs) == 8


def test_attack_overrides_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    many = [stricter(f"o{number}", f"E{number}") for number in range(40)]
    with pytest.raises(TooManyVariants):
        Variants((PII,), many, ())
    shadows = [replace(one, shadow=True) for one in many]
    assert len(Variants((PII,), shadows, ()).specs) == 41
    with pytest.raises(TooManyVariants):
        Variants((PII,), [*many[:2], *shadows], ())


def test_attack_many_scanners_with_some_variants_each_are_too_many_together() -> None:
    scanners = [replace(PII, name=f"s{number}") for number in range(MAX_VARIANTS + 1)]
    many = [replace(stricter(f"o-{one.name}", "E1"), scanner=one.name) for one in scanners]
    assert len(Variants(scanners[:-1], many[:-1], ()).specs) == 2 * MAX_VARIANTS
    with pytest.raises(TooManyVariants):
        Variants(scanners, many, ())


@given(
    each_with_its_id(OVERRIDES, ("o1", "o2", "o3"), 3),
    each_with_its_id(EXCEPTIONS, ("x1", "x2"), 2),
)
def test_whatever_comes_together_has_a_variant_that_does_just_that(
    overrides: list[Override], exceptions: list[PolicyException]
) -> None:
    variants = Variants(SCANNERS, overrides, exceptions)
    by_name = {spec.name: spec for spec in variants.specs}
    assert len(by_name) == len(variants.specs)
    for spec in SCANNERS:
        mine = [one for one in overrides if one.scanner == spec.name]
        enforced = [one for one in mine if not one.shadow]
        shadows = [None, *(one for one in mine if one.shadow)]
        for spared in spared_by(spec, exceptions):
            for some in subsets(enforced):
                weak = weakened(spec, spared)
                strict = reduce(strictest, (overridden(weak, one) for one in some), weak)
                for shadow in shadows:
                    wanted = strict if shadow is None else overridden(strict, shadow)
                    found = by_name[variants.name(spec.name, spared, some, shadow)]
                    assert behaviour(found) == behaviour(wanted)
                    assert (found.kind, found.on, found.shown) == (spec.kind, spec.on, spec.name)
                    assert found.name == spec.name or SEPARATOR in found.name


def spared_by(spec: ScannerSpec, exceptions: list[PolicyException]) -> set[frozenset[str]]:
    """Every set of entities that rules may spare together."""
    mine = [one for one in exceptions if one.scanner == spec.name]
    of_rules = [
        {
            frozenset[str]().union(*(one.entities for one in some))
            for some in subsets([one for one in mine if one.rule == rule])
        }
        for rule in {one.rule for one in mine}
    ]
    found = {frozenset[str]()}
    for of_rule in of_rules:
        found |= {some & other for some in found for other in of_rule} | of_rule
    return found


@given(
    each_with_its_id(OVERRIDES, ("o1", "o2", "o3"), 3),
    each_with_its_id(EXCEPTIONS, ("x1", "x2"), 2),
)
def test_the_order_of_exceptions_and_overrides_means_nothing(
    overrides: list[Override], exceptions: list[PolicyException]
) -> None:
    one = Variants(SCANNERS, overrides, exceptions)
    other = Variants(SCANNERS, overrides[::-1], exceptions[::-1])
    assert one.specs == other.specs

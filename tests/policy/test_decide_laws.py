"""The laws of the decision, over policies with every kind of rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_policies import (
    ALLOW_RULES,
    ASKS,
    DENY_RULES,
    ENTITIES,
    LIKE_ASKS,
    POLICIES,
    ROLES,
    WORDS,
)
from naive_policy import Behaviour, naive_decide, shown

from gateway.policy.clamps import reconcile
from gateway.policy.decide import allowed_models, allowed_routes, decide, model_allowed
from gateway.policy.decision import NEVER, Ask, Decision
from gateway.policy.matrix import surely

if TYPE_CHECKING:
    from random import Random

    from gateway.policy.model import Policy
    from gateway.policy.rule import Rule

often = settings(max_examples=150)


def as_strict(one: Behaviour, other: Behaviour) -> bool:
    """Whether a scanner does at least what another does."""
    each = zip(one.acts, other.acts, strict=True)
    return (
        one.flag_at <= other.flag_at
        and one.block_at <= other.block_at
        and all(
            his is None or (mine is not None and mine[0] >= his[0] and mine[1] <= his[1])
            for mine, his in each
        )
    )


def with_rules(policy: Policy, *rules: Rule) -> Policy:
    return replace(policy, rules=rules)


def unread(decision: Decision) -> Decision:
    """A decision but for what reads."""
    return replace(decision, scanners=(), shadow_scans=(), exceptions=())


def unmeasured(decision: Decision) -> Decision:
    return replace(decision, shadow=(), shadow_scans=())


@settings(max_examples=400)
@given(POLICIES, LIKE_ASKS)
def test_the_decision_is_what_its_definition_says(policy: Policy, asks: list[Ask]) -> None:
    for ask in asks:
        assert shown(policy, decide(policy, ask)) == naive_decide(policy, ask)


@often
@given(POLICIES, LIKE_ASKS)
def test_what_was_asked_before_changes_nothing(policy: Policy, asks: list[Ask]) -> None:
    for ask in (*asks, *asks):
        assert decide(policy, ask) == decide(replace(policy), ask)


@often
@given(POLICIES, ASKS, DENY_RULES)
def test_a_deny_rule_that_fits_wins(policy: Policy, ask: Ask, deny: Rule) -> None:
    deny = replace(deny, id="deny", roles=ask.roles, routes=frozenset({ask.route}), when=())
    deny = replace(deny, models=(ask.model,), shadow=False)
    decision = decide(with_rules(policy, *policy.rules, deny), ask)
    assert not decision.allowed
    assert "deny" in decision.rules
    assert (decision.scanners, decision.limits, dict(decision.changes)) == ((), (), {})


@often
@given(POLICIES, ASKS, DENY_RULES)
def test_one_more_deny_rule_denies_or_is_as_if_it_were_not(
    policy: Policy, ask: Ask, deny: Rule
) -> None:
    before = decide(policy, ask)
    after = decide(with_rules(policy, *policy.rules, replace(deny, id="deny")), ask)
    if after.allowed:
        assert unmeasured(after) == unmeasured(before)


@often
@given(POLICIES, ASKS, ALLOW_RULES)
def test_one_more_allow_rule_takes_nothing_from_what_was_allowed_but_its_freedom(
    policy: Policy, ask: Ask, allow: Rule
) -> None:
    """So taking one out never allows more, and what it still allows was read as strictly before."""
    more = with_rules(policy, *policy.rules, replace(allow, id="allow", shadow=False))
    before, after = decide(policy, ask), decide(more, ask)
    assert before.allowed <= after.allowed
    if before.allowed:
        read = {one.name: one for one in shown(more, after).scanners}
        for scanner in shown(policy, before).scanners:
            assert as_strict(read[scanner.name], scanner)
        counted = {use.limit: use.roles for use in after.limits}
        for use in before.limits:
            assert set(use.roles) <= set(counted[use.limit])


@often
@given(POLICIES, ASKS, st.sampled_from(ROLES))
def test_without_deny_rules_one_more_role_never_allows_less(
    policy: Policy, ask: Ask, role: str
) -> None:
    opening = with_rules(policy, *(one for one in policy.rules if one.allows))
    more = replace(ask, roles=ask.roles | {role})
    assert decide(opening, ask).allowed <= decide(opening, more).allowed


@often
@given(POLICIES, ASKS, st.randoms(use_true_random=False))
def test_the_order_in_the_files_means_nothing(policy: Policy, ask: Ask, random: Random) -> None:
    shuffled = replace(
        policy,
        rules=tuple(random.sample(policy.rules, len(policy.rules))),
        overrides=policy.overrides[::-1],
        exceptions=policy.exceptions[::-1],
    )
    assert decide(shuffled, ask) == decide(policy, ask)


@often
@given(POLICIES, ASKS)
def test_the_order_of_scanners_limits_and_roles_means_nothing_but_their_order(
    policy: Policy, ask: Ask
) -> None:
    turned = replace(
        policy,
        scanners=policy.scanners[::-1],
        limits=dict([*policy.limits.items()][::-1]),
        roles=dict([*policy.roles.items()][::-1]),
    )
    one, other = decide(policy, ask), decide(turned, ask)
    assert one.scanners == other.scanners[::-1]
    assert {(s.rule, s.scanners) for s in one.shadow_scans} == {
        (s.rule, s.scanners[::-1]) for s in other.shadow_scans
    }
    assert unread(one) == unread(other)
    assert one.exceptions == other.exceptions


@often
@given(POLICIES, ASKS)
def test_rules_and_overrides_in_shadow_mode_only_measure(policy: Policy, ask: Ask) -> None:
    enforced = replace(
        policy,
        rules=tuple(one for one in policy.rules if not one.shadow),
        overrides=tuple(one for one in policy.overrides if not one.shadow),
    )
    measured, real = shown(policy, decide(policy, ask)), shown(enforced, decide(enforced, ask))
    assert replace(measured, shadow=(), shadow_scans=()) == real


@often
@given(POLICIES, ASKS)
def test_a_rule_in_shadow_mode_says_what_it_would_do_if_it_were_enforced(
    policy: Policy, ask: Ask
) -> None:
    decision = decide(policy, ask)
    told = {one.rule: one.decision == "allow" for one in decision.shadow}
    for rule in policy.rules:
        if rule.shadow and (rule.until is None or ask.day <= rule.until) and ask.day < NEVER:
            others = [one for one in policy.rules if one is not rule]
            enforced = with_rules(policy, *others, replace(rule, shadow=False))
            would = decide(enforced, ask).allowed
            assert told.get(rule.id, decision.allowed) == would


@often
@given(POLICIES, ASKS)
def test_what_is_measured_ends_with_its_last_day(policy: Policy, ask: Ask) -> None:
    decision = decide(policy, replace(ask, day=102))
    ended = {one.id for one in policy.rules if one.until is not None}
    ended |= {one.id for one in policy.overrides if one.until is not None}
    assert ended.isdisjoint(one.rule for one in decision.shadow)
    assert ended.isdisjoint(one.rule for one in decision.shadow_scans)
    decision = decide(policy, replace(ask, day=NEVER))
    assert (decision.shadow, decision.shadow_scans) == ((), ())


@often
@given(POLICIES, ASKS)
def test_an_exception_opens_nothing_and_weakens_only_what_it_names(
    policy: Policy, ask: Ask
) -> None:
    weak, strict = decide(policy, ask), decide(policy, replace(ask, exceptions=frozenset()))
    assert unread(weak) == unread(strict)
    named = {
        (one.scanner, entity)
        for one in policy.exceptions
        if one.id in ask.exceptions and one.rule in weak.rules and ask.day <= one.expires
        for entity in one.entities
    }
    pairs = zip(shown(policy, weak).scanners, shown(policy, strict).scanners, strict=True)
    for mine, base in pairs:
        assert (mine.name, mine.flag_at, mine.block_at) == (base.name, base.flag_at, base.block_at)
        for entity, act, other in zip((*ENTITIES, ""), mine.acts, base.acts, strict=True):
            assert act == other or (mine.name, entity) in named


@often
@given(POLICIES, ASKS)
def test_an_exception_spares_nothing_that_a_rule_without_it_scans_for(
    policy: Policy, ask: Ask
) -> None:
    decision = decide(policy, ask)
    strict = decide(policy, replace(ask, exceptions=frozenset()))
    by_id = {one.id: one for one in policy.rules}
    for scanner in {one.scanner for one in policy.exceptions}:
        excepted = {one.rule for one in policy.exceptions if one.scanner == scanner}
        scanning = {name for name in decision.rules if scanner in by_id[name].scan}
        if scanning - excepted:
            assert reading_of(policy, decision, scanner) == reading_of(policy, strict, scanner)


def reading_of(policy: Policy, decision: Decision, scanner: str) -> list[Behaviour]:
    return [one for one in shown(policy, decision).scanners if one.name == scanner]


@often
@given(POLICIES, ASKS)
def test_an_exception_is_as_if_it_were_not_after_its_last_day(policy: Policy, ask: Ask) -> None:
    ended = decide(policy, replace(ask, day=102))
    assert ended == decide(policy, replace(ask, day=102, exceptions=frozenset()))
    assert ended.exceptions == ()


@often
@given(POLICIES, ASKS)
def test_an_exception_that_is_listed_is_one_that_weakens(policy: Policy, ask: Ask) -> None:
    decision = decide(policy, ask)
    for name in decision.exceptions:
        less = decide(policy, replace(ask, exceptions=ask.exceptions - {name}))
        others = decision.exceptions != (name,)
        assert others or less.scanners != decision.scanners
    assert set(decision.exceptions) <= ask.exceptions


@often
@given(POLICIES, ASKS)
def test_overrides_only_make_stricter(policy: Policy, ask: Ask) -> None:
    plain = replace(policy, overrides=())
    before, after = decide(plain, ask), decide(policy, ask)
    pairs = zip(shown(policy, after).scanners, shown(plain, before).scanners, strict=True)
    assert all(as_strict(one, other) for one, other in pairs)
    assert unread(after) == unread(before)


@often
@given(POLICIES, ASKS)
def test_every_rule_that_allows_is_satisfied_by_what_leaves(policy: Policy, ask: Ask) -> None:
    decision = decide(policy, ask)
    if not decision.allowed or ask.parameters is None:
        assert dict(decision.changes) == {}
        return
    leaving = ask.parameters.changed(decision.changes)
    rules = [one for one in policy.rules if one.id in decision.rules]
    for rule in rules:
        assert all(surely(one, leaving) for one in (*rule.require, *rule.clamp))
    assert reconcile(rules, leaving) == (tuple(sorted(rules, key=lambda one: one.id)), {})


@often
@given(POLICIES, ASKS, st.sampled_from(WORDS))
def test_what_the_gateway_cannot_know_never_allows_more(
    policy: Policy, ask: Ask, word: str
) -> None:
    if ask.parameters is not None:
        foreign = replace(ask.parameters, foreign=ask.parameters.foreign | {word})
        mute = replace(ask.parameters, inexpressible=ask.parameters.inexpressible | {word})
        for less in (foreign, mute, None):
            allowed = decide(policy, replace(ask, parameters=less)).allowed
            assert allowed <= decide(policy, ask).allowed


@often
@given(POLICIES, ASKS)
def test_what_is_allowed_is_listed(policy: Policy, ask: Ask) -> None:
    if decide(policy, ask).allowed:
        assert ask.route in allowed_routes(policy, ask.roles)
        assert model_allowed(policy, ask.roles, ask.model)
        assert allowed_models(policy, ask.roles)


@often
@given(POLICIES, ASKS)
def test_a_decision_can_be_a_key_and_names_only_what_the_policy_has(
    policy: Policy, ask: Ask
) -> None:
    decision = decide(policy, ask)
    assert hash(decision) == hash(decide(replace(policy), ask))
    known = {spec.name for spec in policy.scanners}
    for names in (decision.scanners, *(one.scanners for one in decision.shadow_scans)):
        assert known.issuperset(names)
        assert len(set(names)) == len(names)

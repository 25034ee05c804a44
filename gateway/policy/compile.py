"""A checked policy becomes the one that decides: every reference resolved."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Problem
from gateway.policy.case import BEGINNING, Case, Expectation
from gateway.policy.days import today
from gateway.policy.exceptions import PolicyException
from gateway.policy.given import parameters_of, texts_of
from gateway.policy.lint import lint
from gateway.policy.model import ClaimMatch, Defaults, Policy, Role
from gateway.policy.override import Override
from gateway.policy.restricting import readers_of
from gateway.policy.restriction import Restriction
from gateway.policy.rule import Rule
from gateway.policy.schema import DefaultsModel, MetadataModel
from gateway.policy.sources import digest_of, documents_of
from gateway.policy.variants import MAX_VARIANTS, TooManyVariants
from gateway.policy.word_lists import words_of
from gateway.terms import Action, EntityRule, HoldBack, Limit, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.errors import Place
    from gateway.policy.case_schema import CaseModel, ChangesModel, ExpectModel
    from gateway.policy.clamping import ClampsModel
    from gateway.policy.conditions import ConditionsModel
    from gateway.policy.exception_schema import ExceptionModel
    from gateway.policy.known import Known
    from gateway.policy.matrix import Condition
    from gateway.policy.merged import Merged
    from gateway.policy.rule_schema import (
        EntityModel,
        MatcherModel,
        OverrideModel,
        RuleModel,
    )
    from gateway.policy.schema import LimitModel, RoleModel, ScannerModel
    from gateway.policy.sources import Source
    from gateway.terms import Changes, Words

__all__ = ["compiled"]


def compiled(sources: Sequence[Source], merged: Merged, known: Known) -> Policy:
    """The policy that files are.

    Raises:
        ConfigurationError: Its exceptions and overrides combine to too many scanners.
    """
    try:
        policy = _policy(sources, merged, known)
    except TooManyVariants:
        message = f"exceptions and overrides make more than {MAX_VARIANTS} variants of scanners"
        advice = "let one exception or override say what several say"
        raise ConfigurationError(Problem(_of_variants(merged), message, advice)) from None
    return replace(policy, warnings=lint(merged, policy, today()))


def _of_variants(merged: Merged) -> Place:
    names = [("exceptions", name) for name in merged.exceptions]
    names += [("rules", name) for name, rule in merged.rules.items() if rule.override]
    return merged.at[names[-1]].place()


def _policy(sources: Sequence[Source], merged: Merged, known: Known) -> Policy:
    metadata = merged.metadata or MetadataModel(name="unnamed")
    rules = merged.rules.values()
    documents = documents_of(sources)
    return Policy(
        name=metadata.name,
        revision=metadata.revision,
        owner=metadata.owner,
        digest=digest_of(documents),
        files=tuple(document.file for document in documents),
        defaults=_defaults(merged.defaults or DefaultsModel()),
        roles=MappingProxyType({name: _role(role) for name, role in merged.roles.items()}),
        models=MappingProxyType(dict(merged.models)),
        limits=MappingProxyType({name: _limit(name, it) for name, it in merged.limits.items()}),
        scanners=tuple(
            _scanner(name, scanner, words_of(scanner, merged.at["scanners", name]))
            for name, scanner in merged.scanners.items()
        ),
        rules=tuple(_rule(it, merged.models) for it in rules if it.kind in {"allow", "deny"}),
        overrides=tuple(
            _override(rule, rule.override, merged.models) for rule in rules if rule.override
        ),
        restrictions=tuple(_restriction(rule, merged.models) for rule in rules if readers_of(rule)),
        exceptions=tuple(_exception(one) for one in merged.exceptions.values()),
        tests=tuple(
            _case(case, merged.at["tests", name].place()) for name, case in merged.tests.items()
        ),
        routes=known.names,
        own=MappingProxyType(dict(known.own or {})),
    )


def _defaults(defaults: DefaultsModel) -> Defaults:
    hold = defaults.hold_back
    return Defaults(
        on_scanner_error=defaults.on_scanner_error,
        capture=defaults.capture,
        on_state_error=defaults.on_state_error,
        unknown_fields=defaults.unknown_fields,
        unknown_conversations=defaults.unknown_conversations,
        hold_back=HoldBack(hold.chars, hold.time),
    )


def _role(role: RoleModel) -> Role:
    match = role.match
    return Role(
        match=None if match is None else ClaimMatch(match.claim, frozenset(match.any_of)),
        inherits=role.inherits,
        control=frozenset(role.control),
    )


def _limit(name: str, limit: LimitModel) -> Limit:
    return Limit(
        name=name,
        per=limit.per,
        requests=limit.requests,
        tokens=limit.tokens,
        concurrent=limit.concurrent,
        reserve=limit.reserve,
    )


def _scanner(name: str, scanner: ScannerModel, words: Mapping[str, Words]) -> ScannerSpec:
    return ScannerSpec(
        name=name,
        kind=scanner.kind,
        on=frozenset(scanner.on),
        entities=_entities(scanner.entities),
        action=Action.FLAG if scanner.action is None else scanner.action,
        flag_at=scanner.flag_at,
        block_at=scanner.block_at,
        patterns=MappingProxyType(dict(scanner.patterns)),
        ask=scanner.ask or "",
        grey=(0.0, 1.0) if scanner.grey is None else (scanner.grey.from_, scanner.grey.to),
        words=MappingProxyType(words),
        regions=tuple(scanner.regions),
    )


def _entities(entities: Mapping[str, EntityModel]) -> Mapping[str, EntityRule]:
    rules = {
        name: EntityRule(rule.action, rule.min_score, rule.keep_format)
        for name, rule in entities.items()
    }
    return MappingProxyType(rules)


def _conditions(model: ConditionsModel | ClampsModel | None) -> tuple[Condition, ...]:
    return () if model is None else model.conditions()


def _models(matcher: MatcherModel, sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(glob for model in matcher.models for glob in sets.get(model, (model,)))


def _rule(rule: RuleModel, sets: Mapping[str, tuple[str, ...]]) -> Rule:
    matcher = rule.matcher
    return Rule(
        id=rule.id,
        allows=rule.allow is not None,
        roles=frozenset(matcher.roles),
        routes=frozenset(matcher.routes),
        models=_models(matcher, sets),
        reason=rule.reason,
        scan=frozenset(rule.scan or ()),
        when=_conditions(matcher.when),
        require=_conditions(rule.require),
        clamp=_conditions(rule.clamp),
        limits=frozenset(rule.limits),
        shadow=rule.mode == "shadow",
        until=rule.until,
    )


def _override(
    rule: RuleModel, override: OverrideModel, sets: Mapping[str, tuple[str, ...]]
) -> Override:
    return Override(
        id=rule.id,
        scanner=override.scanner,
        flag_at=override.flag_at,
        block_at=override.block_at,
        action=override.action,
        entities=_entities(override.entities),
        roles=frozenset(override.roles),
        routes=frozenset(override.routes),
        models=_models(override, sets),
        when=_conditions(override.when),
        shadow=rule.mode == "shadow",
        until=rule.until,
    )


def _restriction(rule: RuleModel, sets: Mapping[str, tuple[str, ...]]) -> Restriction:
    """What a rule says of answers; where it allows requests, it is about the answers to those."""
    matcher = rule.matcher
    return Restriction(
        id=rule.id,
        scanners=readers_of(rule),
        roles=frozenset(matcher.roles),
        routes=frozenset(matcher.routes),
        models=_models(matcher, sets),
        when=_conditions(matcher.when),
        shadow=rule.mode == "shadow",
        until=rule.until,
    )


def _exception(exception: ExceptionModel) -> PolicyException:
    return PolicyException(
        id=exception.id,
        rule=exception.rule,
        scanner=exception.suppress.scanner,
        entities=frozenset(exception.suppress.entities),
        roles=frozenset(exception.match.roles),
        claim=exception.match.claim,
        any_of=frozenset(exception.match.any_of),
        reason=exception.reason,
        approved_by=exception.approved_by,
        expires=exception.expires,
    )


def _case(case: CaseModel, place: Place) -> Case:
    given = case.given
    return Case(
        name=case.name,
        place=place,
        roles=(given.role,) if given.role is not None else given.roles,
        claims=given.claims,
        route=given.route,
        model=given.model,
        texts=texts_of(given),
        expect=_expectation(case.expect),
        parameters=parameters_of(given),
        day=BEGINNING if given.day is None else given.day,
    )


def _expectation(expect: ExpectModel) -> Expectation:
    return Expectation(
        decision=expect.decision,
        scanner=expect.scanner,
        entity=expect.entity,
        rule=expect.rule,
        changes=None if expect.changes is None else _changes(expect.changes),
        limits=_names(expect.limits),
        exceptions=_names(expect.exceptions),
        shadow=_names(expect.shadow),
    )


def _names(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _changes(changes: ChangesModel) -> Changes:
    return MappingProxyType({word: getattr(changes, word) for word in changes.model_fields_set})

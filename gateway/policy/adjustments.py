"""Whether overrides and exceptions fit the scanners and the rules that they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.document import suggestion
from gateway.errors import Problem
from gateway.policy.kinds import KEYS, check_entities
from gateway.policy.merged import check_all_known, check_known
from gateway.terms import EntityRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.policy.exception_schema import ExceptionModel
    from gateway.policy.known import Known
    from gateway.policy.merged import At, Merged
    from gateway.policy.rule_schema import OverrideModel
    from gateway.policy.schema import ScannerModel

__all__ = ["check_exceptions", "check_overrides"]

_NOT_CHANGED = {"patterns"}


def check_overrides(merged: Merged, known: Known) -> Iterator[Problem]:
    """Every override of a scanner that is not there, or of what that scanner does not take."""
    for name, rule in merged.rules.items():
        override = rule.override
        if override is None:
            continue
        at = merged.at["rules", name]
        place = at.place("override", "scanner")
        yield from check_known(place, "scanner", override.scanner, merged.scanners)
        scanner = merged.scanners.get(override.scanner)
        if scanner is not None:
            unfit = [*_keys(override, scanner, at)]
            yield from unfit or _settings(override, scanner, at, known)
            if rule.mode == "enforce" and not unfit:
                yield from _weaker(override, scanner, at)


def _keys(override: OverrideModel, scanner: ScannerModel, at: At) -> Iterator[Problem]:
    takes = [key for key in KEYS[scanner.kind] if key not in _NOT_CHANGED]
    for key in sorted(override.changed.difference(takes)):
        message = f"an override of a scanner of kind {scanner.kind} takes no {key!r}"
        yield Problem(at.place("override", key), message, f"it takes {', '.join(takes)}")


def _settings(
    override: OverrideModel, scanner: ScannerModel, at: At, known: Known
) -> Iterator[Problem]:
    places = {one: at.place("override", "entities", one) for one in override.entities}
    yield from check_entities(scanner.kind, places, known)
    yield from _thresholds(override, scanner, at)


def _thresholds(override: OverrideModel, scanner: ScannerModel, at: At) -> Iterator[Problem]:
    flag_at = scanner.flag_at if override.flag_at is None else override.flag_at
    block_at = scanner.block_at if override.block_at is None else override.block_at
    if block_at < flag_at and override.changed & {"flag_at", "block_at"}:
        key = "block_at" if override.block_at is not None else "flag_at"
        message = f"block_at {block_at} is less than flag_at {flag_at}"
        advice = "what is blocked must at least be flagged: override both"
        yield Problem(at.place("override", key), message, advice)


def _weaker(override: OverrideModel, scanner: ScannerModel, at: At) -> Iterator[Problem]:
    """What is enforced makes a scanner stricter; a promise to weaken one would not be kept."""
    for loc in (*_weaker_keys(override, scanner), *_weaker_entities(override, scanner)):
        message = f"{'.'.join(loc)} is weaker than the scanner's own"
        advice = "an override that is enforced makes stricter: try it with 'mode: shadow'"
        yield Problem(at.place("override", *loc), message, advice)


def _weaker_keys(override: OverrideModel, scanner: ScannerModel) -> Iterator[tuple[str, ...]]:
    for key in ("flag_at", "block_at"):
        value = getattr(override, key)
        if value is not None and value > getattr(scanner, key):
            yield (key,)
    own = scanner.action
    if override.action is not None and own is not None and override.action < own:
        yield ("action",)


def _weaker_entities(override: OverrideModel, scanner: ScannerModel) -> Iterator[tuple[str, ...]]:
    # A scanner of secrets finds those that it does not name, too.
    unnamed = None if scanner.action is None else EntityRule(scanner.action)
    for entity, rule in override.entities.items():
        own = scanner.entities.get(entity) or unnamed
        if own and (rule.action < own.action or rule.min_score > own.min_score):
            yield ("entities", entity)


def check_exceptions(merged: Merged, known: Known) -> Iterator[Problem]:
    """Every exception to what is not there, or to what cannot be weakened."""
    for name, exception in merged.exceptions.items():
        at = merged.at["exceptions", name]
        yield from check_all_known(
            at, ("match", "roles"), "role", exception.match.roles, merged.roles
        )
        yield from _rule(exception, merged, at)
        scanner = merged.scanners.get(exception.suppress.scanner)
        if scanner is not None:
            yield from _entities(exception, scanner, at, known)


def _rule(exception: ExceptionModel, merged: Merged, at: At) -> Iterator[Problem]:
    scanner = exception.suppress.scanner
    place = at.place("suppress", "scanner")
    yield from check_known(place, "scanner", scanner, merged.scanners)
    yield from check_known(at.place("rule"), "rule", exception.rule, merged.rules)
    rule = merged.rules.get(exception.rule)
    if rule is None:
        return
    if rule.allow is None:
        message = f"{exception.rule!r} is no allow rule"
        yield Problem(at.place("rule"), message, "an exception weakens a scanner of an allow rule")
    elif scanner in merged.scanners and scanner not in (rule.scan or ()):
        message = f"the rule {exception.rule!r} does not scan with {scanner!r}"
        yield Problem(place, message, suggestion(scanner, list(rule.scan or ())))


def _entities(
    exception: ExceptionModel, scanner: ScannerModel, at: At, known: Known
) -> Iterator[Problem]:
    name, kind = exception.suppress.scanner, scanner.kind
    if kind == "injection":
        message = "an exception cannot spare single injections"
        advice = "give these requests a rule with an injection scanner of other thresholds"
        yield Problem(at.place("suppress", "scanner"), message, advice)
        return
    places = {
        entity: at.place("suppress", "entities", index)
        for index, entity in enumerate(exception.suppress.entities)
    }
    if kind == "secrets":
        yield from check_entities(kind, places, known)
        return
    named = scanner.entities.keys() if kind == "pii" else {*scanner.patterns, *scanner.words}
    for entity, place in places.items():
        if entity not in named:
            message = f"the scanner {name!r} looks for no {entity!r}"
            yield Problem(place, message, suggestion(entity, sorted(named)))

"""Policy files in, one policy out; or every problem there is, each at its place."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.errors import ConfigurationError
from gateway.policy.case import Case, Expectation
from gateway.policy.known import Known
from gateway.policy.lint import lint
from gateway.policy.merged import in_file_order, merge
from gateway.policy.model import ClaimMatch, Defaults, Policy, Role
from gateway.policy.references import check_references
from gateway.policy.rule import Rule
from gateway.policy.schema import DefaultsModel, MetadataModel
from gateway.policy.sources import digest_of, find_files, read_sources
from gateway.terms import Action, EntityRule, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gateway.errors import Place
    from gateway.policy.merged import Merged
    from gateway.policy.schema import CaseModel, RoleModel, RuleModel, ScannerModel
    from gateway.policy.sources import Source
    from gateway.terms import Provenance

__all__ = ["load_policy"]

_TEXTS: Final[Mapping[str, Provenance]] = {
    "system": "system",
    "prompt": "user",
    "tool": "tool",
    "document": "document",
    "answer": "answer",
}


def load_policy(paths: Sequence[Path], known: Known | None = None) -> Policy:
    """Reads a policy from files and folders (their ``*.yaml``), all of which are one policy.

    Args:
        paths: Files or folders, in any order.
        known: What the policy may refer to outside itself; without it, entities and patterns
            are not checked.

    Raises:
        ConfigurationError: First with every problem that a single file shows; if there is none,
            with every problem that all files together show.
    """
    known = known or Known()
    sources = read_sources(find_files(paths))
    merged, problems = merge(sources)
    problems += check_references(merged, known)
    if problems:
        raise ConfigurationError(sorted(problems, key=in_file_order))
    return _compile(sources, merged, known)


def _compile(sources: Sequence[Source], merged: Merged, known: Known) -> Policy:
    metadata = merged.metadata or MetadataModel(name="unnamed")
    defaults = merged.defaults or DefaultsModel()
    return Policy(
        name=metadata.name,
        revision=metadata.revision,
        owner=metadata.owner,
        digest=digest_of(source.document for source in sources),
        files=tuple(source.document.file for source in sources),
        defaults=Defaults(defaults.on_scanner_error, defaults.capture),
        roles=MappingProxyType({name: _role(role) for name, role in merged.roles.items()}),
        models=MappingProxyType(dict(merged.models)),
        scanners=tuple(_scanner(name, scanner) for name, scanner in merged.scanners.items()),
        rules=tuple(_rule(rule, merged.models) for rule in merged.rules.values()),
        tests=tuple(
            _case(case, merged.at["tests", name].place()) for name, case in merged.tests.items()
        ),
        routes=tuple(known.routes),
        warnings=lint(merged),
    )


def _role(role: RoleModel) -> Role:
    match = role.match
    return Role(
        match=None if match is None else ClaimMatch(match.claim, frozenset(match.any_of)),
        inherits=role.inherits,
        control=frozenset(role.control),
    )


def _scanner(name: str, scanner: ScannerModel) -> ScannerSpec:
    return ScannerSpec(
        name=name,
        kind=scanner.kind,
        on=frozenset(scanner.on),
        entities=MappingProxyType(
            {
                entity: EntityRule(rule.action, rule.min_score)
                for entity, rule in scanner.entities.items()
            }
        ),
        action=Action.FLAG if scanner.action is None else scanner.action,
        flag_at=scanner.flag_at,
        block_at=scanner.block_at,
        patterns=MappingProxyType(dict(scanner.patterns)),
    )


def _rule(rule: RuleModel, sets: Mapping[str, tuple[str, ...]]) -> Rule:
    matcher = rule.matcher
    return Rule(
        id=rule.id,
        allows=rule.allow is not None,
        roles=frozenset(matcher.roles),
        routes=frozenset(matcher.routes),
        models=tuple(glob for model in matcher.models for glob in sets.get(model, (model,))),
        reason=rule.reason,
        scan=frozenset(rule.scan or ()),
    )


def _case(case: CaseModel, place: Place) -> Case:
    given, expect = case.given, case.expect
    texts = ((provenance, getattr(given, key)) for key, provenance in _TEXTS.items())
    return Case(
        name=case.name,
        place=place,
        roles=(given.role,) if given.role is not None else given.roles,
        claims=given.claims,
        route=given.route,
        model=given.model,
        texts=tuple((provenance, text) for provenance, text in texts if text is not None),
        expect=Expectation(expect.decision, expect.scanner, expect.entity, expect.rule),
    )

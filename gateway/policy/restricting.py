"""What reads answers for a rule that restricts them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.policy.variants import SEPARATOR
from gateway.terms import ScannerSpec

if TYPE_CHECKING:
    from gateway.policy.rule_schema import RuleModel
    from gateway.terms import Action, GuardKind, Provenance

__all__ = ["readers_of"]

_ON: Final[dict[GuardKind, Provenance]] = {
    "calls": "call",
    "links": "answer",
    "copies": "argument",
}


def readers_of(rule: RuleModel) -> tuple[ScannerSpec, ...]:
    """One scanner for each thing that a rule says of answers; none if it says nothing."""
    found = []
    if rule.answer_tools is not None:
        tools = rule.answer_tools
        calls = _reader(rule, "calls", tools.action)
        found.append(replace(calls, allow=tools.allow, deny=tools.deny))
    if rule.answer_links is not None:
        links = rule.answer_links
        found.append(replace(_reader(rule, "links", links.action), allow=links.hosts))
    if rule.answer_copies is not None:
        copies = rule.answer_copies
        reader = _reader(rule, "copies", copies.action)
        found.append(replace(reader, allow=copies.tools, chars=copies.chars))
    return tuple(found)


def _reader(rule: RuleModel, kind: GuardKind, action: Action) -> ScannerSpec:
    name = f"{rule.id}{SEPARATOR}{kind}"
    return ScannerSpec(name, kind, frozenset({_ON[kind]}), action=action, of=rule.id)

"""What the scanner of personal data finds, for the tests of its parts."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.scan.engine import Engine, default_specs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.scan.identifier import Format


@functools.cache
def engine() -> Engine:
    return Engine([replace(one) for one in default_specs() if one.kind == "pii"])


def found(text: str) -> list[tuple[str, str]]:
    """Entities and values at the default threshold."""
    findings = engine().scan(text, "user", ("pii",)).findings
    return [(one.entity, text[one.start : one.end]) for one in findings]


def entities(text: str) -> set[str]:
    return {entity for entity, _ in found(text)}


def score(text: str, entity: str) -> float:
    findings = engine().scan(text, "user", ("pii",)).findings
    return max((one.score for one in findings if one.entity == entity), default=0.0)


def keeps(formats: Iterable[Format], entity: str, value: str) -> bool:
    """Whether a compact value keeps the rules of an entity that has some."""
    rules = [one.valid for one in formats if one.entity == entity and one.valid is not bool]
    assert rules
    return any(rule(value) for rule in rules)


def agree(
    formats: Iterable[Format],
    entity: str,
    reference: Callable[[str], bool],
    stem: str,
    ends: str = "0123456789",
) -> None:
    """Of all values with this stem both take the same."""
    chosen = tuple(formats)
    for end in ends:
        assert keeps(chosen, entity, stem + end) == reference(stem + end), stem + end

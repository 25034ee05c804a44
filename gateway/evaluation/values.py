"""The figures of what has a value: personal data by entity, and secrets."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from gateway.evaluation.judging import Judged
    from gateway.evaluation.rows import Span

__all__ = ["ALIASES", "EntityFigures", "SecretFigures", "entity_figures", "secret_figures"]

ALIASES: Final = MappingProxyType(
    {
        "ADDRESS": "LOCATION",
        "AADHAR": "IN_AADHAAR",
        "CARD_NUMBER": "CREDIT_CARD",
        "DOMAIN_NAME": "URL",
        "EMAIL": "EMAIL_ADDRESS",
        "GPE": "LOCATION",
        "IBAN": "IBAN_CODE",
        "IP": "IP_ADDRESS",
        "MEDICAL_RECORD": "MEDICAL_RECORD_NUMBER",
        "ORG": "ORGANIZATION",
        "PER": "PERSON",
        "PHONE": "PHONE_NUMBER",
        "ROUTING_NUMBER": "ABA_ROUTING_NUMBER",
        "SSN": "US_SSN",
        "STREET_ADDRESS": "LOCATION",
        "VOTER_ID": "IN_VOTER",
    }
)
"""Names of types in public sets, and what they are called here."""
_PII: Final = ("pii", "pii-pattern")


@dataclass(frozen=True, slots=True)
class EntityFigures:
    """How well one entity is found in one set; places count as the same when they overlap.

    Attributes:
        source: The set, up to the first slash of its name.
        entity: What was looked for.
        expected: How many there are.
        found: How many of them a finding of this entity touches.
        reported: Findings of this entity in rows that were labelled for it.
        right: Those of them that touch something expected.
        clean: Texts in which there is none of it.
        false: Those of them in which one was reported.
    """

    source: str
    entity: str
    expected: int
    found: int
    reported: int
    right: int
    clean: int
    false: int

    @property
    def recall(self) -> float | None:
        """Share of what is there that is found."""
        return self.found / self.expected if self.expected else None

    @property
    def precision(self) -> float | None:
        """Share of the findings that are right."""
        return self.right / self.reported if self.reported else None

    @property
    def f2(self) -> float | None:
        """Their mean, in which recall counts twice as much."""
        precision, recall = self.precision, self.recall
        if precision is None or recall is None:
            return 0.0 if recall == 0 else None
        return 5 * precision * recall / ((4 * precision + recall) or 1)


@dataclass(frozen=True, slots=True)
class SecretFigures:
    """How well secrets of one set are found.

    Attributes:
        source: The set, up to the first slash of its name.
        secrets: Texts that hold one.
        found: Those of them in which one is found.
        others: Texts that look like one and hold none.
        fired: Those of them in which one is found.
    """

    source: str
    secrets: int
    found: int
    others: int
    fired: int


def entity_figures(
    judged: Iterable[Judged], looked_for: Collection[str]
) -> tuple[list[EntityFigures], dict[str, int]]:
    """Figures by set and entity, and how often there was a type that nobody looks for.

    Args:
        judged: What came of the rows.
        looked_for: The entities that the scanners look for.
    """
    figures: list[EntityFigures] = []
    unknown: dict[str, int] = defaultdict(int)
    for source, rows in _by_set(judged, _PII):
        labelled = {_called(span.type) for one in rows for span in one.spans}
        labelled |= {_called(one.entity) for one in rows if one.entity}
        for span in (span for one in rows for span in one.spans):
            if _called(span.type) not in looked_for:
                unknown[span.type] += 1
        figures.extend(_entity(source, name, rows) for name in sorted(labelled & {*looked_for}))
    return figures, dict(sorted(unknown.items()))


def secret_figures(judged: Iterable[Judged]) -> list[SecretFigures]:
    """Figures of each set of secrets."""
    found = []
    for source, rows in _by_set(judged, ("secret", "secret-negative")):
        secrets = [one.secret for one in rows if one.kind == "secret"]
        others = [one.secret for one in rows if one.kind == "secret-negative"]
        found.append(SecretFigures(source, len(secrets), sum(secrets), len(others), sum(others)))
    return found


def _by_set(judged: Iterable[Judged], kinds: Collection[str]) -> list[tuple[str, list[Judged]]]:
    sets: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.kind in kinds:
            sets[one.source.partition("/")[0]].append(one)
    return sorted(sets.items())


def _entity(source: str, name: str, rows: Sequence[Judged]) -> EntityFigures:
    # A row labelled for one type says nothing of the others.
    asked = [one for one in rows if not one.entity or _called(one.entity) == name]
    expected = [[span for span in one.spans if _called(span.type) == name] for one in asked]
    reported = [[span for span in one.found if span.type == name] for one in asked]
    pairs = list(zip(expected, reported, strict=True))
    clean = [bool(got) for want, got in pairs if not want]
    return EntityFigures(
        source,
        name,
        expected=sum(map(len, expected)),
        found=sum(any(map(_touching(one), got)) for want, got in pairs for one in want),
        reported=sum(map(len, reported)),
        right=sum(any(map(_touching(one), want)) for want, got in pairs for one in got),
        clean=len(clean),
        false=sum(clean),
    )


def _touching(one: Span) -> Callable[[Span], bool]:
    return lambda other: one.start < other.end and other.start < one.end


def _called(name: str) -> str:
    return ALIASES.get(name, name)

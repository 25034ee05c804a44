"""Which of the texts that scanners matched are found again by ``gateway audit query --value``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from gateway.audit.blind import Value
from gateway.scan.calls import DENIED_TOOL
from gateway.scan.copies import COPIED_ARGUMENT
from gateway.scan.engine import known_entities

if TYPE_CHECKING:
    from gateway.steps.tally import Inspection

__all__ = ["GUESSABLE", "values_of"]

GUESSABLE: Final = frozenset(
    {
        "DATE_TIME", "DE_KFZ", "DE_PLZ", "IN_VEHICLE_REGISTRATION", "LOCATION", "ORGANIZATION",
        "PERSON", "UK_POSTCODE", "UK_VEHICLE_REGISTRATION",
    }
)  # fmt: skip
"""Personal data of which few values are likely."""

_NO_VALUES: Final = frozenset({COPIED_ARGUMENT, DENIED_TOOL})


def values_of(inspection: Inspection | None) -> tuple[Value, ...]:
    """The values in what was found: identifiers, and what is guessable.

    Of a policy's own patterns nothing is known, so they count as guessable. Passages of a text, as
    injections are, are no values.
    """
    if inspection is None or not inspection.matched:
        return ()
    identifiers, passages = _identifiers(), known_entities()["injection"] | _NO_VALUES
    return tuple(
        Value(one["text"], one["entity"] not in identifiers)
        for one in inspection.matched
        if one["entity"] not in passages
    )


@cache
def _identifiers() -> frozenset[str]:
    known = known_entities()
    return (known["pii"] | known["secrets"]) - GUESSABLE

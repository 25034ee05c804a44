"""Wrong types anywhere in what the SDKs' own types can say: read, or refused with the place.

At every place of every kind of body something of another type is tried, each time of the next one;
whatever is taken must be read whole, and whatever is not must be refused by name.
"""

from __future__ import annotations

import re
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import pytest
from sdk_cases import CASES, WORD, Case, marks_in
from sdk_shapes import all_bodies
from spoiling import MARK, place, places, put

from gateway.errors import BadRequest, UpstreamError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spoiling import Path

OTHERS: Final[tuple[Any, ...]] = (
    None, True, 3, -1, 1.5, 1e308, 10**19, MARK, "x", [], {}, [None], [[]], {"type": 3}, [MARK],
    {MARK: {"a": [MARK]}}, [{"type": "text", "text": 5}], {"type": MARK, "name": {}}, {"": {}},
)  # fmt: skip
POINTER: Final = re.compile(r"(?:^|\s)((?:/[^\s/]+)+)")


def kinds_of_places(case: Case) -> Iterator[tuple[Any, Path]]:
    """A body and a place in it, once for each place that has its like in no body before."""
    seen: set[Any] = set()
    for filled in all_bodies(case.type, WORD, case.rename):
        marks_in(case, filled)
        for path in places(filled.body):
            holder = place(filled.body, path[:-1]) if path else None
            kind = holder.get("type") if isinstance(holder, dict) else None
            steps = tuple(
                "*" if type(step) is int or "Mark" in str(step) else step for step in path
            )
            like = (steps, kind if isinstance(kind, str) else None)
            if like not in seen:
                seen.add(like)
                yield filled.body, path


def fault_of(case: Case, body: Any) -> BadRequest | UpstreamError | None:
    """Why a body is not taken; nothing else than these two may come of it."""
    wanted = BadRequest if "request" in case.name else UpstreamError
    try:
        found = case.find(body)
    except wanted as fault:
        return fault
    said = "\n".join(text for text, _ in found)
    assert MARK in said or MARK not in repr(body)
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_another_type_is_read_or_refused_with_its_place(case: Case) -> None:
    others = cycle(OTHERS)
    for body, path in kinds_of_places(case):
        if not path and "event" in case.name:
            continue  # what is no event at all is tried where streams are
        other = next(others)
        fault = fault_of(case, put(body, path, other))
        if fault is None:
            continue
        assert MARK not in fault.reason
        assert "Mark" not in fault.reason
        if isinstance(fault, BadRequest):
            named = POINTER.search(fault.message)
            assert named or "he body" in fault.message, (path, other, fault.message)
            steps = named[1].rstrip(".,:").split("/")[1:] if named else []
            # What is of another type may make another member of its object wrong.
            pairs = zip(steps, path[:-1], strict=False)
            assert all(told in {str(step), "*"} for told, step in pairs), fault.message

from __future__ import annotations

from gateway.witness import refusals
from gateway.witness.refusals import Conflict, Forked


def test_statuses_are_those_of_the_protocol() -> None:
    found = {name: getattr(refusals, name).status for name in refusals.__all__}
    assert found == {
        "BadProof": 422, "Conflict": 409, "Forked": 409, "Malformed": 400, "Unavailable": 503,
        "UnknownLog": 404, "Unsigned": 403, "WitnessRefusal": 500,
    }  # fmt: skip


def test_a_conflict_knows_the_size() -> None:
    assert (Conflict(5).size, Forked(6).size) == (5, 6)
    assert str(Conflict(5)) != str(Forked(5))


def test_what_anybody_can_cause_does_not_fill_the_log() -> None:
    quiet = {name for name in refusals.__all__ if not getattr(refusals, name).told}
    assert quiet == {"Malformed", "UnknownLog", "Unsigned"}

from __future__ import annotations

from gateway.audit.blind import Value
from gateway.audit.record import Coverage
from gateway.scan.engine import known_entities
from gateway.steps.indexed_values import GUESSABLE, values_of
from gateway.steps.tally import Inspection
from gateway.terms import Action


def _inspection(*entities: str) -> Inspection:
    matched = tuple({"where": "/x", "entity": one, "text": f"text of {one}"} for one in entities)
    return Inspection(Action.FLAG, (), Coverage(1, 1, {}), matched=matched)


def test_identifiers_are_exact_and_what_is_guessable_is_not() -> None:
    found = values_of(_inspection("EMAIL_ADDRESS", "PERSON", "AWS_ACCESS_KEY", "PROJECT"))
    assert found == (
        Value("text of EMAIL_ADDRESS"),
        Value("text of PERSON", guessable=True),
        Value("text of AWS_ACCESS_KEY"),
        Value("text of PROJECT", guessable=True),
    )


def test_passages_of_texts_and_names_of_tools_are_no_values() -> None:
    passages = known_entities()["injection"] | {"COPIED_ARGUMENT", "DENIED_TOOL"}
    assert values_of(_inspection(*sorted(passages))) == ()


def test_nothing_found_is_nothing_indexed() -> None:
    assert values_of(None) == ()
    assert values_of(_inspection()) == ()


def test_every_guessable_entity_is_one_that_there_is() -> None:
    assert known_entities()["pii"] >= GUESSABLE

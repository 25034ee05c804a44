"""Reads texts with one of two scanners, in whichever environment has it: a program of its own.

``python -P presidio_side.py gateway|presidio|recognisers`` takes JSON from its standard input (the
``texts``, the ``entities`` to look for, how many ``rounds``) and gives JSON: the names that it
``knows``, ``seconds`` of processor time for all texts in the fastest round, and in ``found`` per
text a list of entity, start, end and score. What is not the scanner is the same for all of them.

``recognisers`` are Presidio's recognisers of patterns, asked one after the other; ``presidio`` is
its analyser with the same recognisers and a tokeniser without a model, whose words raise scores.
"""

# ruff: noqa: PLC0415 - each environment has what one of the scanners needs
from __future__ import annotations

import contextlib
import inspect
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Found: TypeAlias = "list[tuple[str, int, int, float]]"
Read: TypeAlias = "Callable[[str], Found]"

_WARM: Final = "A first text, to compile what is compiled late: call 030 1234567 or a@example.org."


def _gateway(entities: Sequence[str]) -> tuple[list[str], Callable[[], Read]]:
    from gateway.scan.engine import Engine, default_specs, known_entities

    known = sorted(known_entities()["pii"] & {*entities})
    pii = next(spec for spec in default_specs() if spec.kind == "pii")
    rules = {name: pii.entities[name] for name in known}

    def fresh() -> Read:
        # What was read before is recalled, so each round has an engine of its own.
        engine = Engine([replace(pii, entities=rules)])
        return lambda text: [
            (one.entity, one.start, one.end, one.score)
            for one in engine.scan(text, "user", ("pii",)).findings
        ]

    return known, fresh


def _recognisers(entities: Sequence[str]) -> list[Any]:
    """Presidio's recognisers of patterns and of phone numbers, whatever language they are for."""
    import presidio_analyzer.predefined_recognizers as predefined
    import tldextract.tldextract
    from presidio_analyzer import PatternRecognizer

    # It would fetch the list of public suffixes; it has one of its own.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    classes = [getattr(predefined, name) for name in sorted(predefined.__all__)]
    patterns: list[Any] = [
        one for one in classes if inspect.isclass(one) and issubclass(one, PatternRecognizer)
    ]
    made = [one(supported_language="en") for one in patterns]
    made.append(predefined.PhoneRecognizer(supported_language="en"))
    return [one for one in made if not {*one.supported_entities}.isdisjoint(entities)]


def _alone(entities: Sequence[str]) -> tuple[list[str], Callable[[], Read]]:
    asked = _recognisers(entities)

    def read(text: str) -> Found:
        return [
            (one.entity_type, one.start, one.end, one.score)
            for each in asked
            for one in each.analyze(text, each.supported_entities, None)
        ]

    return _names(asked), lambda: read


def engine_of(entities: Sequence[str]) -> tuple[Any, list[str]]:
    """Presidio's analyser without a model, and what it knows of these entities."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

    class Tokeniser(SpacyNlpEngine):  # type: ignore[misc]
        """Words as they stand, in small letters, in place of a model's lemmas."""

        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def _doc_to_nlp_artifact(self, doc: Any, language: str) -> Any:
            words, places = [one.lower_ for one in doc], [one.idx for one in doc]
            return NlpArtifacts([], doc, places, words, self, language, [])

    asked = _recognisers(entities)
    registry = RecognizerRegistry(asked, supported_languages=["en"])
    return AnalyzerEngine(registry, Tokeniser(), supported_languages=["en"]), _names(asked)


def _analyser(entities: Sequence[str]) -> tuple[list[str], Callable[[], Read]]:
    engine, names = engine_of(entities)

    def read(text: str) -> Found:
        return [
            (one.entity_type, one.start, one.end, one.score)
            for one in engine.analyze(text, "en", entities=names)
        ]

    return names, lambda: read


def _names(asked: Sequence[Any]) -> list[str]:
    return sorted({name for one in asked for name in one.supported_entities})


SIDES: Final = {"gateway": _gateway, "recognisers": _alone, "presidio": _analyser}


def measure(side: str, given: dict[str, Any]) -> dict[str, Any]:
    """What one scanner finds in the texts, and the processor time of the fastest round."""
    known, fresh = SIDES[side](given["entities"])
    best, found = float("inf"), []
    for _ in range(given["rounds"]):
        read = fresh()
        read(_WARM)
        began = time.process_time()
        found = [read(text) for text in given["texts"]]
        best = min(best, time.process_time() - began)
    return {"knows": known, "seconds": best, "found": found}


if __name__ == "__main__":
    # Whatever libraries print must not stand in the answer.
    with contextlib.redirect_stdout(sys.stderr):
        answer = measure(sys.argv[1], json.load(sys.stdin))
    json.dump(answer, sys.stdout)

from __future__ import annotations

from gateway.scan.engine import Engine
from gateway.scan.opinions import hits_of, speaks_for, together
from gateway.terms import PROMPT_INJECTION, Action, EntityRule, Opinion, Provenance, ScannerSpec

ON = frozenset[Provenance]({"user"})
NAMES = ScannerSpec("names", "pii", ON, {"PERSON": EntityRule(Action.REDACT)}, ask="reader")
OTHERS = ScannerSpec("others", "pii", ON, {"PERSON": EntityRule(Action.BLOCK)})
JUDGED = ScannerSpec("judged", "injection", ON, ask="judge")


def test_only_the_scanner_that_asks_hears_the_answer() -> None:
    (hit,) = hits_of([Opinion("PERSON", 0, 3, 0.9)], "pii", "reader")
    assert speaks_for(hit.detector, NAMES)
    assert speaks_for(hit.detector, OTHERS) is False
    scan = Engine([NAMES, OTHERS]).scan("Ada is here", "user", ["names", "others"], beside=(hit,))
    assert [(one.scanner, one.start, one.end) for one in scan.findings] == [("names", 0, 3)]
    assert scan.action is Action.REDACT


def test_what_a_model_says_counts_from_the_least_score_of_its_entity() -> None:
    low = hits_of([Opinion("PERSON", 0, 3, 0.4), Opinion("HAT", 4, 6, 1.0)], "pii", "reader")
    assert Engine([NAMES]).scan("Ada is here", "user", ["names"], beside=low).findings == ()


def test_a_classifiers_word_counts_in_place_of_the_embedded_models() -> None:
    own = hits_of([Opinion(PROMPT_INJECTION, 0, 5, 0.7)], "injection", "embedded")
    rule = hits_of([Opinion("ROLE_CHANGE", 0, 5, 0.7)], "injection", "embedded")
    asked = hits_of([Opinion(PROMPT_INJECTION, 0, 9, 0.1)], "injection", "judge")
    names = hits_of([Opinion("PERSON", 0, 3, 0.9)], "pii", "reader")
    assert together((*own, *rule), asked) == (*rule, *asked)
    assert together(own, names) == (*own, *names)


def test_nothing_of_it_is_remembered() -> None:
    engine = Engine([JUDGED])
    text = "a harmless text of some length"
    for score, action in ((0.95, Action.BLOCK), (0.05, Action.ALLOW), (0.7, Action.FLAG)):
        asked = hits_of([Opinion(PROMPT_INJECTION, 0, len(text), score)], "injection", "judge")
        assert engine.scan(text, "user", ["judged"], beside=asked).action is action
    assert engine.scan(text, "user", ["judged"]).action is Action.ALLOW

from __future__ import annotations

from gateway.scan.detector import Detector, make
from gateway.scan.rating import NEARBY, rate, rule_of, settle
from gateway.scan.reader import Hit
from gateway.terms import PROVENANCES, Action, EntityRule, Provenance, ScannerKind, ScannerSpec

EVERYWHERE = frozenset(PROVENANCES)
INJECTION = ScannerSpec("injection", "injection", EVERYWHERE)


def detector(kind: ScannerKind, entity: str) -> Detector:
    return make(kind, entity, "x", lambda _found: 1.0)


def hit(by: Detector, start: int, end: int, score: float = 0.7, *, hidden: bool = False) -> Hit:
    return Hit(by, start, start, end, end, score, hidden)


def scores(hits: list[Hit], source: Provenance = "user") -> dict[tuple[str, int], float]:
    rated = rate(hits, [INJECTION], source)
    return {(one.finding.entity, one.finding.start): one.finding.score for one in rated}


ROLE, OVERRIDE, ORDER = (
    detector("injection", entity)
    for entity in ("ROLE_CHANGE", "INSTRUCTION_OVERRIDE", "TOOL_ORDER")
)


def test_other_families_to_the_left_and_near_strengthen() -> None:
    assert scores([hit(OVERRIDE, 500, 510)]) == {("INSTRUCTION_OVERRIDE", 500): 0.7}
    near, far = hit(ROLE, 490, 495, 0.1), hit(ROLE, 500 - NEARBY, 495, 0.1)
    assert scores([near, hit(OVERRIDE, 500, 510)]) == {("INSTRUCTION_OVERRIDE", 500): 0.8}
    assert scores([far, hit(OVERRIDE, 500, 510)]) == {("INSTRUCTION_OVERRIDE", 500): 0.7}
    same, right = hit(OVERRIDE, 490, 495, 0.1), hit(ROLE, 505, 509, 0.1)
    assert scores([same, right, hit(OVERRIDE, 500, 510)]) == {("INSTRUCTION_OVERRIDE", 500): 0.7}


def test_data_that_orders_is_worse_and_users_may_speak_of_tools() -> None:
    assert scores([hit(OVERRIDE, 0, 9)], "document") == {("INSTRUCTION_OVERRIDE", 0): 0.8}
    assert scores([hit(ORDER, 0, 9)]) == {}


def test_a_disguise_is_a_finding_of_its_own() -> None:
    assert scores([hit(OVERRIDE, 0, 9, hidden=True)])["HIDDEN_TEXT", 0] == 0.95


def test_which_rule_applies() -> None:
    rule = EntityRule(Action.BLOCK, 0.8)
    pii = ScannerSpec("pii", "pii", EVERYWHERE, {"US_SSN": rule})
    assert rule_of(pii, detector("pii", "US_SSN")) is rule
    assert rule_of(pii, detector("pii", "IP_ADDRESS")) is None
    assert rule_of(pii, detector("secrets", "JWT")) is None
    secrets = ScannerSpec("s", "secrets", EVERYWHERE, {"JWT": rule}, Action.REDACT)
    assert rule_of(secrets, detector("secrets", "JWT")) is rule
    assert rule_of(secrets, detector("secrets", "NPM_TOKEN")) == EntityRule(Action.REDACT)


def test_of_overlapping_values_the_stronger_is_told_and_both_are_replaced() -> None:
    card, phone = detector("pii", "CREDIT_CARD"), detector("pii", "PHONE_NUMBER")
    rule = EntityRule(Action.REDACT)
    spec = ScannerSpec("pii", "pii", EVERYWHERE, {"CREDIT_CARD": rule, "PHONE_NUMBER": rule})
    rated = rate([hit(card, 5, 20, 0.9), hit(phone, 0, 8, 0.6)], [spec], "user")
    findings, replacements = settle(rated, 0, 30)
    assert [one.entity for one in findings] == ["CREDIT_CARD"]
    assert [(one.start, one.end, one.entity) for one in replacements] == [
        (0, 8, "CREDIT_CARD"),
        (5, 20, "CREDIT_CARD"),
    ]
    assert settle(rated, 0, 5)[0] == []
    assert len(settle(rated, 5, 6)[0]) == 1

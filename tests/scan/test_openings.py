from __future__ import annotations

from gateway.scan.detector import Detector, make
from gateway.scan.openings import Openings


def detector(pattern: str) -> Detector:
    return make("pattern", "X", pattern, lambda _found: 1.0)


def opened(*detectors: Detector) -> Openings:
    return Openings(detectors)


def test_a_match_may_begin_with_any_sign_of_any_script() -> None:
    one = opened(detector(r"\b(?:é|日)x"), detector(r"\(\d\)"), detector(r"\b[ab]-c"))
    assert one.start("", "so é") == 3
    assert one.start("", "so 日") == 3
    assert one.start("", "so 本") == 4
    assert one.start("", "so (1") == 3
    assert one.start("", "so b-") == 3
    assert one.start("o", "b-") == 2


def test_rules_that_are_compiled_apart_are_open_where_each_of_them_is() -> None:
    # As long that RE2 gets them in several expressions.
    rules = [
        detector(rf"\b{first}[ -](?:{'|'.join(first + str(n) for n in range(1500))}) end")
        for first in ("open", "opal", "shut")
    ]
    one = opened(*rules)
    for text in ("open", "now open open17", "now shut-shut1499 e", "opal opal7, opal-opal1", "op"):
        alone = [opened(rule).start("", text) for rule in rules]
        assert one.start("", text) == min(alone) < len(text)
    assert one.start("", "open shut1 shut open1") == len("open shut1 shut open1")

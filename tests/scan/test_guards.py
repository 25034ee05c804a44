from __future__ import annotations

from gateway.scan.guards import guards_of, watches
from gateway.terms import Action, ScannerSpec


def spec(kind: str, allow: tuple[str, ...] | None, name: str = "r") -> ScannerSpec:
    return ScannerSpec(
        name, kind, frozenset({"answer"}), action=Action.BLOCK, allow=allow  # type: ignore[arg-type]
    )  # fmt: skip


def test_each_setting_has_detectors_of_its_own_and_rules_may_share_them() -> None:
    one, same, other = spec("links", ("a",)), spec("links", ("a",), "s"), spec("links", ("b",))
    detectors = list(guards_of([one, same, other, spec("calls", ("a",))]))
    assert [it.kind for it in detectors] == ["links", "links", "links", "links", "calls"]
    assert [watches(one, it) for it in detectors] == [True, True, False, False, False]
    assert [watches(same, it) for it in detectors] == [True, True, False, False, False]
    assert [watches(other, it) for it in detectors] == [False, False, True, True, False]


def test_copies_and_other_scanners_need_none() -> None:
    assert list(guards_of([spec("copies", None), spec("pii", None)])) == []

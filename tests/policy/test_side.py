"""What a policy's scanners say of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.errors import AuditUnavailable
from gateway.policy.model import Defaults, Policy
from gateway.policy.side import Side, read_texts
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.terms import Provenance

TEXTS: Final[list[tuple[Provenance, str]]] = [("user", "red"), ("tool", "stop")]


@dataclass(frozen=True)
class Word:
    scanner: str
    entity: str
    action: Action


def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Word]:
    found = {"red": Action.REDACT, "stop": Action.BLOCK}
    for name in scanners:
        yield Word(name, f"{provenance}-{text}", found[text])


def unable(_text: str, _provenance: Provenance, _scanners: tuple[str, ...]) -> Iterable[Word]:
    raise AuditUnavailable("out of order")


def test_the_strongest_action_is_told_with_what_led_to_it() -> None:
    side = Side(Policy(), scan)
    assert read_texts(side, TEXTS, ("a", "b")) == (
        Action.BLOCK,
        "block (a tool-stop, b tool-stop)",
    )
    assert read_texts(side, TEXTS[:1], ("a",)) == (Action.REDACT, "redact (a user-red)")


def test_texts_without_findings_are_allowed() -> None:
    assert read_texts(Side(Policy(), scan), TEXTS, ()) == (Action.ALLOW, "allow")
    assert read_texts(Side(Policy(), scan), [], ("a",)) == (Action.ALLOW, "allow")


def test_a_scanner_that_fails_acts_as_the_policy_says() -> None:
    policy = Policy(defaults=Defaults(on_scanner_error=Action.FLAG))
    assert read_texts(Side(policy, unable), TEXTS, ("a",)) == (
        Action.FLAG,
        "flag (a scanner failed)",
    )


def test_what_texts_copy_from_one_another_counts() -> None:
    def compare(texts: Sequence[tuple[Provenance, str]], names: tuple[str, ...]) -> Iterable[Word]:
        return [Word(names[0], f"{len(texts)} texts", Action.BLOCK)]

    def silent(_text: str, _of: Provenance, _names: tuple[str, ...]) -> Iterable[Word]:
        return ()

    side = Side(Policy(), silent, compare)
    assert read_texts(side, TEXTS, ("a",)) == (Action.BLOCK, "block (a 2 texts)")

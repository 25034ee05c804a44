from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.record import Coverage
from gateway.scan.copies import Copies
from gateway.scan.engine import Engine
from gateway.steps.copying import Copying, CopyScanner, called, with_copies
from gateway.steps.tally import Inspection
from gateway.terms import Action, ScannerSpec
from gateway.wire.exchange import Text

SAID = "the vault opens at noon with seven turns"


def copying(action: Action = Action.BLOCK, tools: tuple[str, ...] | None = None) -> Copying:
    on = frozenset({"argument"})
    spec = ScannerSpec(
        "r~copies", "copies", on, action=action, of="r", allow=tools, chars=16  # type: ignore[arg-type]
    )  # fmt: skip
    return Copying(((spec, Copies([SAID], 16)),))


def scanner(rule: Copying, tool: str = "post", most: int = 1000) -> CopyScanner:
    return CopyScanner(Engine([]).stream("argument", []), rule, lambda: tool, most)


def test_only_the_tools_that_a_rule_is_about() -> None:
    rule = copying(tools=("post_*",))
    assert list(rule.found(SAID, "post_note"))
    assert list(rule.found(SAID, "POST_NOTE"))
    assert not list(rule.found(SAID, "repost_note"))
    assert list(rule.found(SAID, None)), "a call of nobody knows which tool is any"


@given(st.lists(st.text(max_size=9), max_size=6))
def test_nothing_of_a_copy_leaves_however_it_is_cut(pieces: list[str]) -> None:
    one = scanner(copying())
    for piece in [*pieces, SAID[:20], SAID[20:]]:
        one.feed(piece)
        assert one.settled == 0
    one.close()
    assert one.blocked
    assert one.take(10_000) == ""
    assert [it.entity for it in one.findings] == ["COPIED_ARGUMENT"]


def test_what_copies_nothing_leaves_as_it_came() -> None:
    one = scanner(copying())
    one.feed("see you ")
    one.end("at noon")
    assert (one.blocked, one.action, one.take(one.settled)) == (
        False,
        Action.ALLOW,
        "see you at noon",
    )


def test_a_copy_that_is_only_flagged_leaves() -> None:
    one = scanner(copying(Action.FLAG))
    one.end(SAID)
    assert (one.blocked, one.action, one.take(one.settled)) == (False, Action.FLAG, SAID)


def test_an_argument_that_never_ends_is_blocked() -> None:
    one = scanner(copying(), most=10)
    one.feed("elevenchars")
    assert one.blocked
    assert one.findings[0].entity == "UNDECIDED"
    slow = scanner(copying())
    slow.feed("x")
    slow.give_up()
    assert (slow.blocked, slow.settled) == (True, 0)


def test_an_argument_that_goes_on_is_judged_again_as_a_whole() -> None:
    one = scanner(copying())
    one.feed(SAID[:12])
    one.close()
    one.resume()
    one.feed(SAID[12:])
    one.close()
    assert one.blocked


def test_an_argument_belongs_to_the_nearest_name() -> None:
    names = [(("calls", 0, "name"), "a"), (("calls", 1, "name"), "b"), (("x",), "c")]
    assert called(names, ("calls", 0, "arguments")) == "a"
    assert called(names, ("calls", 1, "arguments", "k")) == "b"
    assert called(names, ("calls", 2, "arguments")) == "b"
    assert called(names, ("other",)) == "c"
    assert called([], ("other",)) is None


def test_copies_in_a_whole_answer_are_noted_without_their_words() -> None:
    clean = Inspection(Action.ALLOW, (), Coverage(9, 9, {"r": "clean"}))
    texts = [Text("post", "call", ("c", "name")), Text(SAID, "argument", ("c", "arguments"))]
    found = with_copies(clean, copying(), texts)
    assert (found.action, found.blocker) == (Action.BLOCK, ("r", "COPIED_ARGUMENT"))
    assert found.coverage.scanners == {"r": "hit"}
    assert "vault" not in repr(found.findings)
    assert with_copies(clean, None, texts) is clean
    assert with_copies(clean, copying(tools=("other",)), texts) == clean

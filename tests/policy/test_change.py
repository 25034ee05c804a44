"""Changes, each told once."""

from __future__ import annotations

from gateway.policy.change import Change, Changes, Question
from gateway.policy.differences import Difference


def asked(caller: str, route: str = "messages", model: str = "m") -> Question:
    return Question(caller, route, model)


def test_questions_with_the_same_change_are_one() -> None:
    changes = Changes()
    changes.add(Difference("denied", "a", "b"), [asked("x"), asked("y", model="n")])
    changes.add(Difference("denied", "a", "b"), [asked("x", route="embeddings")])
    assert changes.sorted() == (
        Change(
            kind="denied",
            before="a",
            after="b",
            count=3,
            example=asked("x"),
            callers=("x", "y"),
            routes=("messages", "embeddings"),
            models=("m", "n"),
        ),
    )


def test_differences_of_one_cause_are_one_change() -> None:
    changes = Changes()
    changes.add(Difference("allowed", "denied by d", "allowed by a", "d"), [asked("x")])
    changes.add(Difference("allowed", "denied by d", "allowed by b", "d"), [asked("y")])
    changes.add(Difference("allowed", "denied by d", "allowed by b", "d"), [asked("z")])
    changes.add(Difference("denied", "allowed by a", "denied by d", "d"), [asked("z")])
    first, second = changes.sorted()
    assert (first.before, first.after) == ("denied by d", "allowed by a (and 1 more like it)")
    assert (first.count, first.callers) == (3, ("x", "y", "z"))
    assert second.kind == "denied"


def test_what_opens_comes_first_and_then_what_is_about_most() -> None:
    changes = Changes()
    changes.add(Difference("shadow", "a", "b"), [asked("x")] * 9)
    changes.add(Difference("stricter", "a", "b"), [asked("x")])
    changes.add(Difference("denied", "a", "b"), [asked("x")])
    changes.add(Difference("allowed", "a", "b"), [asked("x")])
    changes.add(Difference("allowed", "a", "c"), [asked("x"), asked("y")])
    changes.add(Difference("granted", "a", "b"), [asked("x")])
    changes.add(Difference("weaker", "a", "b"), [asked("x")])
    found = [(change.kind, change.after) for change in changes.sorted()]
    assert found == [
        ("allowed", "c"),
        ("allowed", "b"),
        ("weaker", "b"),
        ("granted", "b"),
        ("denied", "b"),
        ("stricter", "b"),
        ("shadow", "b"),
    ]


def test_what_has_no_route_names_none() -> None:
    changes = Changes()
    changes.add(Difference("granted", "nothing", "audit.read"), [Question("role auditor")])
    (change,) = changes.sorted()
    assert (change.callers, change.routes, change.models) == (("role auditor",), (), ())

"""Changes, each told once."""

from __future__ import annotations

from gateway.policy.change import Change, Changes, Question


def asked(caller: str, route: str = "messages", model: str = "m") -> Question:
    return Question(caller, route, model)


def test_questions_with_the_same_change_are_one() -> None:
    changes = Changes()
    changes.add(("denied", "a", "b"), [asked("x"), asked("y", model="n")])
    changes.add(("denied", "a", "b"), [asked("x", route="embeddings")])
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


def test_what_opens_comes_first_and_then_what_is_about_most() -> None:
    changes = Changes()
    changes.add(("shadow", "a", "b"), [asked("x")] * 9)
    changes.add(("stricter", "a", "b"), [asked("x")])
    changes.add(("denied", "a", "b"), [asked("x")])
    changes.add(("allowed", "a", "b"), [asked("x")])
    changes.add(("allowed", "a", "c"), [asked("x"), asked("y")])
    changes.add(("granted", "a", "b"), [asked("x")])
    changes.add(("weaker", "a", "b"), [asked("x")])
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
    changes.add(("granted", "nothing", "audit.read"), [Question("role auditor")])
    (change,) = changes.sorted()
    assert (change.callers, change.routes, change.models) == (("role auditor",), (), ())

"""A held list is any list, but for those who look into it from C, and they fail."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from gateway.ingress.held_list import HeldList, Part

ITEMS: list[Any] = [{"a": number, "b": ["x"]} for number in range(7)]


def held() -> tuple[HeldList, bytearray]:
    """The items, of which two parts are text, and their text."""
    text = bytearray(json.dumps(ITEMS[:5]).encode())
    cut = text.index(b', {"a": 3')
    parts = [Part(memoryview(text)[1:cut], 3), Part(memoryview(text)[cut + 1 : -1], 2)]
    return HeldList(parts, ITEMS[5:]), text


def test_it_can_be_read_as_any_list() -> None:
    some, _ = held()
    assert isinstance(some, list)
    assert len(some) == 7
    assert [*some] == list(some) == some[:] == ITEMS
    assert some == ITEMS
    assert ITEMS == some  # noqa: SIM300 - it is asked the other way round, too
    assert some != ITEMS[1:]
    assert some != "a"
    assert some[-3] == ITEMS[-3]
    assert ITEMS[4] in some
    assert some.index(ITEMS[4]) == 4
    first, *others = some
    assert [first, *others] == ITEMS
    assert some + [1] == [*ITEMS, 1]  # noqa: RUF005 - what is tested
    assert [1] + some == [1, *ITEMS]  # noqa: RUF005
    assert {"items": some} == {"items": ITEMS}
    with pytest.raises(TypeError, match="unhashable"):
        hash(some)


def test_items_that_are_set_in_a_copy_leave_the_list_as_it_was() -> None:
    some, _ = held()
    copy = some.copy()
    for at in (0, 4, -1):
        copy[at] = at
    assert [*copy] == [0, *ITEMS[1:4], 4, ITEMS[5], -1]
    assert [piece for part in copy.pieces() for piece in part] == [*copy]
    assert copy.copy() == copy
    assert [*some] == ITEMS
    assert copy.kept() == [(0, 0), (4, 4), (6, -1), (5, ITEMS[5]), (6, ITEMS[6])]
    with pytest.raises(IndexError):
        copy[7] = 1


@pytest.mark.parametrize(
    "change",
    [
        lambda some: some.append(1),
        lambda some: some.extend([1]),
        lambda some: some.insert(0, 1),
        lambda some: some.pop(),
        lambda some: some.remove(1),
        lambda some: some.clear(),
        lambda some: some.sort(),
        lambda some: some.reverse(),
        lambda some: some.__delitem__(0),
        lambda some: some.__iadd__([1]),
        lambda some: some * 2,
        lambda some: some < [1],
        lambda some: some.__setitem__(slice(0, 1), [1]),
    ],
)
def test_what_it_cannot_do_it_refuses(change: Any) -> None:
    some, _ = held()
    with pytest.raises(TypeError):
        change(some)
    assert some == ITEMS


def test_who_does_not_know_it_writes_nothing_instead_of_less() -> None:
    some, _ = held()
    for value in (some, {"messages": some}, [some]):
        with pytest.raises(orjson.JSONEncodeError):
            orjson.dumps(value)


def test_the_text_can_change_only_when_the_list_has_let_go_of_it() -> None:
    some, text = held()
    assert some[1] == ITEMS[1]
    with pytest.raises(BufferError):
        text += b"x"
    some.let_go()
    text[:] = b"another text altogether"
    with pytest.raises(TypeError):
        some[1]
    with pytest.raises(TypeError):
        list(some)

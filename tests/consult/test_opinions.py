from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.consult.opinions import Consultant, ConsultantLost
from gateway.state.circuit import FAILURES
from gateway.terms import Opinion

if TYPE_CHECKING:
    from collections.abc import Sequence


class Scripted:
    """Says of each text how long it is; or does what it is told to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.wait = 0.0
        self.error: Exception | None = None
        self.said: list[tuple[Opinion, ...]] | None = None
        self.at_once = self.most_at_once = 0
        self.closed = False

    async def read(self, texts: Sequence[str]) -> list[tuple[Opinion, ...]]:
        self.asked.append(list(texts))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(self.wait)
        finally:
            self.at_once -= 1
        if self.error is not None:
            raise self.error
        usual: list[tuple[Opinion, ...]]
        usual = [(Opinion("NAME", 0, len(text), 0.5),) for text in texts]
        return usual if self.said is None else self.said

    async def close(self) -> None:
        self.closed = True


async def test_what_was_said_once_is_not_asked_again() -> None:
    model = Scripted()
    consultant = Consultant(model, 1, 1)
    assert await consultant.read(["ab", "abc", "ab"]) == [
        (Opinion("NAME", 0, 2, 0.5),),
        (Opinion("NAME", 0, 3, 0.5),),
        (Opinion("NAME", 0, 2, 0.5),),
    ]
    await consultant.read(["abc", "x"])
    assert model.asked == [["ab", "abc"], ["x"]]
    await consultant.close()
    assert model.closed


async def test_a_model_that_takes_too_long_is_given_up() -> None:
    model = Scripted()
    model.wait = 30
    with pytest.raises(ConsultantLost) as caught:
        await Consultant(model, 0.02, 1).read(["a"])
    assert caught.value.why == "timeout"


@pytest.mark.parametrize(
    "said",
    [
        [],
        [(Opinion("NAME", 0, 99, 0.5),)],
        [(Opinion("NAME", -1, 1, 0.5),)],
        [(Opinion("NAME", 1, 1, 0.5),)],
        [(Opinion("NAME", 0, 1, 1.5),)],
        [(Opinion("NAME", 0, 1, float("nan")),)],
    ],
)
async def test_what_makes_no_sense_is_no_answer(said: list[tuple[Opinion, ...]]) -> None:
    model = Scripted()
    model.said = said
    with pytest.raises(ConsultantLost) as caught:
        await Consultant(model, 1, 1).read(["abc"])
    assert caught.value.why == "error"


async def test_a_model_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    model = Scripted()
    model.error = RuntimeError("words of a prompt")
    consultant = Consultant(model, 1, 1)
    for _ in range(FAILURES + 3):
        with pytest.raises(ConsultantLost) as caught:
            await consultant.read(["abc"])
        assert "words" not in str(caught.value)
    assert len(model.asked) == FAILURES


async def test_so_many_calls_at_the_same_time() -> None:
    model = Scripted()
    model.wait = 0.01
    consultant = Consultant(model, 30, 2)
    await asyncio.gather(*(consultant.read([f"text {number}"]) for number in range(6)))
    assert model.most_at_once == 2

"""The guide to limits is true: its examples load, its numbers are those of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from limiting import charge, exactly, refused, taken

from gateway.document import read_text
from gateway.limits import estimate, memory, quota, redis
from gateway.limits.memory import MemoryLimiter
from gateway.policy.schema import LimitModel
from gateway.settings import LimitSettings
from gateway.state.circuit import FAILURES, PAUSE
from gateway.terms import LimitScope

GUIDE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_examples_are_limits_of_a_policy() -> None:
    for example in EXAMPLES:
        limits = read_text(example, "limits.yaml").value["limits"]
        for limit in limits.values():
            LimitModel.model_validate(limit)
    assert EXAMPLES


def test_every_scope_is_told() -> None:
    table = GUIDE.partition("### Whose requests")[2].partition("###")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {*get_args(LimitScope), "per"}


@pytest.mark.parametrize(
    "words",
    [
        f"Up to an amount of {quota.GRAINS},",
        f"cut into {quota.GRAINS} parts",
        f"1/{quota.GRAINS} of the window",
        f"| 1 for each {estimate._LIKELY_BYTES} bytes of UTF-8",
        f"| each message, and once | {estimate._MESSAGE} | {estimate._MESSAGE} |",
        f"| each tool, beside its texts | {estimate._TOOL} | {estimate._TOOL} |",
        f"| {estimate._LIKELY_MEDIUM:,} | {estimate._MOST_MEDIUM:,} |".replace(",", " "),
        f"at {memory.CAPACITY:,} of them".replace(",", " "),
        f"{redis.LIFE:.0f} seconds after the gateway last renewed it",
        f"every {redis.RENEWAL:.0f} seconds",
        f"({LimitSettings().state_timeout * 1000:.0f} ms if not set)",
        "After three\nfailures in a row",
        "one request a second tries",
        f"`{redis._PREFIX}`",
    ],
)
def test_the_numbers_are_those_of_the_code(words: str) -> None:
    assert words in GUIDE
    assert (FAILURES, PAUSE) == (3, 1.0)


async def test_every_header_is_told() -> None:
    limiter, limit = MemoryLimiter(), charge(1, 10)
    lease = await taken(limiter, limit, tokens=exactly(1))
    assert lease
    never = await refused(limiter, limit, tokens=exactly(11))
    for name, _ in (*lease.headers, *never.headers):
        assert f"`{name.decode().replace('tokens', 'requests')}" in GUIDE

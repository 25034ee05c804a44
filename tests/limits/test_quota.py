"""What a limit of the policy becomes, and when a moment lapses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from limiting import charge

from gateway.limits.quota import GRAINS, Quota, quotas_of


def quota(amount: int, seconds: float = 60) -> Quota:
    return quotas_of([charge(amount, seconds=seconds)])[0]


def test_a_limit_has_a_quota_for_each_of_its_numbers() -> None:
    found = quotas_of([charge(5, 900, 2, seconds=60), charge(concurrent=7, who="bob")])
    assert [(one.kind, one.key, one.amount, one.length) for one in found] == [
        ("requests", "ada:requests:60000000", 5, 60_000_000),
        ("tokens", "ada:tokens:60000000", 900, 60_000_000),
        ("concurrent", "ada:concurrent", 2, 0),
        ("concurrent", "bob:concurrent", 7, 0),
    ]


def test_no_two_windows_share_a_key() -> None:
    keys = [one.key for s in (1, 60, 3600, 86_400) for one in quotas_of([charge(1, 1, seconds=s)])]
    assert len(set(keys)) == len(keys)


def test_a_small_amount_remembers_each_moment() -> None:
    assert quota(GRAINS).lapse(123) == 60_000_123


@given(st.integers(0, 2**50), st.integers(1, 10**7), st.integers(0, 10**9))
def test_no_moment_lapses_before_its_window_has_passed(at: int, seconds: int, amount: int) -> None:
    one = quota(amount, seconds)
    assert at + one.length <= one.lapse(at) <= at + one.horizon
    assert one.horizon <= one.length + one.length // GRAINS + 1


@given(st.integers(0, 2**50), st.floats(0.001, 1000))
def test_a_window_holds_few_grains(at: int, seconds: float) -> None:
    one = quota(GRAINS + 1, seconds)
    lapses = {one.lapse(at + step * one.length // 1000) for step in range(1000)}
    assert len(lapses) <= GRAINS + 1

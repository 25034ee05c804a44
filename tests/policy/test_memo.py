"""The bounded memory."""

from __future__ import annotations

import sys
import threading

from gateway.policy.memo import Memo


def test_what_was_put_is_got() -> None:
    memo: Memo[str, int] = Memo(2)
    assert memo.get("a") is None
    assert memo.put("a", 1) == 1
    assert memo.get("a") == 1


def test_an_empty_answer_is_an_answer() -> None:
    memo: Memo[str, frozenset[str]] = Memo(2)
    memo.put("a", frozenset())
    assert memo.get("a") == frozenset()


def test_the_one_used_least_recently_is_forgotten() -> None:
    memo: Memo[str, int] = Memo(2)
    memo.put("a", 1)
    memo.put("b", 2)
    memo.get("a")
    memo.put("c", 3)
    assert (memo.get("a"), memo.get("b"), memo.get("c")) == (1, None, 3)


def test_a_flood_of_keys_takes_no_more_than_the_size() -> None:
    memo: Memo[int, int] = Memo(16)
    for number in range(1000):
        memo.put(number, number)
    assert len(memo) == 16


def test_attack_threads_that_ask_for_more_than_is_kept_never_break_each_other() -> None:
    memo: Memo[int, int] = Memo(3)
    wrong: list[object] = []

    def ask(seed: int) -> None:
        try:
            for number in range(20_000):
                key = (number * seed) % 7
                answer = memo.get(key)
                if (memo.put(key, -key) if answer is None else answer) != -key:
                    wrong.append(answer)
        except Exception as error:  # noqa: BLE001 - a thread would swallow it
            wrong.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=ask, args=(seed,)) for seed in (1, 2, 3, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == []
    assert len(memo) <= 4 + 3

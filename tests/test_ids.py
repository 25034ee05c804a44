"""Ids are UUIDv7: unique, and in the order in which they were made."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from gateway import ids
from gateway.ids import uuid7

if TYPE_CHECKING:
    import pytest


def test_an_id_is_a_uuid_of_version_7() -> None:
    for _ in range(200):
        text = uuid7()
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert parsed.version == 7
        assert parsed.variant == uuid.RFC_4122


def test_an_id_holds_the_time_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(uuid7()).int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_of_different_milliseconds_sort_by_time() -> None:
    made = []
    for _ in range(5):
        made.append(uuid7())
        time.sleep(0.002)
    assert sorted(made) == made


def test_ids_of_one_millisecond_differ() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_events_of_one_millisecond_keep_their_order() -> None:
    made = [uuid7() for _ in range(10_000)]
    assert sorted(made) == made


def test_a_clock_that_stands_or_steps_back_a_little_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ids, "_last", (0, 0))
    now = time.time_ns() + 10**9
    monkeypatch.setattr(time, "time_ns", lambda: now)
    first = uuid7()
    now -= 500 * 10**6
    assert uuid7() > first


def test_a_clock_that_is_set_back_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", (0, 0))
    now = time.time_ns()
    uuid7()
    now -= 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: now)
    assert uuid.UUID(uuid7()).int >> 80 == now // 10**6


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: [uuid7() for _ in range(2000)], range(4)))
    assert len({one for some in made for one in some}) == 8000


def test_a_process_that_is_split_off_makes_ids_of_its_own() -> None:
    # In a process without threads, as Python warns of splitting off where there are some.
    code = (
        "import os\n"
        "from gateway.ids import uuid7\n"
        "uuid7()\n"
        "child = os.fork()\n"
        "os.write(1, ''.join(uuid7()[24:] + ' ' for _ in range(40)).encode())\n"
        "child and os.waitpid(child, 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    made = done.stdout.split()
    assert len(made) == len(set(made)) == 80

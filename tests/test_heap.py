from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="it is glibc that does it"
)

_BEGIN = """
from gateway import heap

def resident() -> int:
    return int(open("/proc/self/statm").read().split()[1]) * 4096

def spread(size: int) -> None:
    # Some of the last blocks stay, so that the heap cannot become shorter.
    some = [b"x" * size for _ in range(20_000_000 // size)]
    kept.append(some[-1])

kept = []
heap.spare()
"""


def _said(code: str) -> int:
    """What a program prints that begins with a heap in which little is kept."""
    run = [sys.executable, "-c", _BEGIN + code]
    return int(subprocess.run(run, capture_output=True, check=True).stdout)


def test_the_memory_of_large_bodies_is_given_back() -> None:
    more = _said("""
before = resident()
for _ in range(3):
    blocks = [bytes(bytearray(b"x" * 10_000_000)) for _ in range(4)]
    del blocks
print(resident() - before)
""")
    assert more < 8_000_000


def test_pages_in_which_nothing_is_any_more_are_given_back() -> None:
    less = _said("""
spread(30_000)
before = resident()
heap.give_back()
print(before - resident())
""")
    assert less > 15_000_000


@pytest.mark.parametrize("filled", [False, True])
def test_what_grows_leaves_nothing_behind_in_gaps_that_are_filled(*, filled: bool) -> None:
    more = _said(f"""
spread(30_000)
heap.give_back()
if {filled}:
    assert heap.fill_gaps() > 50
    assert heap.fill_gaps() <= 1
before = resident()
grown = bytearray()
while len(grown) < 2 * 20_000_000:
    grown += b"x" * 10_000
del grown
print(resident() - before)
""")
    assert (more < 4_000_000) == filled

from __future__ import annotations

from gateway.scan.cache import HitCache, ScanCache
from gateway.scan.finding import Replacement, Scan
from gateway.scan.pii import PII
from gateway.scan.reader import Hit
from gateway.terms import Action

EMAIL = next(one for one in PII if one.entity == "EMAIL_ADDRESS")


def scan(*replacements: Replacement) -> Scan:
    return Scan((), 1, Action.ALLOW, replacements)


def test_what_was_put_is_found_under_the_same_circumstances_only() -> None:
    cache = ScanCache()
    cache.put(cache.key("text", b"a"), scan())
    assert cache.get(cache.key("text", b"a")) == scan()
    assert cache.get(cache.key("text", b"b")) is None
    assert cache.get(cache.key("other", b"a")) is None


def test_keys_of_two_processes_differ() -> None:
    assert ScanCache().key("text", b"a") != ScanCache().key("text", b"a")


def test_the_least_recently_used_is_forgotten_by_number() -> None:
    cache = ScanCache(entries=2)
    keys = [cache.key(str(number), b"") for number in range(3)]
    cache.put(keys[0], scan())
    cache.put(keys[1], scan())
    cache.get(keys[0])
    cache.put(keys[2], scan())
    assert [cache.get(key) is not None for key in keys] == [True, False, True]


def test_memory_is_bounded_by_bytes() -> None:
    cache = ScanCache(size=10_000)
    for number in range(100):
        cache.put(cache.key(str(number), b""), scan(*[Replacement(0, 1, "redact", "A")] * 20))
    kept = sum(cache.get(cache.key(str(number), b"")) is not None for number in range(100))
    assert 1 <= kept <= 2


def test_hits_are_bounded_by_texts_and_by_hits() -> None:
    cache, hit = HitCache(entries=2, most=1), Hit(EMAIL, 0, 0, 1, 1, 1.0)
    for key in (b"a", b"b", b"c"):
        cache.put(key, (hit,))
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [None, (hit,), (hit,)]
    cache.put(b"d", (hit, hit))
    assert cache.get(b"d") is None
    cache.put(b"e", ())
    assert cache.get(b"e") == ()


def test_hits_are_bounded_in_all_texts_together() -> None:
    cache, hit = HitCache(most=3, size=4), Hit(EMAIL, 0, 0, 1, 1, 1.0)
    for key in (b"a", b"b", b"c"):
        cache.put(key, (hit, hit))
    assert [cache.get(key) is None for key in (b"a", b"b", b"c")] == [True, False, False]
    cache.put(b"c", (hit,))
    cache.put(b"d", (hit,))
    assert [cache.get(key) is None for key in (b"b", b"c", b"d")] == [False, False, False]
    cache.put(b"e", (hit, hit, hit))
    assert [cache.get(key) is None for key in (b"b", b"c", b"d", b"e")] == [
        True,
        True,
        False,
        False,
    ]

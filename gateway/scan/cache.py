"""Remembers what scans of equal texts came to: a chat sends its whole history again each turn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from gateway.scan.fingerprints import Fingerprints

if TYPE_CHECKING:
    from gateway.scan.finding import Scan
    from gateway.scan.reader import Hit

__all__ = ["HitCache", "ScanCache"]

_FIXED_COST = 400
"""Bytes that an entry costs, roughly, and each thing in it."""
_FINDING_COST = 200


class ScanCache:
    """The most recently used scans, bounded by number and by bytes; safe between threads.

    Keys are keyed hashes with a key of this process, so that nobody can prepare a collision, and
    the cache holds no text.
    """

    def __init__(self, entries: int = 4096, size: int = 16 << 20) -> None:
        self._entries = entries
        self._size = size
        self._used = 0
        self._fingerprints = Fingerprints()
        self._scans: OrderedDict[bytes, Scan] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, text: str, circumstances: bytes) -> bytes:
        """The key of ``text`` scanned under ``circumstances``, a digest of fixed length."""
        return self._fingerprints.of(text, circumstances)

    def get(self, key: bytes) -> Scan | None:
        """The scan under ``key``, if it is remembered."""
        with self._lock:
            found = self._scans.get(key)
            if found is not None:
                self._scans.move_to_end(key)
            return found

    def put(self, key: bytes, scan: Scan) -> None:
        """Remember ``scan``, and forget the oldest ones if there is no room."""
        with self._lock:
            known = self._scans.pop(key, None)
            self._used += _cost(scan) - (_cost(known) if known else 0)
            self._scans[key] = scan
            while self._scans and (self._used > self._size or len(self._scans) > self._entries):
                _, oldest = self._scans.popitem(last=False)
                self._used -= _cost(oldest)


def _cost(scan: Scan) -> int:
    return _FIXED_COST + _FINDING_COST * (len(scan.findings) + len(scan.replacements))


class HitCache:
    """What readers found in the texts read last, for other variants of their scanners.

    Holds places and no texts. Safe between threads.

    Args:
        entries: How many texts are remembered.
        most: How many hits one of them may have; one with more is read again.
        size: How many hits are remembered of all of them.
    """

    def __init__(self, entries: int = 1024, most: int = 4096, size: int = 8192) -> None:
        self._entries = entries
        self._most = most
        self._size = size
        self._used = 0
        self._found: OrderedDict[bytes, tuple[Hit, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> tuple[Hit, ...] | None:
        """The hits under ``key``, if they are remembered."""
        with self._lock:
            return self._found.get(key)

    def put(self, key: bytes, hits: tuple[Hit, ...]) -> None:
        """Remember ``hits``, and forget the oldest ones if there is no room."""
        if len(hits) > self._most:
            return
        with self._lock:
            self._used += len(hits) - len(self._found.pop(key, ()))
            self._found[key] = hits
            while self._found and (self._used > self._size or len(self._found) > self._entries):
                _, oldest = self._found.popitem(last=False)
                self._used -= len(oldest)

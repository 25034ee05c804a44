"""Remembers runs of texts in which nothing was found.

A chat sends its whole history again each turn. To recall text by text that nothing was found costs
more, all in all, than to read what is new; many at a time it does not.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from gateway.scan.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from gateway.terms import Provenance

__all__ = ["RUNS", "CleanRun", "CleanRuns", "RunKey"]

RUNS: Final = (32, 8)
"""How many texts are remembered together: runs of runs."""
_MOST_CHARS: Final = 2**17
RunKey: TypeAlias = "tuple[Hashable, ...]"


class CleanRun(NamedTuple):
    """What was read of some texts, in which nothing was found.

    Attributes:
        chars: Characters that stood there.
        scanned: Those of them that a scanner read.
        readers: The scanners that read any of them.
    """

    chars: int
    scanned: int
    readers: tuple[str, ...]


class CleanRuns:
    """The runs used last, by what they say and who read them; safe between threads.

    Holds names of texts and no texts.
    """

    def __init__(self, entries: int = 4096) -> None:
        self._entries = entries
        self._fingerprints = Fingerprints()
        self._runs: OrderedDict[RunKey, CleanRun] = OrderedDict()
        self._lock = threading.Lock()

    def key(
        self, texts: Sequence[str], sources: Sequence[Provenance], scanners: Sequence[str]
    ) -> RunKey | None:
        """The key of a run; None where it is too long to be named at once.

        Args:
            texts: Texts, one after the other.
            sources: Who wrote each of them.
            scanners: Who reads them.
        """
        sizes = tuple(map(len, texts))
        if sum(sizes) > _MOST_CHARS:
            return None
        # With the sizes it is plain where each text ends.
        return (self._fingerprints.of("".join(texts)), sizes, tuple(sources), tuple(scanners))

    def get(self, key: RunKey) -> CleanRun | None:
        """What was read of a run, if it is remembered."""
        with self._lock:
            found = self._runs.get(key)
            if found is not None:
                self._runs.move_to_end(key)
            return found

    def put(self, key: RunKey, run: CleanRun) -> None:
        """Remembers a run, and forgets the oldest one if there is no room."""
        with self._lock:
            self._runs[key] = run
            if len(self._runs) > self._entries:
                self._runs.popitem(last=False)

"""Remembers runs of texts, and what was found in them.

A chat sends its whole history again each turn. To recall text by text that nothing was found costs
more, all in all, than to read what is new; many at a time it does not. Of texts in which something
was found the places are remembered, and no text.
"""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from gateway.scan.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.finding import Finding, Scan

__all__ = ["RUNS", "Found", "Run", "RunKey", "Runs"]

RUNS: Final = (32, 8, 4)
"""How many texts are remembered together: runs of runs."""
_MOST_CHARS: Final = 2**17
_MOST_FOUND: Final = 256
"""Findings and replacements in a run that is remembered."""
RunKey: TypeAlias = bytes
"""Names what a run says, who wrote its texts and who reads them; it is short, as there are many."""


class Found(NamedTuple):
    """What was found in a text.

    Attributes:
        number: The number of the text in its run.
        scan: What was found in it.
        across: What was found in it and in earlier texts of the same author, in none of them alone.
    """

    number: int
    scan: Scan
    across: tuple[Finding, ...] = ()

    @property
    def size(self) -> int:
        """Findings and replacements."""
        return len(self.scan.findings) + len(self.scan.replacements) + len(self.across)

    def moved(self, by: int) -> Found:
        """The same in a longer run, in which so many more texts stand before it."""
        return Found(self.number + by, self.scan, self.across) if by else self


@dataclass(slots=True)
class Run:
    """What was read of some texts.

    Attributes:
        chars: Characters that stood there.
        scanned: Those of them that a scanner read.
        readers: The scanners that read any of them.
        found: What was found, text by text.
        told: What was last told of it, for its callers to keep; no text.
        said: The key of the conversation that last had stand-ins for its values, and those with
            their canonical spellings, in their order; they say nothing of the values.
    """

    chars: int
    scanned: int
    readers: tuple[str, ...]
    found: tuple[Found, ...] = ()
    told: Any = field(default=None, compare=False)
    said: tuple[bytes, list[tuple[str, str]]] | None = field(default=None, compare=False)

    @property
    def size(self) -> int:
        """Findings and replacements in it."""
        return sum(one.size for one in self.found)


class Runs:
    """The runs used last, by what they say and who read them; safe between threads.

    Holds names of texts and places in them, and no texts.

    Args:
        entries: How many are remembered.
        size: How many findings and replacements are remembered in all of them.
    """

    def __init__(self, entries: int = 4096, size: int = 32_768) -> None:
        self._entries = entries
        self._size = size
        self._used = 0
        self._fingerprints = Fingerprints()
        self._runs: OrderedDict[RunKey, Run] = OrderedDict()
        self._lock = threading.Lock()

    def key(
        self, texts: Sequence[str], sources: Sequence[str], scanners: Sequence[str]
    ) -> RunKey | None:
        """The key of a run; None where it is too long to be named at once.

        Args:
            texts: Texts, one after the other, and before them what matters to what is found there.
            sources: Who wrote each of them and how it is read, but for those that stand before.
            scanners: Who reads them.
        """
        sizes = [*map(len, texts)]
        if sum(sizes) > _MOST_CHARS:
            return None
        # With the sizes it is plain where each text ends; and no name is empty.
        names = "\0".join((*sources, "", *scanners))
        lengths = array("Q", (len(names), len(sizes), *sizes)).tobytes().hex()
        # It is plain as well where the names begin and end, so all of it is named at once.
        return self._fingerprints.of("".join((lengths, names, *texts)))

    def get(self, key: RunKey) -> Run | None:
        """What was read of a run, if it is remembered."""
        with self._lock:
            found = self._runs.get(key)
            if found is not None:
                self._runs.move_to_end(key)
            return found

    def put(self, key: RunKey, run: Run) -> None:
        """Remembers a run, and forgets the oldest ones if there is no room.

        Where very much was found in it, recalling that costs as much as reading it again.
        """
        size = run.size
        if size > _MOST_FOUND:
            return
        with self._lock:
            known = self._runs.pop(key, None)
            self._used += size - (known.size if known else 0)
            self._runs[key] = run
            while len(self._runs) > self._entries or self._used > self._size:
                _, oldest = self._runs.popitem(last=False)
                self._used -= oldest.size

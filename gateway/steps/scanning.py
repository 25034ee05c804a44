"""Reading one text, alone or with those before it, and what is remembered of several together."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.scan.runs import Found, Run
from gateway.steps.json_source import scan_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.scan.engine import Engine
    from gateway.scan.finding import Finding, Scan
    from gateway.scan.reader import Hit
    from gateway.scan.rewriting import Words
    from gateway.scan.runs import RunKey
    from gateway.steps.spread import Spread
    from gateway.wire.exchange import Text

__all__ = ["RunNames", "run_of", "scan_across", "scan_text"]


class RunNames:
    """Names the runs among some texts.

    Args:
        engine: Remembers runs.
        texts: The texts.
        scanners: Who reads them.
    """

    __slots__ = ("_json", "_runs", "_scanners", "_sources", "_values")

    def __init__(self, engine: Engine, texts: Sequence[Text], scanners: Sequence[str]) -> None:
        self._runs = engine.runs
        self._scanners = scanners
        self._values = [text.value for text in texts]
        # What is said by itself is read otherwise than what goes on with what was said before.
        self._sources = ["apart" if text.apart else text.provenance for text in texts]
        self._json = [text.json for text in texts]

    def of(self, start: int, stop: int, before: Sequence[str] = ()) -> RunKey | None:
        """The name of some of them, as they are read; None where their values do not tell.

        Args:
            start: The number of the first.
            stop: The number after the last.
            before: What stands before them and matters to what is found in them.
        """
        if True in self._json[start:stop]:
            return None
        values = [*before, *self._values[start:stop]]
        return self._runs.key(values, self._sources[start:stop], self._scanners)


def run_of(
    engine: Engine, texts: Sequence[Text], scanners: Sequence[str], found: Iterable[Found]
) -> Run | None:
    """What is to be remembered of a run that these scanners read.

    None where stand-ins are in it: whether they were issued hangs on the call.
    """
    found = tuple(found)
    if any(one.kind == "stand_in" for it in found for one in it.scan.replacements):
        return None
    known = {one: engine.readers(one, scanners) for one in {text.provenance for text in texts}}
    sizes = [(len(text.value), known[text.provenance]) for text in texts]
    chars = sum(size for size, _ in sizes)
    scanned = sum(size for size, readers in sizes if readers)
    readers = dict.fromkeys(name for size, readers in sizes if size for name in readers)
    # One number where they are the same: there are many runs.
    return Run(chars, chars if scanned == chars else scanned, _shared(*readers), found)


@lru_cache(256)
def _shared(*readers: str) -> tuple[str, ...]:
    """The names of some readers, which those of most runs are."""
    return readers


def scan_text(
    engine: Engine,
    text: Text,
    scanners: Sequence[str],
    words: Words,
    beside: tuple[Hit, ...] | None = None,
) -> Scan:
    """What some scanners find in a text; arguments as for ``Engine.scan``."""
    if text.json:
        return scan_source(engine, text.value, text.provenance, scanners, words)
    return engine.scan(text.value, text.provenance, scanners, words, beside)


def scan_across(
    engine: Engine, spread: Spread | None, scanners: Sequence[str], across: Sequence[str]
) -> tuple[Finding, ...]:
    """What some scanners find in a text of the user and those before it, and in no part alone.

    Args:
        engine: The policy's scanners.
        spread: The texts; None where there is but one.
        scanners: Those that read each text.
        across: Those of them that read texts together.
    """
    if spread is None:
        return ()
    if spread.is_whole:
        scan = engine.scan_behind(spread.before, spread.after, "user", scanners, across)
    else:
        scan = engine.scan(spread.text, "user", across)
    if not scan.findings:
        return ()
    return spread.told(scan.findings, lambda text: engine.scan(text, "user", across).findings)

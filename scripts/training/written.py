r"""``python -m scripts.training.written``: what is found of texts that were written by hand.

Nothing learns from them. Whoever wrote them had seen neither the rules, the grammars nor the public
data, and wrote the harmless ones so that they look like attacks; so these are hard texts, and new
ones. Those called plain are what people ask every day, with words that attacks have as well. A file
of ``written/`` is of one kind, has a text in each line, a line break as ``\n``, and comments after
``#``. Per kind it prints how many are flagged and how many blocked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.scan.classifier import BLOCK, FLAG
from gateway.scan.engine import Engine
from gateway.terms import PROVENANCES, ScannerSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.terms import Provenance

__all__ = ["KINDS", "scores", "shares", "texts"]

KINDS: Final[dict[str, Provenance]] = {
    "attack": "user",
    "harmless_user": "user",
    "harmless_plain": "user",
    "order": "tool",
    "harmless_data": "tool",
}
"""The kinds, and as whose text each is read."""
_FOLDER: Final = Path(__file__).parent / "written"


def texts(kind: str) -> list[str]:
    """All texts of a kind, in their order."""
    lines = [
        line
        for file in sorted(_FOLDER.glob(f"{kind}_*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("#")]


def scores(kind: str, some: Sequence[str]) -> list[float]:
    """The highest score of an injection in each text, 0 to 1; rules and the embedded model."""
    engine = Engine((ScannerSpec("injection", "injection", frozenset(PROVENANCES), flag_at=0.0),))
    found = [engine.scan(text, KINDS[kind], ["injection"]).findings for text in some]
    return [max((finding.score for finding in each), default=0.0) for each in found]


def shares(found: Sequence[float]) -> tuple[float, float]:
    """Which share of texts with these scores is flagged, and which is blocked, by default."""
    flagged, blocked = (sum(score >= least for score in found) for least in (FLAG, BLOCK))
    return flagged / len(found), blocked / len(found)


def main() -> None:
    """Measures and prints a table."""
    print("| kind | read as | texts | flagged | blocked |")
    print("|---|---|---|---|---|")
    for kind, provenance in KINDS.items():
        some = texts(kind)
        flagged, blocked = shares(scores(kind, some))
        row = f"{provenance} | {len(some)} | {flagged:.1%} | {blocked:.1%}"
        print(f"| {kind} | {row} |", flush=True)


if __name__ == "__main__":
    main()

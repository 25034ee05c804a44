"""``python -m scripts.training.foreign DIR``: how often harmless texts of other languages frighten.

``DIR`` is a tree of manual pages, such as ``usr/share/man`` of Debian's packages ``manpages-de``
and its like; nothing learns from it. Pages are full of instructions, so they are the hardest
harmless texts there are. Per language it prints how many passages are flagged and how many blocked,
as a user's text and as a document.
"""

from __future__ import annotations

import argparse
import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.scan.classifier import BLOCK, FLAG
from gateway.scan.judging import suspicion
from scripts.training.grammar import Draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.scan.classifier import Heads

__all__ = ["Figures", "figures", "passages", "plain_text"]

_SIZE: Final = 1200
"""Characters of a passage."""
_LEAST: Final = 400
_HEADS: Final[dict[str, Heads]] = {"user": ("user",), "data": ("user", "data")}
_COMMENT: Final = re.compile(r"(?m)^[.']\s*\\\".*$|^\.(?:TH|so|ds|nr|if|ie|el|de|\.).*$")
_MACRO: Final = re.compile(r"(?m)^[.']\s*[A-Za-z]{1,3}\b ?")
_ESCAPE: Final = re.compile(r"\\f(?:\(..|\[\w*\]|.)|\\s[-+]?\d|\\[&/,|^%:c]")
_SPECIAL: Final = re.compile(r"\\(?:\(([a-z]{2})|\[\w+\])")
_SIGNS: Final = {"co": "(c)", "aq": "'", "dq": '"', "en": "-", "em": "-", "bu": "*"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of the passages of one language, each from 0 to 1.

    Attributes:
        texts: How many passages there were.
        flagged: Per kind of reader the share that is flagged.
        blocked: The share that is blocked.
    """

    texts: int
    flagged: dict[str, float]
    blocked: dict[str, float]


def plain_text(page: str) -> str:
    """What a reader of a manual page sees, near enough: without requests and escapes."""
    text = _MACRO.sub("", _COMMENT.sub("", page))
    text = _SPECIAL.sub(lambda found: _SIGNS.get(found[1] or "", " "), _ESCAPE.sub("", text))
    text = text.replace("\\-", "-").replace("\\e", "\\").replace('"', "")
    return re.sub(r"\n{2,}", "\n", text).strip()


def passages(folder: Path, count: int, seed: int = 5) -> Iterator[str]:
    """So many passages of the pages in a folder, each of another page while there are any."""
    draw = Draw(seed)
    files = sorted(file for file in folder.glob("man*/*") if file.is_file())
    for at in range(len(files) - 1, 0, -1):
        other = draw.number(at + 1)
        files[at], files[other] = files[other], files[at]
    found = 0
    for file in files:
        text = plain_text(_read(file))
        if len(text) < _LEAST or found == count:
            continue
        found += 1
        start = draw.number(max(len(text) - _SIZE, 1))
        yield text[start : start + _SIZE]


def _read(file: Path) -> str:
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return data.decode("utf-8", "replace")


def figures(texts: Sequence[str]) -> Figures:
    """How often these texts frighten."""
    flagged, blocked = {}, {}
    for name, heads in _HEADS.items():
        scores = [suspicion(text, heads) for text in texts]
        flagged[name], blocked[name] = _share(scores, FLAG), _share(scores, BLOCK)
    return Figures(len(texts), flagged, blocked)


def _share(scores: Sequence[float], least: float) -> float:
    return sum(score >= least for score in scores) / max(len(scores), 1)


def _folders(tree: Path) -> list[Path]:
    """The tree itself and those in it, as far as they hold pages."""
    return [one for one in (tree, *sorted(tree.iterdir())) if any(one.glob("man*/*"))]


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(prog="python -m scripts.training.foreign", description=__doc__)
    parser.add_argument("folder", type=Path, help="manual pages: LANGUAGE/man1/page.1.gz")
    parser.add_argument("--count", type=int, default=270, help="passages of each language")
    asked = parser.parse_args()
    print("| language | passages | flagged: user | data | blocked: user | data |")
    print("|---|---|---|---|---|---|")
    for folder in _folders(asked.folder):
        found = figures(list(passages(folder, asked.count)))
        shares = (found.flagged, found.blocked)
        cells = [f"{one[name]:.1%}" for one in shares for name in _HEADS]
        print(f"| {folder.name} | {found.texts} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

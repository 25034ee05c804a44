"""``python -m bench.views``: what it costs to take the disguises off a whole text.

Microseconds of processor time per KB (1 000 characters), the fastest of some rounds: for plain
texts, for every disguise of the tests' sort, and for texts made to be dear.
"""

from __future__ import annotations

import argparse
import base64
import random
import time
from typing import Final

from bench.figures import show
from bench.texts import KINDS, text_of
from gateway.scan.views import views

_CHANCE: Final = random.Random(1)  # noqa: S311 - the same in every run
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_REPEATED: Final = {
    "digits": "0123456789",
    "zero-width": "\u200b\u200c\u2060",
    "tag characters": "\U000e0069\U000e0067",
    "combining marks": "e\u0301\u0316",
    "overrides": "\u202eabc\u202c",
    "emoji": "🔥🎉👍😀",
    "emoji and letters": "a🔥b🎉",
    "single letters": "a ",
    "dotted letters": "a.b.c.d.",
    "dotted words": "t.h.e.a.n.d.",
    "dots and dashes": ".-",
    "Morse": ".- -... . -.-. ",
    "spelling alphabet": "India Golf ",
    "leet": "1gn0r3 4b1c ",
    "ROT13": "vafgehpgvbaf gur naq ",
    "reversed": "snoitcurtsni eht ",
    "pig latin": "ethay ecretsay ",
    "upside down": "ǝɹouƃᴉ ",
    "hexadecimal pairs": "69 67 ",
    "bits": "01101001 ",
    "percent": "%69",
    "entities": "&#105;",
    "backslashes": "\\x69",
    "short lines": "abcdefgh\n",
    "long lines": "abcdefghijklmnop\n",
}


def _texts(size: int) -> dict[str, str]:
    texts = {kind: text_of(kind, size) for kind in KINDS}
    texts |= {name: (one * (size // len(one) + 1))[:size] for name, one in _REPEATED.items()}
    texts["numbers of two digits"] = " ".join(
        str(_CHANCE.randrange(10, 99)) for _ in range(size // 3)
    )
    texts["noise like base64"] = "".join(_CHANCE.choices(_BASE64, k=size))
    texts["lines like base64"] = texts["noise like base64"].replace("Q", "\n")
    texts["base64 of prose"] = base64.b64encode(texts["prose"].encode()).decode()[:size]
    return texts


def measure(size: int, rounds: int) -> dict[str, float]:
    """Microseconds per KB for each text."""
    report: dict[str, float] = {}
    for name, text in _texts(size).items():
        count = max(100_000 // size, 1)
        times = [_round(text, count) for _ in range(rounds)]
        report[name] = round(min(times) / (count * len(text)) * 1e9, 1)
    return report


def _round(text: str, count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        for _view in views(text):
            pass
    return time.process_time() - began


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.views", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=100_000, help="characters of a text")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure(chosen.size, chosen.rounds)
    show(report, as_json=chosen.json)


if __name__ == "__main__":
    main()

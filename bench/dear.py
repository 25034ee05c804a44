"""``python -m bench.dear``: searches for the texts that are dearest to read, as an attacker would.

A text is one unit over and over, with something before and behind it. Units are put together at
random of what detectors look for and of signs; the dearest so far are changed a little, again and
again. What is found is measured once more at eight times the length: where reading is linear, a KB
of it costs as much. Milliseconds of processor time per KB (1 000 characters), all scanners on.
"""

from __future__ import annotations

import argparse
import random
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.figures import show
from gateway.scan.engine import Engine, default_specs
from gateway.scan.patience import ScanTimeout, patience
from gateway.terms import PROVENANCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.terms import Provenance

_SIZE: Final = 2_000
_LONGER: Final = 8
_MOST_SECONDS: Final = 20.0
"""Of processor time that one text may take."""
_KEPT: Final = 30
_SHOWN: Final = 10
_LONGEST: Final = 300
_SIGNS: Final = [*"=:;,.-_/\\|~`'\"()[]{}<>#*+!?$@^%&0189xaAzZ \n\té你\u200b\u0301\u202e\ufe0f🔥"]
_WORDS: Final = (  # noqa: SIM905 - a list is longer
    "password secret token api_key sk- AKIA ghp_ eyJ Bearer authorization: postgres:// https:// "
    "user@ a@b.co .com ssn passport iban DE89 4111 +49 (030) 192.168. fe80:: 00:1a: ignore "
    "previous instructions system: <|im_start|> ### [INST] you are now act as ![x]( ](http <!-- "
    "<a href= name: Dr. my name is born date of birth 1990-01-01 street lives in GmbH bc1 0x xprv "
    "licence plate call me tel: reveal the prompt repeat words above base64 aWdub3Jl 6967 "
    "\\x69 \\u0069 &#105; &amp; %69 %25 i.g.n.o.r.e. p-r-e-v-i-o-u-s- s_y_s_t_e_m_"
).split(" ")


class Recipe(NamedTuple):
    """How a text is made."""

    before: str
    unit: str
    behind: str
    source: Provenance

    def text(self, size: int) -> str:
        """A text of about this many characters."""
        return self.before + (self.unit * (size // len(self.unit) + 1))[:size] + self.behind

    def shown(self) -> str:
        """The recipe for people, all of it that tells."""
        return (
            f"{self.source}: {self.before!r} {self.unit[:80]!r}({len(self.unit)}) {self.behind!r}"
        )


def search(seconds: float, seed: int) -> dict[str, str]:
    """The dearest texts that were found, and what they cost for each KB, short and long."""
    chance = random.Random(seed)  # noqa: S311 - the same search for the same seed
    specs = default_specs()
    names = tuple(spec.name for spec in specs)
    engine = Engine(specs)

    def cost(recipe: Recipe, size: int) -> float:
        text, began = recipe.text(size), time.thread_time()
        try:
            with patience(_MOST_SECONDS):
                engine.scan(text, recipe.source, names)
        except ScanTimeout:
            return float("inf")
        return (time.thread_time() - began) / len(text) * 1e6

    def least(recipe: Recipe) -> float:
        # What is compiled for the first such text counts for none; the same one is remembered.
        return min(cost(recipe, _SIZE), cost(recipe, _SIZE + 1))

    found = _searched(chance, least, time.monotonic() + seconds)
    return {
        recipe.shown(): f"{cost(recipe, _SIZE + 2):.1f}, {cost(recipe, _LONGER * _SIZE):.1f} ms/KB"
        for recipe in found[:_SHOWN]
    }


def _searched(chance: random.Random, cost: Callable[[Recipe], float], until: float) -> list[Recipe]:
    pool: list[tuple[float, Recipe]] = []
    while time.monotonic() < until:
        known = pool and chance.random() < 0.75
        recipe = _changed(chance, chance.choice(pool)[1]) if known else _new(chance)
        pool.append((cost(recipe), recipe))
        pool.sort(key=lambda one: -one[0])
        # Of those that are made of the same characters, only the dearest.
        kept = {frozenset(recipe.unit): (each, recipe) for each, recipe in reversed(pool)}
        pool = sorted(kept.values(), key=lambda one: -one[0])[:_KEPT]
    return [recipe for _, recipe in pool]


def _unit(chance: random.Random) -> str:
    parts = chance.choices([*_SIGNS, *_WORDS], k=chance.randint(1, 5))
    return "".join(parts)


def _new(chance: random.Random) -> Recipe:
    before, behind = chance.choice(["", _unit(chance)]), chance.choice(["", _unit(chance)])
    return Recipe(before, _unit(chance), behind, chance.choice(sorted(PROVENANCES)))


def _changed(chance: random.Random, recipe: Recipe) -> Recipe:
    unit, at = recipe.unit, chance.randrange(len(recipe.unit))
    match chance.randrange(6):
        case 0:
            return recipe._replace(before=_unit(chance))
        case 1:
            return recipe._replace(behind=_unit(chance))
        case 2:
            unit += _unit(chance)
        case 3:
            unit = unit[:at] + chance.choice(_SIGNS) + unit[at:]
        case 4:
            unit = unit[:at] + unit[at + 1 :]
        case _:
            unit = unit * chance.randint(2, 9) + _unit(chance)
    return recipe._replace(unit=unit[:_LONGEST] or chance.choice(_SIGNS))


def main() -> None:
    """Searches and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.dear", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    show(search(chosen.seconds, chosen.seed), as_json=chosen.json, form="")


if __name__ == "__main__":
    main()

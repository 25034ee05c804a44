"""``python -m bench.presidio --env DIR``: the gateway's scanner of personal data beside Presidio's.

Presidio's recognisers of patterns come from PyPI, into an environment of their own in DIR, which is
made where there is none (a few hundred MB). No language model is loaded. Both read the same texts,
each in a process of its own, for the entities that both know: labelled ones of ``--data``, in the
format of ``gateway evaluate``, or some that the bench makes. Per set: milliseconds of processor
time per KB; per entity how many are expected, found, and how many texts without it are reported.
Then the gateway consults Presidio's analyser over HTTP, as a scanner with ``ask`` does, about each
text of the first set: how long that takes, and that it comes to what the analyser says by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import venv
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.presidio_texts import rows
from gateway.consult.remote import RemoteAnalyzer
from gateway.evaluation.judging import Judged, Speed
from gateway.evaluation.rows import Span, read_rows
from gateway.evaluation.values import EntityFigures, entity_figures
from gateway.model_settings import ModelSettings
from gateway.scan.engine import known_entities

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.evaluation.rows import Row

__all__ = ["Side", "consulted", "figures", "table"]

VERSION: Final = "2.2.366"
"""Of presidio-analyzer."""
_SIDE: Final = Path(__file__).with_name("presidio_side.py")
_SERVICE: Final = Path(__file__).with_name("presidio_service.py")
_LEAST: Final = 0.5
"""The gateway's threshold; Presidio reports every score unless it is told one."""


@dataclass(frozen=True, slots=True)
class Side:
    """One scanner's readings of the texts of one set, in their order.

    Attributes:
        name: Which scanner.
        found: Per text what it found, with a score.
        seconds: Processor time for all texts.
    """

    name: str
    found: tuple[tuple[tuple[Span, float], ...], ...]
    seconds: float

    def from_score(self, least: float) -> Side:
        """The same without what has a lower score."""
        kept = tuple(tuple(one for one in each if one[1] >= least) for each in self.found)
        return replace(self, name=f"{self.name} from {least}", found=kept)


def figures(texts: Sequence[Row], side: Side, entities: Iterable[str]) -> dict[str, EntityFigures]:
    """The figures of each entity, as ``gateway evaluate`` makes them."""
    judged = [
        Judged(
            row.source, row.kind, "user", 0.0,
            flagged=False, blocked=False, secret=False,
            found=tuple(span for span, _ in found), spans=row.spans, entity=row.entity,
        )
        for row, found in zip(texts, side.found, strict=True)
    ]  # fmt: skip
    return {one.entity: one for one in entity_figures(judged, frozenset(entities))[0]}


def table(texts: Sequence[Row], sides: Sequence[Side], entities: Iterable[str]) -> list[list[str]]:
    """A line for each entity and one for all: expected, then found and false of each side."""
    by_side = [figures(texts, side, entities) for side in sides]
    lines = [["", "expected", "without", *(f"{one.name}: found, false" for one in sides)]]
    lines += [_line(name, [[one[name]] for one in by_side]) for name in sorted(by_side[0])]
    return [*lines, _line("all", [[*one.values()] for one in by_side])]


def _line(name: str, by_side: Sequence[Sequence[EntityFigures]]) -> list[str]:
    first = by_side[0]
    counts = [
        f"{sum(one.found for one in each)}, {sum(one.false for one in each)}" for each in by_side
    ]
    return [
        name,
        str(sum(it.expected for it in first)),
        str(sum(it.clean for it in first)),
        *counts,
    ]


def _environment(folder: Path) -> str:
    """The Python of Presidio's environment, which is made where there is none."""
    python = str(folder.absolute() / "bin" / "python")
    if not Path(python).exists():
        venv.create(folder, with_pip=True)
    asked = [python, "-I", "-c", "import presidio_analyzer"]
    if subprocess.run(asked, check=False, capture_output=True).returncode:
        wanted = f"presidio-analyzer=={VERSION}"
        subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True)
    return python


def _ask(command: Sequence[str], side: str, given: dict[str, Any]) -> dict[str, Any]:
    """What one scanner makes of it, in a process of its own that finds the gateway's code."""
    done = subprocess.run(
        [*command, str(_SIDE), side],
        input=json.dumps(given).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(_SIDE.parents[1])},
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _side(name: str, command: Sequence[str], side: str, given: dict[str, Any]) -> Side:
    answer = _ask(command, side, given)
    found = tuple(
        tuple((Span(start, end, entity), score) for entity, start, end, score in each)
        for each in answer["found"]
    )
    return Side(name, found, answer["seconds"])


def consulted(python: str, texts: Sequence[str], entities: Sequence[str]) -> Side:
    """What the gateway hears of Presidio's analyser over HTTP, and how long that takes.

    Args:
        python: The Python of Presidio's environment.
        texts: The texts.
        entities: What its recognisers look for.
    """
    command = [python, "-I", str(_SERVICE), json.dumps([*entities])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as service:  # type: ignore[call-overload]
        try:
            url = f"http://127.0.0.1:{int(service.stdout.readline())}/analyze"
            return asyncio.run(_heard(url, texts))
        finally:
            service.stdin.close()


async def _heard(url: str, texts: Sequence[str]) -> Side:
    settings = ModelSettings.model_validate({"analyzer_url": url, "deadline": "30s"})
    analyzer = RemoteAnalyzer(url, settings)
    began = time.perf_counter()
    said = [(await analyzer.read([text]))[0] for text in texts]
    seconds = time.perf_counter() - began
    await analyzer.close()
    found = tuple(
        tuple((Span(one.start, one.end, one.entity), one.score) for one in each) for each in said
    )
    return Side("consulted over HTTP", found, seconds)


def _print(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        first, *others = (each.rjust(width) for each, width in zip(line, widths, strict=True))
        print("  ".join((first.strip().ljust(widths[0]), *others)))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.presidio", description=__doc__)
    parser.add_argument("--env", type=Path, required=True, help="the folder of its environment")
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="files of labelled texts")
    parser.add_argument("--count", type=int, default=20, help="values of each kind to make")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    theirs = [_environment(chosen.env), "-I"]
    ours = known_entities()["pii"]
    given = {"texts": [], "entities": sorted(ours), "rounds": 1}
    entities = sorted(ours & {*_ask(theirs, "presidio", given)["knows"]})
    sets: dict[str, list[Row]] = defaultdict(list)
    read = (row for file in chosen.data for row in read_rows(file) if "pii" in row.kind)
    for row in read if chosen.data else rows(chosen.count, chosen.seed):
        sets[row.source.partition("/")[0]].append(row)
    print(f"presidio-analyzer {VERSION}; {len(entities)} entities that both know")
    for name, texts in sets.items():
        asked = {
            "texts": [row.text for row in texts], "entities": entities, "rounds": chosen.rounds
        }  # fmt: skip
        by_itself = _side("presidio", theirs, "presidio", asked)
        _report(name, texts, entities, [
            _side("gateway", [sys.executable, "-P"], "gateway", asked),
            _side("recognisers", theirs, "recognisers", asked),
            by_itself,
        ])  # fmt: skip
        if name == next(iter(sets)):
            heard = consulted(theirs[0], asked["texts"], entities)
            same = sum(map(_same, heard.found, by_itself.found))
            cost = heard.seconds / len(texts) * 1e3
            print(f"  {heard.name}: {cost:.1f} ms a text, the same in {same} of {len(texts)} texts")


def _same(one: Sequence[tuple[Span, float]], other: Sequence[tuple[Span, float]]) -> bool:
    """Whether two readings of a text say the same, in whatever order."""
    return sorted(map(repr, one)) == sorted(map(repr, other))


def _report(name: str, texts: Sequence[Row], entities: Sequence[str], sides: list[Side]) -> None:
    size = sum(len(row.text.encode()) for row in texts)
    print(f"\n{name}: {len(texts)} texts, {size / 1024:.0f} KB")
    for side in sides:
        cost = Speed(len(texts), size, side.seconds).ms_per_kb
        print(f"  {side.name}: {cost:.3f} ms/KB")
    ours, _, theirs = sides
    compared = [ours, theirs, theirs.from_score(_LEAST)]
    if not any(row.spans for row in texts):
        for side in compared:
            print(f"  {side.name}: something found in {sum(map(bool, side.found))} texts")
        return
    _print(table(texts, compared, entities))


if __name__ == "__main__":
    main()

"""How a head learns: which parts of which texts it is shown, and how much each of them counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from gateway.scan.classifier import STRIDES, WINDOWS
from gateway.scan.ngrams import BITS
from scripts.training.fit import Examples, fit
from scripts.training.library import CODE, MANUAL
from scripts.training.texts import HONEST
from scripts.training.windows import Features, Part, scale_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gateway.scan.model_file import HeadName
    from scripts.training.rows import Row

__all__ = ["Learner", "Learnt", "Settings", "chosen"]

_REQUESTS: Final = frozenset(
    {
        *("notinject", "xstest", "deepset_prompt_injections", "cyberseceval_frr"),
        *("cyberseceval_code_benign", "selfinstruct_seed", "injecagent_user_benign"),
        *("spikee_seeds", "harmful_behaviors", "made:user_plain"),
        *("made:task", "made:everyday", "made:agent_ask"),
        *(f"made:{symbol}" for symbol in HONEST),
    }
)
"""What people ask of a model; in a document the same would be an order."""
_WIDE = WINDOWS[-1]
_HARDEST: Final = 3
_MOST_PARTS: Final = 12
_PLACED: Final = 0.3


@dataclass(frozen=True, slots=True)
class Settings:
    """How to learn.

    Attributes:
        penalty: Of the squared weights.
        steps: Most steps of each round.
        rounds: How often the hardest parts of texts are looked for again.
        harmless: How much harmless texts count, all in all, where attacks count one.
        made: How much texts of the generator count, where all sources count one.
        technical: How much more a passage of code or of a manual counts than its source would.
        foreign: How much more running text of other languages counts.
    """

    penalty: float = 2e-5
    steps: int = 25
    rounds: int = 3
    harmless: float = 2.0
    made: float = 1.0
    technical: float = 1.0
    foreign: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A head before it is packed."""

    table: NDArray[np.float32]
    bias: float

    def margin(self, features: Features) -> float:
        """The greatest margin of any window of a text."""
        return features.greatest(self.table) + self.bias if features.size else self.bias


def chosen(rows: Iterable[Row], head: HeadName) -> list[Row]:
    """The rows from which a head learns."""
    if head == "user":
        return [row for row in rows if not (row.attack and row.data)]
    return [row for row in rows if row.attack or not _is_request(row)]


def _is_request(row: Row) -> bool:
    return row.source in _REQUESTS or (row.source == "craibench_agent_runs" and not row.data)


class Learner:
    """Learns heads, and keeps the features of texts between them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._features: dict[str, Features] = {}

    def features(self, row: Row) -> Features:
        """The features of a row's text."""
        found = self._features.get(row.text)
        if found is None:
            found = self._features[row.text] = Features(row.text)
        return found

    def learn(self, rows: Sequence[Row], settings: Settings | None = None) -> Learnt:
        """A head that tells the attacks among these rows from the others.

        Args:
            rows: What to learn from.
            settings: How, if not as ever.
        """
        settings = settings or self._settings
        rows = [row for row in rows if len(self.features(row).rows)]
        shares = _shares(rows, settings)
        learnt: tuple[NDArray[np.float32], float] | None = None
        for _ in range(settings.rounds):
            table = None if learnt is None else learnt[0]
            shown = [
                (row, part, share * weight)
                for row, share in zip(rows, shares, strict=True)
                for part, weight in self._parts(row, table)
            ]
            examples = self._examples(shown)
            learnt = fit(examples, 1 << BITS, penalty=settings.penalty, steps=settings.steps,
                         begin=learnt)  # fmt: skip
        if learnt is None:
            raise ValueError("it takes at least one round")
        return Learnt(*learnt)

    def _parts(self, row: Row, table: NDArray[np.float32] | None) -> list[tuple[Part, float]]:
        """Which parts of a text are shown, and how much each counts.

        At first all of them, afterwards those that look most like an attack: in a harmless text
        the hardest, in an attack the one that gives it away.
        """
        features = self.features(row)
        known = row.attack and row.end > 0
        parts = [((row.start, min(row.end, row.start + _WIDE)), _PLACED)] if known else []
        if table is None:
            if not known:
                windows = features.windows(_WIDE)
                windows = windows[:: max(len(windows) // _MOST_PARTS, STRIDES)]
                parts += [(one, 1 / len(windows)) for one in windows]
            return parts
        before = 0
        for width in WINDOWS:
            whole, before = features.size <= before, width
            if whole or (row.attack and not known and width != _WIDE and features.size > width):
                continue
            windows, margins = features.windows(width), features.margins(table, width)
            order = np.argsort(-margins, kind="stable")[: 1 if row.attack else _HARDEST]
            parts += [(windows[at], 1 / len(order)) for at in order.tolist()]
        return parts

    def _examples(self, shown: Sequence[tuple[Row, Part, float]]) -> Examples:
        parts = [(self.features(row).part(part), row, part, share) for row, part, share in shown]
        parts = [one for one in parts if len(one[0])]
        return Examples(
            np.concatenate([rows for rows, *_ in parts]),
            np.cumsum([len(rows) for rows, *_ in parts]),
            np.array([scale_of(part[1] - part[0]) for _, _, part, _ in parts]),
            np.array([float(row.attack) for _, row, _, _ in parts]),
            np.array([share for *_, share in parts]),
        )


def _shares(rows: Sequence[Row], settings: Settings) -> list[float]:
    """Each source counts as much as any other, and the generator as much as all of them.

    Harmless texts that look like what most documents are count more: few sources have any.
    """
    rows_of = Counter(row.source for row in rows)
    kinds = Counter((row.attack, row.made) for row in {row.source: row for row in rows}.values())
    made = Counter(row.attack for row in rows if row.made)
    shares = []
    for row in rows:
        share = (
            settings.made / made[row.attack]
            if row.made
            else 1 / kinds[row.attack, False] / rows_of[row.source]
        )
        shares.append(share if row.attack else share * settings.harmless * _weight(row, settings))
    return shares


def _weight(row: Row, settings: Settings) -> float:
    if row.source in (CODE, MANUAL):
        return settings.technical
    return settings.foreign if row.made and row.group.endswith("_text") else 1.0

"""From what was learnt to the file: small numbers, and the margins that mean "flag" and "block"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gateway.scan.model_file import Head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.training.learning import Learnt

__all__ = ["margin_at", "packed_head"]

_GREATEST: Final = 127
_LEAST_GAP: Final = 0.5


def packed_head(learnt: Learnt, flag: float, block: float) -> Head:
    """A head in steps of one byte.

    Args:
        learnt: The head.
        flag: The margin at which the score is 0.6.
        block: The margin at which it is 0.9.
    """
    # The few greatest weights, of senses, say most: none of them may be cut.
    unit = float(np.abs(learnt.table).max()) / _GREATEST or 1.0
    table = np.rint(learnt.table / unit).astype(np.int8)
    return Head(table, unit, learnt.bias, flag, max(block, flag + _LEAST_GAP))


def margin_at(margins: Sequence[Sequence[float]], rate: float) -> float:
    """The margin that so many texts exceed, each set of texts counting as much as any other."""
    values = np.concatenate([np.asarray(one, np.float64) for one in margins])
    shares = np.concatenate([np.full(len(one), 1 / len(one) / len(margins)) for one in margins])
    order = np.argsort(-values, kind="stable")
    place = int(np.searchsorted(np.cumsum(shares[order]), rate))
    return float(values[order][min(place, len(order) - 1)])

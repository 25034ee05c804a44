"""Logistic regression over hashed features: full batches, one order, the same bits every time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Examples", "fit"]

_Vector: TypeAlias = "NDArray[np.float64]"
_Loss: TypeAlias = "Callable[[_Vector], tuple[float, _Vector]]"

_HISTORY: Final = 8
_ARMIJO: Final = 1e-4
_FLAT: Final = 1e-12
_SMALLEST_STEP: Final = 1e-8
_GAIN: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts as rows of the table.

    Attributes:
        rows: The features of all texts, one text after the other.
        ends: Where in ``rows`` each text ends; none is empty.
        scales: By what the sum of a text's weights is multiplied.
        attack: 1.0 or 0.0 per text.
        weights: How much each text counts.
    """

    rows: NDArray[np.uint32]
    ends: NDArray[np.int64]
    scales: NDArray[np.float64]
    attack: NDArray[np.float64]
    weights: NDArray[np.float64]


class _Sums:
    """Sums of the weights of each text, and back from texts to weights, without a loop."""

    def __init__(self, examples: Examples, size: int) -> None:
        self._rows = examples.rows
        self._starts = np.concatenate(([0], examples.ends[:-1]))
        self._size = size
        texts = np.repeat(
            np.arange(len(examples.ends), dtype=np.int32),
            np.diff(examples.ends, prepend=0),
        )
        order = np.argsort(examples.rows, kind="stable")
        by_row = examples.rows[order]
        self._texts = texts[order]
        self._firsts = np.flatnonzero(np.diff(by_row.astype(np.int64), prepend=-1))
        self._used = by_row[self._firsts]

    def of_texts(self, table: NDArray[np.float32]) -> _Vector:
        """The sum of the weights of each text."""
        return np.add.reduceat(table.take(self._rows).astype(np.float64), self._starts)

    def of_rows(self, values: _Vector) -> _Vector:
        """For each row the sum of the values of the texts that have it, as often as they do."""
        sums = np.zeros(self._size)
        sums[self._used] = np.add.reduceat(values.take(self._texts), self._firsts)
        return sums


def fit(
    examples: Examples,
    size: int,
    *,
    penalty: float,
    steps: int,
    begin: tuple[NDArray[np.float32], float] | None = None,
) -> tuple[NDArray[np.float32], float]:
    """The table and the bias with the least weighted loss, by L-BFGS.

    Args:
        examples: What to learn from.
        size: Rows of the table.
        penalty: Of the squared weights.
        steps: Most steps.
        begin: Where to begin, instead of at nothing.
    """
    point = np.zeros(size + 1)
    if begin is not None:
        point[:-1], point[-1] = begin
    point = _minimised(_loss(examples, size, penalty), point, steps)
    return point[:-1].astype(np.float32), float(point[-1])


def _loss(examples: Examples, size: int, penalty: float) -> _Loss:
    weights = examples.weights / examples.weights.sum()
    signs = 2 * examples.attack - 1
    sums = _Sums(examples, size)

    def loss(point: _Vector) -> tuple[float, _Vector]:
        table, bias = point[:-1], point[-1]
        said = (sums.of_texts(table.astype(np.float32)) * examples.scales + bias) * signs
        value = float(_dot(weights, np.logaddexp(0, -said)) + 0.5 * penalty * _dot(table, table))
        slopes = -weights * signs / (1 + np.exp(np.clip(said, -500, 500)))
        gradient = np.empty(size + 1)
        gradient[:-1] = sums.of_rows(slopes * examples.scales) + penalty * table
        gradient[-1] = slopes.sum()
        return value, gradient

    return loss


def _dot(one: _Vector, other: _Vector) -> float:
    """The scalar product, summed in an order that hangs on no library and no number of threads."""
    return float((one * other).sum())


def _minimised(loss: _Loss, point: _Vector, steps: int) -> _Vector:
    """Where the loss is least, as far as some steps lead (Nocedal & Wright, algorithm 7.5)."""
    value, gradient = loss(point)
    moves: list[tuple[_Vector, _Vector]] = []
    for _ in range(steps):
        direction = -_turned(gradient, moves)
        slope = _dot(direction, gradient)
        if slope > -_FLAT:
            break
        step = 1.0 if moves else 1 / max(_dot(gradient, gradient) ** 0.5, _FLAT)
        new = point + step * direction
        new_value, new_gradient = loss(new)
        while new_value > value + _ARMIJO * step * slope and step > _SMALLEST_STEP:
            step /= 2
            new = point + step * direction
            new_value, new_gradient = loss(new)
        if _dot(new - point, new_gradient - gradient) > _FLAT:
            moves = [*moves, (new - point, new_gradient - gradient)][-_HISTORY:]
        gained = value - new_value
        point, value, gradient = new, new_value, new_gradient
        if gained < _GAIN * value:
            break
    return point


def _turned(gradient: _Vector, moves: list[tuple[_Vector, _Vector]]) -> _Vector:
    """The gradient times the inverse of the curvature that the last moves show."""
    turned = gradient.copy()
    factors = []
    for move, change in reversed(moves):
        factor = _dot(move, turned) / _dot(move, change)
        factors.append(factor)
        turned -= factor * change
    if moves:
        move, change = moves[-1]
        turned *= _dot(move, change) / _dot(change, change)
    for factor, (move, change) in zip(reversed(factors), moves, strict=True):
        turned += (factor - _dot(change, turned) / _dot(move, change)) * move
    return turned

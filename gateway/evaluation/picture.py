"""The curves of an evaluation as a picture: SVG, told apart by more than colours."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.evaluation.figures import AttackFigures, Point

__all__ = ["picture"]

_WIDTH: Final = 860
_LEFT: Final = 60
_TOP: Final = 40
_SIDE: Final = 440
_LEAST: Final = 1e-4
"""Rates of false positives below this are drawn at the left border."""
_COLOURS: Final = ("#1b6ca8", "#c1440e", "#2e7d32", "#6a1b9a", "#b8860b", "#00838f", "#ad1457")
_DASHES: Final = ("none", "7 3", "2 3")
_STYLE: Final = "font-family='sans-serif' font-size='12'"


def picture(attacks: Sequence[AttackFigures]) -> str:
    """One curve per set of attacks: recall against false positives, on a logarithmic axis.

    Args:
        attacks: The sets; those without a curve are left out.
    """
    drawn = [one for one in attacks if one.curve]
    height = max(_TOP + _SIDE + 60, _TOP + 20 * len(drawn) + 20)
    size = f"width='{_WIDTH}' height='{height}' viewBox='0 0 {_WIDTH} {height}'"
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {_STYLE}>",
        "<title>Recall by rate of false positives</title>",
        f"<rect width='{_WIDTH}' height='{height}' fill='white'/>",
        *_axes(),
    ]
    for index, one in enumerate(drawn):
        lines.extend(_curve(index, one))
    return "\n".join([*lines, "</svg>", ""])


def _axes() -> Iterator[str]:
    place = f"x='{_LEFT}' y='{_TOP}' width='{_SIDE}' height='{_SIDE}'"
    yield f"<rect {place} fill='none' stroke='#333'/>"
    for rate, name in (
        (1e-4, "0.01 %"),
        (1e-3, "0.1 %"),
        (1e-2, "1 %"),
        (0.1, "10 %"),
        (1, "100 %"),
    ):
        x = _x(rate)
        yield f"<line x1='{x}' y1='{_TOP}' x2='{x}' y2='{_TOP + _SIDE}' stroke='#ddd'/>"
        yield _label(x, _TOP + _SIDE + 18, name, "middle")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        yield f"<line x1='{_LEFT}' y1='{y}' x2='{_LEFT + _SIDE}' y2='{y}' stroke='#ddd'/>"
        yield _label(_LEFT - 8, y + 4, f"{share:.2f}", "end")
    yield _label(
        _LEFT + _SIDE / 2, _TOP + _SIDE + 40, "harmless texts of other sets flagged", "middle"
    )
    yield _label(_LEFT, _TOP - 14, "attacks found (recall)", "start")


def _curve(index: int, one: AttackFigures) -> Iterator[str]:
    colour = _COLOURS[index % len(_COLOURS)]
    dash = _DASHES[index // len(_COLOURS) % len(_DASHES)]
    pen = f"fill='none' stroke='{colour}' stroke-width='2' stroke-dasharray='{dash}'"
    yield f"<path d='{_path(one.curve)}' {pen}><title>{escape(one.source)}</title></path>"
    x, y = _LEFT + _SIDE + 24, _TOP + 20 * index + 8
    yield f"<line x1='{x}' y1='{y}' x2='{x + 26}' y2='{y}' {pen}/>"
    yield _label(x + 34, y + 4, f"{one.source} ({one.texts})", "start")


def _path(curve: Sequence[Point]) -> str:
    """Steps: between two scores nothing changes."""
    points = [(_x(one.false_positives), _y(one.recall)) for one in curve]
    first, *rest = points
    steps = "".join(f" H{x} V{y}" for x, y in rest)
    return f"M{first[0]} {first[1]}{steps}"


def _x(rate: float) -> float:
    share = 1 - log10(max(rate, _LEAST)) / log10(_LEAST)
    return round(_LEFT + _SIDE * share, 1)


def _y(share: float) -> float:
    return round(_TOP + _SIDE * (1 - share), 1)


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f"<text x='{x}' y='{y}' text-anchor='{anchor}' fill='#222'>{escape(text)}</text>"

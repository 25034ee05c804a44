from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.evaluation.figures import AttackFigures, Point
from gateway.evaluation.picture import picture

SVG = "{http://www.w3.org/2000/svg}"


def figures(source: str, *points: tuple[float, float]) -> AttackFigures:
    curve = tuple(Point(0.5, false, recall) for false, recall in points)
    return AttackFigures(source, ("direct",), 10, {}, 0.0, 0.0, curve)


def test_each_set_has_a_curve_and_its_name() -> None:
    drawn = [figures(f"set <{number}>", (0.0, 0.2), (0.01, 0.5), (1.0, 1.0)) for number in range(9)]
    tree = ET.fromstring(picture([*drawn, figures("none")]))  # noqa: S314 - our own
    paths = tree.findall(f"{SVG}path")
    assert len(paths) == 9
    texts = [one.text for one in tree.iter(f"{SVG}text")]
    assert all(f"set <{number}> (10)" in texts for number in range(9))
    # No two are drawn with the same pen.
    pens = {(one.get("stroke"), one.get("stroke-dasharray")) for one in paths}
    assert len(pens) == 9


def test_rates_lie_on_a_logarithmic_axis() -> None:
    (path,) = ET.fromstring(  # noqa: S314 - our own
        picture([figures("a", (0.0, 0.0), (0.01, 0.5), (1.0, 1.0))])
    ).iter(f"{SVG}path")
    assert path.get("d") == "M60.0 480.0 H280.0 V260.0 H500.0 V40.0"

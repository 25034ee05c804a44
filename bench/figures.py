"""Prints what was measured, for people or for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["show"]


def show(report: Mapping[str, Any], *, as_json: bool, form: str = ">8", unit: str = "") -> None:
    """Print a report, one figure a line.

    Args:
        report: Figures by their names.
        as_json: Print JSON.
        form: How a figure is formatted, as in an f-string.
        unit: What is written after it, with the space before.
    """
    if as_json:
        print(json.dumps(report))
        return
    width = max(map(len, report))
    for name, value in report.items():
        print(f"{name:<{width}}  {value:{form}}{unit}")

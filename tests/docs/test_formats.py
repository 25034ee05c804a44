"""The page on formats has every path that is served, as it is served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.wire.formats import ROUTES, Route

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
ROWS = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.split("\n")]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path.decode())
def test_every_path_stands_there_with_its_names(route: Route) -> None:
    (method,) = route.methods
    (row,) = (row for row in ROWS if row[0] == f"`{method} {route.path.decode()}`")
    assert row[2] == f"`{route.format.name}`"
    assert row[3] == ("any allowed role" if route.kind == "models" else f"`{route.name}`")


def test_every_query_parameter_stands_there() -> None:
    known = {name for route in ROUTES if route.kind == "generate" for name in route.query}
    queries = PAGE.partition("## Queries")[2]
    assert known <= set(re.findall(r"`([a-z-]+)`", queries))

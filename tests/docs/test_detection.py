from __future__ import annotations

import re
from pathlib import Path

from gateway.scan.engine import known_entities

PAGE = (Path(__file__).parents[2] / "docs" / "detection.md").read_text()


def test_every_entity_of_personal_data_stands_in_the_tables_and_no_other() -> None:
    part = PAGE.split("| where | entities of `pii` |")[1].split("\n\n")[0]
    assert set(re.findall(r"`([A-Z_]+)`", part)) == known_entities()["pii"]

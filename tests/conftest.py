"""Fixtures that several rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from house import House, build

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running gateway with the starter policy in front of the demo model."""
    with build(tmp_path_factory.mktemp("house")) as house:
        yield house

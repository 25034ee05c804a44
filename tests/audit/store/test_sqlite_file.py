from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.store.sqlite_file import store_path
from gateway.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:///data/audit.db", "data/audit.db"), ("sqlite:////var/audit.db", "/var/audit.db")],
)
def test_a_url_names_a_file(url: str, path: str) -> None:
    assert store_path(url) == Path(path)


@pytest.mark.parametrize("url", ["", "sqlite:///", "audit.db", "postgresql://x/y", "sqlite:///a\0"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="no audit store"):
        store_path(url)

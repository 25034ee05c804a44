from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gateway.audit.store.opening import check_creatable, named, open_reader, open_store
from gateway.errors import AuditUnavailable, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("url", ["", "audit.db", "mysql://x/y"])
def test_another_url_is_refused(url: str) -> None:
    for act in (lambda: open_store(url, 1.0, "open"), lambda: open_reader(url)):
        with pytest.raises(ConfigurationError, match="no audit store"):
            act()


def test_a_store_is_named_without_its_scheme(tmp_path: Path) -> None:
    assert named(f"sqlite:///{tmp_path}/audit.db") == f"{tmp_path}/audit.db"


def test_a_database_is_named_without_its_password() -> None:
    assert named("postgresql://u:s3cret@localhost/audit") == "postgresql://u@localhost/audit"
    check_creatable("postgresql://u:s3cret@localhost/audit")


@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cret@192.0.2.1/audit", "postgrsql://u:s3cret@localhost/audit"]
)
def test_a_url_that_is_refused_shows_no_password(url: str) -> None:
    for act in (lambda: open_store(url, 1.0, "open"), lambda: open_reader(url)):
        with pytest.raises(ConfigurationError) as caught:
            act()
        assert "s3cret" not in str(caught.value)


def test_a_missing_store_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(AuditUnavailable, match="No such file"):
        open_reader(f"sqlite:///{tmp_path}/audit.db")


def test_a_store_can_be_made_where_its_folder_can_be_written(tmp_path: Path) -> None:
    check_creatable(f"sqlite:///{tmp_path}/new/audit.db")
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(ConfigurationError, match="cannot be written"):
            check_creatable(f"sqlite:///{tmp_path}/new/audit.db")

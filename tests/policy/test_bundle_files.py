"""Plain files of one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.policy.bundle_files import digest_contents, read_plain, write_plain
from gateway.policy.load import load_policy

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_as_it_was_written(folder: Path) -> None:
    write_plain(folder / "f", b"bytes")
    assert read_plain(folder, "f", 5) == b"bytes"


def test_a_file_that_is_too_large_is_refused(folder: Path) -> None:
    (folder / "f").write_bytes(b"123456")
    with pytest.raises(ConfigurationError, match="is larger than 5 bytes"):
        read_plain(folder, "f", 5)


@pytest.mark.parametrize("name", ["missing", "folder"])
def test_what_is_no_file_is_refused(folder: Path, name: str) -> None:
    (folder / "folder").mkdir()
    with pytest.raises(ConfigurationError, match=r"cannot be read|is no plain file"):
        read_plain(folder, name, 5)


def test_a_device_is_no_plain_file_even_where_a_link_leads_to_it(folder: Path) -> None:
    (folder / "f").symlink_to("/dev/zero")
    with pytest.raises(ConfigurationError, match="leads out of the policy's folder"):
        read_plain(folder, "f", 5)


def test_the_digest_is_that_of_the_policy(folder: Path) -> None:
    contents = {"a.yaml": b"version: 1\n", "b.yaml": "models: {x: [m\u00e4rz]}\n".encode()}
    for name, raw in contents.items():
        (folder / name).write_bytes(raw)
    assert digest_contents(folder, contents) == load_policy([folder]).digest


def test_what_cannot_be_written_is_said(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        write_plain(folder / "no" / "f", b"")

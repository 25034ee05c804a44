"""Key files: written once, and read only where nobody else can."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.key_files import (
    PRIVATE,
    PUBLIC,
    create_key,
    create_random_key,
    prepare_folder,
    random_key,
    read_key_file,
    read_random_key,
    read_random_keys,
    refuse_existing,
    refuse_key,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_has_its_mode_from_the_start_and_its_folder_is_the_owners(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "deep" / "down"
    prepare_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    for name, mode in (("private", PRIVATE), ("public", PUBLIC)):
        path = folder / name
        create_key(path, b"content", mode)
        assert path.stat().st_mode & 0o777 == mode
        assert read_key_file(path, "make one", private=mode == PRIVATE) == b"content"


def test_no_file_is_overwritten_and_no_link_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "key", tmp_path / "link"
    create_key(path, b"first", PRIVATE)
    link.symlink_to(tmp_path / "elsewhere")
    for taken in (path, link):
        with pytest.raises(ConfigurationError, match="the file exists; keys are never overwritten"):
            refuse_existing(tmp_path / "free", taken)
        with pytest.raises(ConfigurationError, match="the key cannot be written: File exists"):
            create_key(taken, b"second", PRIVATE)
    refuse_existing(tmp_path / "free")
    assert path.read_bytes() == b"first"
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_written_or_read_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"file/key: the key cannot be written: "):
        create_key(tmp_path / "file" / "key", b"content", PRIVATE)
    with pytest.raises(ConfigurationError, match=r"file: the key cannot be written: "):
        prepare_folder(tmp_path / "file")
    with pytest.raises(ConfigurationError, match=r"none: the key cannot be read: .*; make one"):
        read_key_file(tmp_path / "none", "make one")


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o602, 0o644])
def test_a_private_key_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    create_key(path, b"content", PRIVATE)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match="open to others; run `chmod 600"):
        read_key_file(path, "make one", private=True)
    assert read_key_file(path, "make one") == b"content"


def test_a_long_file_is_read_to_its_bound_only(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * 100_000)
    assert len(read_key_file(tmp_path / "key", "make one")) == 65_536


def test_a_refusal_names_file_and_advice(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"key: this is none; make one$"):
        refuse_key(tmp_path / "key", "this is none", "make one")


def test_a_key_is_written_once_and_read_back(tmp_path: Path) -> None:
    path = create_random_key(tmp_path / "p.key")
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_random_key(path)) == 32
    assert read_random_key(path) == read_random_key(path)
    with pytest.raises(ConfigurationError):
        create_random_key(path)


def test_every_key_is_another() -> None:
    assert random_key() != random_key()


@pytest.mark.parametrize(
    "content",
    [b"", b"no base64!", base64.b64encode(b"short"), base64.b64encode(b"a" * 32), b"\xff" * 44],
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"p\.key: is no key of 32 random bytes"):
        read_random_key(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = create_random_key(tmp_path / "p.key")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="open to others"):
        read_random_key(path)


def test_keys_that_were_replaced_stand_below_the_new_one(tmp_path: Path) -> None:
    first = create_random_key(tmp_path / "1.key")
    second = create_random_key(tmp_path / "2.key", *read_random_keys(first))
    assert second.stat().st_mode & 0o777 == 0o600
    new, old = read_random_keys(second)
    assert (old,) == read_random_keys(first)
    assert new != old
    with pytest.raises(ConfigurationError, match="is no key of 32 random bytes"):
        read_random_key(second)
    second.chmod(0o644)
    with pytest.raises(ConfigurationError, match="open to others"):
        read_random_keys(second)


def test_a_file_holds_few_keys_and_each_once(tmp_path: Path) -> None:
    keys = [random_key() for _ in range(16)]
    with pytest.raises(ConfigurationError, match="at most 16"):
        create_random_key(tmp_path / "17.key", *keys)
    assert not (tmp_path / "17.key").exists()
    create_random_key(tmp_path / "16.key", *keys[:15])
    for name, bad in (("twice", [keys[0], keys[0]]), ("many", [*keys, random_key()])):
        path = tmp_path / name
        path.write_bytes(b"\n".join(base64.b64encode(key) for key in bad))
        path.chmod(0o600)
        with pytest.raises(ConfigurationError, match="more than 16 keys, or one of them twice"):
            read_random_keys(path)
    for content in (b"", b"\n\n", base64.b64encode(keys[0]) + b"\n\nno key"):
        path = tmp_path / "none"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ConfigurationError, match="is no key of 32 random bytes"):
            read_random_keys(path)

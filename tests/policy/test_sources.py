"""Policy files: found, read and named by their digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.document import read
from gateway.errors import ConfigurationError
from gateway.policy.sources import digest_of, find_files, read_sources


def made(folder: Path, **files: str) -> list[Path]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return sorted(folder.glob("*.yaml"))


def test_files_of_a_folder_are_its_yaml_files_sorted(folder: Path) -> None:
    made(folder, b="", a="")
    (folder / "notes.txt").write_text("not a policy")
    (folder / ".#a.yaml").write_text("the lock of an editor")
    assert find_files([folder]) == (folder / "a.yaml", folder / "b.yaml")


def test_files_and_folders_may_be_mixed_and_named_twice(folder: Path) -> None:
    files = made(folder, a="", b="")
    assert find_files([files[1], folder, files[0]]) == tuple(files)


def test_a_file_that_would_be_skipped_for_its_name_is_a_problem(folder: Path) -> None:
    made(folder, a="")
    (folder / "deny.yml").write_text("")
    with pytest.raises(ConfigurationError, match=r"deny\.yml: would not be read; policy files end"):
        find_files([folder])


def test_a_folder_without_policy_files_is_a_problem(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no policy file"):
        find_files([folder])


def test_a_path_that_is_not_there_is_a_problem(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file or folder"):
        find_files([folder / "gone"])


def test_problems_of_all_files_come_together(folder: Path) -> None:
    made(folder, a="versio: 1", b="rols: {}", c="x: [")
    with pytest.raises(ConfigurationError) as caught:
        read_sources(find_files([folder]))
    files = [Path(problem.place.file).name for problem in caught.value.problems]
    assert files == ["a.yaml", "b.yaml", "c.yaml"]


def digest(*paths: Path) -> str:
    return digest_of(read(path) for path in paths)


def test_the_digest_is_of_names_and_bytes_in_no_order(folder: Path) -> None:
    a, b = made(folder, a="version: 1", b="roles: {}")
    before = digest(a, b)
    assert before == digest(b, a)
    assert len(before) == 64
    a.write_text("version: 1\n")
    assert digest(a, b) != before


def test_attack_a_file_that_reads_like_two_has_another_digest(folder: Path) -> None:
    two = digest(*made(folder, a="#", b="#"))
    (folder / "b.yaml").unlink()
    (one,) = made(folder, a="#b.yaml#")
    assert digest(one) != two


def test_a_file_renamed_changes_the_digest(folder: Path) -> None:
    (a,) = made(folder, a="version: 1")
    before = digest(a)
    assert digest(a.rename(folder / "c.yaml")) != before

"""The policy in force follows its files, whatever happens to them."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.policy.load import load_policy
from gateway.policy.watch import Loaded, PolicyStore, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.policy.model import Policy

GOOD = "version: 1\nmetadata: {name: %s}\n"
Outcomes = asyncio.Queue[Loaded["Policy"] | Refused]


def write(folder: Path, name: str, file: str = "a.yaml") -> None:
    (folder / file).write_text(GOOD % name)


def make(folder: Path) -> None:
    folder.mkdir(parents=True)


def store_of(path: Path, poll: float = 5.0) -> PolicyStore[Policy]:
    return PolicyStore(path, lambda: load_policy([path]), poll=poll)


@asynccontextmanager
async def watching(store: PolicyStore[Policy]) -> AsyncIterator[Outcomes]:
    outcomes: Outcomes = asyncio.Queue()
    task = asyncio.create_task(store.watch(outcomes.put))
    await asyncio.sleep(0.3)  # until events are listened for
    yield outcomes
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def next_of(outcomes: Outcomes) -> Loaded[Policy] | Refused:
    async with asyncio.timeout(10):
        return await outcomes.get()


async def until_named(store: PolicyStore[Policy], outcomes: Outcomes, name: str) -> None:
    while store.current.name != name:
        await next_of(outcomes)


def test_there_is_no_start_with_a_wrong_policy(folder: Path) -> None:
    (folder / "a.yaml").write_text("rols: {}")
    with pytest.raises(ConfigurationError, match="did you mean 'roles'"):
        store_of(folder)


async def test_a_change_comes_into_force(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder)
    loaded_at = store.loaded_at
    async with watching(store) as outcomes:
        write(folder, "new")
        outcome = await next_of(outcomes)
    assert isinstance(outcome, Loaded)
    assert outcome.value is store.current
    assert store.current.name == "new"
    assert store.loaded_at > loaded_at


async def test_an_event_wakes_the_watch_long_before_it_would_look_anyway(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder, poll=600.0)
    async with watching(store) as outcomes:
        while outcomes.empty():
            write(folder, "new")
            await asyncio.sleep(0.5)
        await until_named(store, outcomes, "new")


async def test_a_bad_change_is_refused_and_the_last_good_policy_stays(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder)
    async with watching(store) as outcomes:
        (folder / "a.yaml").write_text("version: 1\nrols: {}")
        outcome = await next_of(outcomes)
        assert isinstance(outcome, Refused)
        assert store.refused is outcome
        assert "unknown key 'rols'" in str(outcome.problems[0])
        assert outcome.digest is not None
        assert store.current.name == "old"
        write(folder, "mended")
        await until_named(store, outcomes, "mended")
    assert store.refused is None


async def test_files_that_come_and_go_are_seen(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder)
    async with watching(store) as outcomes:
        (folder / "b.yaml").write_text("roles: {x: {}}")
        await next_of(outcomes)
        assert list(store.current.roles) == ["x"]
        (folder / "b.yaml").unlink()
        await next_of(outcomes)
        assert list(store.current.roles) == []


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
async def test_a_signature_that_comes_after_the_files_is_seen(folder: Path, name: str) -> None:
    write(folder, "old")
    store = store_of(folder)
    async with watching(store) as outcomes:
        (folder / name).write_text("signed")
        await next_of(outcomes)


async def test_an_editor_that_writes_beside_and_renames_is_seen(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder / "a.yaml")
    async with watching(store) as outcomes:
        write(folder, "new", "a.yaml.tmp")
        (folder / "a.yaml.tmp").rename(folder / "a.yaml")
        await until_named(store, outcomes, "new")


async def test_a_folder_that_is_deleted_and_made_again_is_followed(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder, poll=0.5)
    async with watching(store) as outcomes:
        shutil.rmtree(folder)
        outcome = await next_of(outcomes)
        assert isinstance(outcome, Refused)
        assert outcome.digest is None
        assert store.current.name == "old"
        make(folder)
        write(folder, "again")
        await until_named(store, outcomes, "again")
        write(folder, "and again")
        await until_named(store, outcomes, "and again")


async def test_the_parent_folder_may_be_gone_too(tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "policies"
    folder.mkdir(parents=True)
    write(folder, "old")
    store = store_of(folder, poll=0.2)
    async with watching(store) as outcomes:
        shutil.rmtree(folder.parent)
        assert isinstance(await next_of(outcomes), Refused)
        make(folder)
        write(folder, "again")
        await until_named(store, outcomes, "again")


async def test_a_swap_of_symbolic_links_inside_the_folder_is_seen(folder: Path) -> None:
    """As Kubernetes updates a mounted ConfigMap: a.yaml -> ..data/a.yaml, ..data -> ..1."""
    for version in ("..1", "..2"):
        (folder / version).mkdir()
        write(folder / version, version)
    (folder / "..data").symlink_to("..1")
    (folder / "a.yaml").symlink_to("..data/a.yaml")
    store = store_of(folder)
    async with watching(store) as outcomes:
        (folder / "..tmp").symlink_to("..2")
        (folder / "..tmp").rename(folder / "..data")
        await until_named(store, outcomes, "..2")


async def test_a_swap_of_the_folder_itself_is_seen(tmp_path: Path) -> None:
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        write(tmp_path / version, version)
    (tmp_path / "policies").symlink_to("one")
    store = store_of(tmp_path / "policies")
    async with watching(store) as outcomes:
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").rename(tmp_path / "policies")
        await until_named(store, outcomes, "two")


async def test_a_change_behind_a_link_is_seen_without_any_event(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near" / "policies").mkdir(parents=True)
    write(tmp_path / "far", "old")
    (tmp_path / "near" / "policies" / "a.yaml").symlink_to(tmp_path / "far" / "a.yaml")
    store = store_of(tmp_path / "near" / "policies", poll=0.3)
    async with watching(store) as outcomes:
        write(tmp_path / "far", "new")
        await until_named(store, outcomes, "new")


async def test_other_files_around_the_policy_cause_no_load(folder: Path) -> None:
    write(folder, "old")
    store = store_of(folder)
    async with watching(store) as outcomes:
        (folder.parent / "audit.db").write_text("x")
        (folder / "notes.txt").write_text("x")
        await asyncio.sleep(0.5)
        assert outcomes.empty()


async def test_a_change_that_keeps_size_and_time_is_seen(folder: Path) -> None:
    write(folder, "one")
    before = (folder / "a.yaml").stat()
    store = store_of(folder)
    async with watching(store) as outcomes:
        write(folder, "two")
        os.utime(folder / "a.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
        await until_named(store, outcomes, "two")


async def test_a_fault_in_the_build_is_a_refusal_and_not_the_end_of_the_watch(
    folder: Path,
) -> None:
    write(folder, "old")
    faults = [False, True, False]

    def build() -> Policy:
        if faults.pop(0):
            raise RuntimeError("the text of a file, say")
        return load_policy([folder])

    store = PolicyStore(folder, build)
    refused = await store.reload()
    assert isinstance(refused, Refused)
    assert str(refused.problems[0]) == f"{folder}: could not be loaded: RuntimeError"
    assert store.current.name == "old"
    assert isinstance(await store.reload(), Loaded)


async def test_attack_half_an_update_never_comes_into_force(folder: Path) -> None:
    """A rule that allows is written a little before the one that denies."""
    write(folder, "old")
    store = store_of(folder, poll=0.1)
    async with watching(store) as outcomes:
        (folder / "b.yaml").write_text("rules: [{id: all, allow: {models: ['*']}, scan: []}]")
        await asyncio.sleep(0.12)
        (folder / "c.yaml").write_text("rules: [{id: none, deny: {models: ['*']}}]")
        outcome = await next_of(outcomes)
    assert isinstance(outcome, Loaded)
    assert [rule.id for rule in outcome.value.rules] == ["all", "none"]


async def test_noise_beside_the_policy_does_not_keep_a_change_from_being_seen(
    folder: Path,
) -> None:
    write(folder, "old")
    store = store_of(folder, poll=600.0)

    async def noise() -> None:
        while True:
            await asyncio.to_thread((folder.parent / "audit.db-wal").write_text, "x")
            await asyncio.sleep(0.01)

    async with watching(store) as outcomes:
        task = asyncio.create_task(noise())
        write(folder, "new")
        await until_named(store, outcomes, "new")
        task.cancel()

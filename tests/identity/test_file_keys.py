from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.identity.file_keys import FileKeys
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.identity.conftest import Signer, Until

ALL = ["RS256", "ES256"]


@pytest.fixture
def path(tmp_path: Path, signer: Signer) -> Path:
    file = tmp_path / "jwks.json"
    file.write_bytes(dumps({"keys": [signer.jwk()]}))
    return file


@pytest.fixture
async def keys(path: Path) -> AsyncIterator[FileKeys]:
    source = FileKeys(path, ALL, poll=0.02)
    await source.start()
    yield source
    await source.close()


def _replace(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink()
        return
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.replace(path)


async def test_keys_are_there_after_the_start(keys: FileKeys) -> None:
    found = await keys.find("key-ES256")
    assert found is not None
    assert found.algorithm == "ES256"
    assert await keys.find("unknown") is None


async def test_an_unchanged_file_keeps_its_set(keys: FileKeys) -> None:
    before = keys.keys
    await asyncio.sleep(0.1)
    assert keys.keys is before


async def test_a_changed_file_counts_and_a_key_taken_out_is_gone(
    keys: FileKeys, path: Path, signers: dict[str, Signer], until: Until
) -> None:
    _replace(path, dumps({"keys": [signers["RS256"].jwk()]}))
    await until(lambda: keys.keys is not None and "key-RS256" in keys.keys.keys)
    assert await keys.find("key-ES256") is None


async def test_an_unknown_key_is_looked_for_at_once(path: Path, signers: dict[str, Signer]) -> None:
    source = FileKeys(path, ALL, poll=3600)
    await source.start()
    _replace(path, dumps({"keys": [signers["ES256"].jwk(), signers["RS256"].jwk()]}))
    assert await source.find("key-RS256") is not None
    await source.close()


async def test_many_requests_with_an_unknown_key_share_one_look(
    path: Path, signers: dict[str, Signer]
) -> None:
    source = FileKeys(path, ALL, poll=3600)
    await source.start()
    _replace(path, dumps({"keys": [signers["ES256"].jwk(), signers["RS256"].jwk()]}))
    found = await asyncio.gather(*(source.find("key-RS256") for _ in range(50)))
    assert all(key is not None for key in found)
    await source.close()


@pytest.mark.parametrize("broken", [b"", b'{"keys":[]}', b'{"keys":[{"kty":"oct"}]}', None])
async def test_a_broken_file_keeps_the_last_good_set(
    keys: FileKeys, path: Path, signers: dict[str, Signer], broken: bytes | None, until: Until
) -> None:
    before = keys.keys
    _replace(path, broken)
    await asyncio.sleep(0.1)
    assert keys.keys is before is not None
    _replace(path, dumps({"keys": [signers["RS256"].jwk()]}))
    await until(lambda: keys.keys is not None and "key-RS256" in keys.keys.keys)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is no key set to trust: json: "),
        (b'{"keys":[]}', "is no key set to trust: it holds no key"),
        (b" " * 300_000, "larger"),
    ],
)
async def test_a_wrong_file_is_a_wrong_setting(
    tmp_path: Path, data: bytes | None, words: str
) -> None:
    file = tmp_path / "jwks.json"
    if data is not None:
        file.write_bytes(data)
    source = FileKeys(file, ALL)
    with pytest.raises(ConfigurationError, match=words) as refusal:
        await source.start()
    assert refusal.value.problems[0].place.file == str(file)
    await source.close()


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await FileKeys(tmp_path, ALL).start()


async def test_the_loop_is_not_blocked(keys: FileKeys, path: Path, signer: Signer) -> None:
    """A reader of a pipe that nobody writes to hangs for ever, in its thread."""
    _replace(path, None)
    os.mkfifo(path)
    await asyncio.sleep(0.1)
    assert await asyncio.wait_for(keys.find("key-ES256"), 1) is not None
    writer = os.open(path, os.O_RDWR)
    os.write(writer, dumps({"keys": [signer.jwk()]}))
    os.close(writer)

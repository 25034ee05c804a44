"""Manifests: what is written is read again, and nothing else is."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.manifest import Manifest, ManifestError, Member

GOOD: dict[str, Any] = {
    "name": "prod",
    "revision": 42,
    "created": "2026-11-24T08:00:00Z",
    "files": {"a.yaml": {"sha256": "0" * 64, "size": 3}},
}


def test_a_manifest_is_read_as_it_was_written() -> None:
    manifest = Manifest("prod", 42, "2026-11-24T08:00:00Z", {"a.yaml": Member.of(b"abc")})
    assert Manifest.parse(manifest.to_bytes()) == manifest
    assert manifest.files["a.yaml"] == Member(hashlib.sha256(b"abc").hexdigest(), 3)


def test_files_stand_in_one_order() -> None:
    ab = {"a.yaml": Member.of(b"a"), "b.yaml": Member.of(b"b")}
    ba = dict(reversed(ab.items()))
    time = "2026-11-24T08:00:00Z"
    assert Manifest("n", 1, time, ab).to_bytes() == Manifest("n", 1, time, ba).to_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"name": 1},
        {"revision": "42"},
        {"revision": True},
        {"revision": -1},
        {"revision": 1.0},
        {"revision": 2**60},
        {"created": "yesterday"},
        {"created": None},
        {"files": {}},
        {"files": []},
        {"files": {"../a.yaml": {"sha256": "0" * 64, "size": 3}}},
        {"files": {"/etc/a.yaml": {"sha256": "0" * 64, "size": 3}}},
        {"files": {".a.yaml": {"sha256": "0" * 64, "size": 3}}},
        {"files": {"a.yml": {"sha256": "0" * 64, "size": 3}}},
        {"files": {"a\x00.yaml": {"sha256": "0" * 64, "size": 3}}},
        {"files": {"a.yaml\n": {"sha256": "0" * 64, "size": 3}}},
        {"files": {"a.yaml": {"sha256": "0" * 63, "size": 3}}},
        {"files": {"a.yaml": {"sha256": "A" * 64, "size": 3}}},
        {"files": {"a.yaml": {"sha256": "0" * 64}}},
        {"files": {"a.yaml": {"sha256": "0" * 64, "size": 3, "mode": 7}}},
        {"files": {f"{number}.yaml": {"sha256": "0" * 64, "size": 3} for number in range(1001)}},
        {"more": 1},
    ],
)
def test_what_is_not_exactly_a_manifest_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ManifestError):
        Manifest.parse(orjson.dumps({**GOOD, **change}))


def test_a_missing_member_is_refused() -> None:
    for name in GOOD:
        rest = {key: value for key, value in GOOD.items() if key != name}
        with pytest.raises(ManifestError, match="members"):
            Manifest.parse(orjson.dumps(rest))


def test_duplicate_members_are_refused() -> None:
    raw = orjson.dumps(GOOD).replace(b'"revision":42', b'"revision":43,"revision":42')
    with pytest.raises(ManifestError, match="strict JSON"):
        Manifest.parse(raw)
    raw = orjson.dumps(GOOD).replace(b'"a.yaml":', b'"a.yaml":{"sha256":"","size":0},"a.yaml":')
    with pytest.raises(ManifestError, match="strict JSON"):
        Manifest.parse(raw)


@given(st.integers(min_value=0))
def test_a_truncated_manifest_is_refused(length: int) -> None:
    raw = Manifest.parse(orjson.dumps(GOOD)).to_bytes().rstrip()
    with pytest.raises(ManifestError):
        Manifest.parse(raw[: length % len(raw)])


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_and_raise_nothing_else(raw: bytes) -> None:
    with pytest.raises(ManifestError):
        Manifest.parse(raw)


def test_a_manifest_that_would_not_be_read_is_not_written() -> None:
    with pytest.raises(ManifestError):
        Manifest("n", 1, "2026-11-24T08:00:00Z", {"my policy.yaml": Member.of(b"")}).to_bytes()

from __future__ import annotations

import pytest

from gateway.scan.keccak import keccak_256


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_known_digests(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


def test_one_block_only() -> None:
    assert len(keccak_256(b"x" * 135)) == 32
    with pytest.raises(ValueError, match="one block"):
        keccak_256(b"x" * 136)

"""How many signatures were checked: what a refusal costs, and what a clock would see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.identity.jwk import Key

if TYPE_CHECKING:
    import pytest

__all__ = ["SignatureChecks"]


class SignatureChecks:
    """Counts the signature checks of a test, and remembers the algorithm of each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.algorithms: list[str] = []
        verify = Key.verify

        def counted(key: Key, message: bytes, signature: bytes) -> bool:
            self.algorithms.append(key.algorithm)
            return verify(key, message, signature)

        monkeypatch.setattr(Key, "verify", counted)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.algorithms)

"""Are the tokens by which a record's values are found those that its header binds?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.audit.blind import bind_tokens

if TYPE_CHECKING:
    from gateway.audit.store.base import Reader
    from gateway.audit.verify_rows import Row

__all__ = ["TokenCheck"]

_WINDOW: Final = 1000
_SQL: Final = "SELECT seq, token FROM blind WHERE seq >= ? AND seq < ?"


class TokenCheck:
    """Compares tokens with headers, as records pass; reads those of many records at once.

    Args:
        reader: Of the store.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._window = range(0)
        self._tokens: dict[int, list[Any]] = {}

    def flaw(self, row: Row, salt: bytes | None) -> str | None:
        """What is wrong with a record's tokens, in words.

        Args:
            row: A record with its sealed part.
            salt: The sealed salt of its subject, where it has one.

        Raises:
            AuditUnavailable: The store cannot be read.
        """
        bound = row.fields["sealed"].get("tokens")
        if bound is None:
            return None
        try:
            same = bind_tokens(self._of(row.seq), row.ciphertext, salt or b"") == bound
        except (TypeError, OverflowError, AttributeError):
            same = False
        return None if same else "the tokens by which its values are found were changed"

    def _of(self, seq: int) -> list[Any]:
        if seq not in self._window:
            self._window, self._tokens = range(seq, seq + _WINDOW), {}
            for place, token in self._reader.rows(_SQL, (seq, seq + _WINDOW)):
                self._tokens.setdefault(place, []).append(token)
        return self._tokens.get(seq, [])

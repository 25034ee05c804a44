"""Log probabilities: the tokens that spell an answer again, and those that it might have had.

Tokens that spell their own text carry nothing beyond it, and are dropped with it. All else in log
probabilities is text: tokens that have no text or spell another one, the alternatives to them (one
running text per rank), bytes that differ from their token, and whatever nobody knows. A rewrite of
any of it drops the log probabilities as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.wire.exchange import RESPELT, Path
from gateway.wire.leaves import Finder, everything

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["log_probabilities", "unspoken"]

_ALTERNATIVE: Final = frozenset(("token", "bytes", "logprob"))
_TOKEN: Final = _ALTERNATIVE | {"top_logprobs"}
_MEASURES: Final = frozenset(("token_logprobs", "text_offset"))
_KNOWN: Final = _MEASURES | {"content", "refusal", "tokens", "top_logprobs", ""}


def log_probabilities(found: Finder, value: Any, path: Path, spoken: Mapping[str, Any]) -> None:
    """The texts in the log probabilities at a place; see ``unspoken``."""
    for steps, text in unspoken(value, spoken):
        found.repeat(text, (*path, RESPELT, *steps), "answer")


def unspoken(value: Any, spoken: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """What log probabilities spell beyond the texts that they belong to.

    Args:
        value: An object with lists of tokens, as chat completions (``content``, ``refusal``) and
            completions (``tokens``, ``top_logprobs``) have it, or one list of tokens.
        spoken: The text that each list spells; that of a bare list at ``""``.

    Returns:
        Texts, each with where it stands: the list, and for alternatives their rank.
    """
    found: list[tuple[Path, str]] = []
    other: list[str] = []
    value = value if isinstance(value, dict) else {"": value}
    for key, tokens in value.items():
        lines = _Lines(other)
        if tokens is None and key in _KNOWN:
            continue
        if isinstance(tokens, list) and key in spoken:
            lines.read_tokens(tokens)
        elif isinstance(tokens, list) and key == "top_logprobs":
            lines.read_alternatives(tokens, value.get("tokens"))
        else:
            other += _strings(tokens if key in _MEASURES or not key else {key: tokens})
        found += lines.texts(key, spoken.get(key))
    if other:
        found.append((("other",), "\n".join(other)))
    return found


class _Lines:
    """What one list of tokens spells, as running texts."""

    __slots__ = ("_chosen", "_differing", "_last", "_other", "_ranks")

    def __init__(self, other: list[str]) -> None:
        self._other = other
        self._chosen = bytearray()
        self._differing = bytearray()
        self._ranks: dict[int, bytearray] = {}
        self._last: dict[int, int] = {}

    def read_tokens(self, tokens: list[Any]) -> None:
        """Tokens that were chosen, with their alternatives."""
        for position, item in enumerate(tokens):
            chosen = self._token(item, _TOKEN)
            self._chosen += chosen
            if isinstance(item, dict):
                self._add_alternatives(position, item.get("top_logprobs"), chosen)

    def read_alternatives(self, tokens: list[Any], chosen: Any) -> None:
        """Alternatives alone; the chosen tokens, which stand among them, are read elsewhere."""
        words = chosen if isinstance(chosen, list) else []
        for position, item in enumerate(tokens):
            word = words[position] if position < len(words) else ""
            self._add_alternatives(position, item, word.encode() if type(word) is str else b"")

    def texts(self, key: str, spoken: Any) -> list[tuple[Path, str]]:
        """All that was read and is not spoken."""
        lines: dict[Path, bytearray] = {(key, rank): line for rank, line in self._ranks.items()}
        lines[key, "bytes"] = self._differing
        if not isinstance(spoken, str) or self._chosen.decode(errors="replace") not in spoken:
            lines[key, "tokens"] = self._chosen
        return [(path, line.decode(errors="replace")) for path, line in lines.items() if line]

    def _add_alternatives(self, position: int, items: Any, chosen: bytes) -> None:
        if isinstance(items, dict):
            self._other += _strings(list(items.values()))
            words = [word.encode() for word in items]
        elif isinstance(items, list):
            words = [self._token(item, _ALTERNATIVE) for item in items]
        else:
            self._other += _strings(items)
            return
        for rank, word in enumerate(words):
            if word != chosen:
                self._add(rank, position, word)

    def _add(self, rank: int, position: int, word: bytes) -> None:
        line = self._ranks.setdefault(rank, bytearray())
        if line and self._last[rank] != position - 1:
            line += b" "
        line += word
        self._last[rank] = position

    def _token(self, item: Any, members: frozenset[str]) -> bytes:
        if isinstance(item, str):
            return item.encode()
        if not isinstance(item, dict):
            self._other += _strings(item)
            return b""
        if not (item.keys() <= members and type(item.get("logprob")) in {int, float}):
            rest = {key: inner for key, inner in item.items() if key not in members}
            self._other += _strings(rest) + _strings(item.get("logprob"))
        return self._spelling(item.get("token"), item.get("bytes"))

    def _spelling(self, token: Any, raw: Any) -> bytes:
        word = token if isinstance(token, str) else ""
        written = word.encode()
        if not word:
            self._other += _strings(token or None)
        try:
            spelt = bytes(raw) if isinstance(raw, list) else b""
        except (TypeError, ValueError):
            spelt = b""
        if not spelt:
            self._other += _strings(raw)
            return written
        # A token that is a part of a character is shown by its escaped bytes, or as U+FFFD.
        if word in {spelt.decode(errors="replace"), "".join(f"\\x{byte:02x}" for byte in spelt)}:
            return spelt
        self._differing += spelt
        return written


def _strings(value: Any) -> list[str]:
    if value is None or type(value) in {int, float}:
        return []
    found = Finder.answer()
    everything(found, value, (), "answer")
    return [text.value for text in found.texts]

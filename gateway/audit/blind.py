"""Finds records by the values that were matched in them, without opening anything.

Each value is stored as a *token*: a truncated HMAC-SHA-256 of its spelling under a key of its own.
Identifiers (a card number, an address, an API key) have tokens of 64 bits. What few values are
likely for (names, places, dates) has tokens of 20 bits, which many values share: a hit is then a
hint. Texts that are no values have none.

A key can be replaced: new tokens are made with the newest one, and whoever searches asks with all
that are kept.

Who has the store without the key learns which records held equal values, and how often; who has
the key as well can test guesses, which 20 bits make doubtful. ``docs/audit-queries.md`` says so.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SHORT_BITS", "BlindIndex", "Tokens", "Value", "bind_tokens", "normal"]

SHORT_BITS: Final = 20
_SHORT: Final = 1 << SHORT_BITS
_MOST: Final = 256
_LONGEST: Final = 4096
_BLANKS: Final = re.compile(r"\s+")
_SEPARATORS: Final = re.compile(r"[\s./()+:_-]+")
_DIGITS: Final = 4
_END: Final = 16
"""Bytes of each end of a sealed part: its nonce, and its tag."""


@dataclass(frozen=True, slots=True)
class Value:
    """A matched value; ``guessable`` where few values of its kind are likely."""

    text: str
    guessable: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """Where a value may be found: as an identifier, or among those that share 20 bits.

    There is one of each for each key, that of the newest first.
    """

    long: tuple[int, ...]
    short: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """All of them."""
        return self.long + self.short


class BlindIndex:
    """Makes tokens.

    Args:
        key: 32 random bytes, with which tokens are made.
        former: Those with which they were made before.
    """

    __slots__ = ("_key", "_keys")

    def __init__(self, key: bytes, *former: bytes) -> None:
        self._key, self._keys = key, (key, *former)

    @property
    def id(self) -> str:
        """Tells the key with which tokens are made from others, and nothing else of it."""
        return sha256(b"index key\x00" + self._key).hexdigest()[:16]

    def tokens(self, values: Iterable[Value]) -> tuple[tuple[int, ...], int]:
        """The tokens of a record's values, each once, and how many values have none.

        At most 256 have one, and none that is longer than 4096 characters.
        """
        found: dict[int, None] = {}
        omitted = 0
        for value in dict.fromkeys(values):
            if len(value.text) > _LONGEST or len(found) >= _MOST:
                omitted += 1
                continue
            spelling = normal(value.text)
            token = _short if value.guessable else _long
            found[token(self._key, spelling)] = None
        return tuple(found), omitted

    def search(self, text: str) -> Tokens:
        """The tokens under which a value would stand."""
        spelling = normal(text)
        return Tokens(
            tuple(_long(key, spelling) for key in self._keys),
            tuple(_short(key, spelling) for key in self._keys),
        )


def _long(key: bytes, spelling: str) -> int:
    token = int.from_bytes(_digest(key, b"long", spelling)[:8], "big", signed=True)
    # Below stand the short ones.
    return token if not 0 <= token < _SHORT else ~token


def _short(key: bytes, spelling: str) -> int:
    return int.from_bytes(_digest(key, b"short", spelling)[:4], "big") % _SHORT


def _digest(key: bytes, kind: bytes, spelling: str) -> bytes:
    text = spelling.encode("utf-8", "surrogatepass")
    return hmac.digest(key, kind + b"\x00" + text, "sha256")


def bind_tokens(tokens: Iterable[int], part: bytes | bytearray, salt: bytes) -> str:
    """Binds a record's tokens into its header, so that one that is taken away or added is seen.

    It holds what is gone when the tokens must be: the salt of whoever was erased, and the sealed
    part that was pruned. So it is no means of guessing afterwards what the tokens were.

    Args:
        tokens: All of the record's, in any order.
        part: The record's sealed part; its ends are random.
        salt: The sealed salt of its subject; empty where it has none.

    Returns:
        128 bits in hex.

    Raises:
        OverflowError: A token is none.
    """
    digest = sha256(b"tokens\x00" + part[:_END] + part[-_END:] + salt)
    for token in sorted(tokens):
        digest.update(token.to_bytes(8, "big", signed=True))
    return digest.hexdigest()[:32]


def normal(text: str) -> str:
    """The one spelling of a value: NFKC, folded case, and numbers without what separates digits."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    spelling = _BLANKS.sub(" ", folded).strip()
    compact = _SEPARATORS.sub("", spelling)
    digits = sum(character.isdecimal() for character in compact)
    if digits >= _DIGITS and 2 * digits >= len(compact) and compact.isalnum():
        return _address(spelling) or compact
    return spelling


def _address(spelling: str) -> str | None:
    """An IP address in its one form: without its dots it would be another number."""
    try:
        return str(ip_address(spelling))
    except ValueError:
        return None

"""Addresses of wallets: Bitcoin in its three encodings, and Ethereum."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from gateway.scan.keccak import keccak_256

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["is_base58check", "is_bech32", "is_eip55"]

_BASE_58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH_32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32, _BECH32M = 1, 0x2BC830A3


def is_base58check(address: str) -> bool:
    """Whether it has 25 bytes of which the last four check the others, for the Bitcoin network."""
    number = 0
    for char in address:
        number = number * 58 + _BASE_58.index(char)
    try:
        data = number.to_bytes(25)
    except OverflowError:
        return False
    zeros = len(address) - len(address.lstrip("1"))
    leading = len(data) - len(data.lstrip(b"\0"))
    version, check = data[0], sha256(sha256(data[:-4]).digest()).digest()[:4]
    return version in (0, 5) and zeros == leading and data[-4:] == check


def is_bech32(address: str) -> bool:
    """Whether the check is right: Bech32 for version 0, Bech32m after (BIP 173, 350)."""
    if address not in (address.lower(), address.upper()):
        return False
    prefix, _, data = address.lower().rpartition("1")
    values = [_BECH_32.find(char) for char in data]
    if len(address) > 90 or len(values) < 8 or min(values) < 0:
        return False
    spread = [*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix)]
    return _polymod([*spread, *values]) == (_BECH32 if values[0] == 0 else _BECH32M)


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check


@lru_cache(maxsize=256)
def is_eip55(address: str) -> bool:
    """Whether the case of the 40 digits after ``0x`` is as ERC-55 derives it from them."""
    digits = address[2:]
    digest = keccak_256(digits.lower().encode()).hex()
    return all(
        char.isdigit() or char.isupper() == (nibble >= "8")
        for char, nibble in zip(digits, digest, strict=False)
    )

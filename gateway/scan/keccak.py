"""Keccak-256 as Ethereum uses it: SHA-3 before its padding was changed, which hashlib lacks."""

from __future__ import annotations

from typing import Final

__all__ = ["keccak_256"]

_RATE: Final = 136
_MASK: Final = (1 << 64) - 1


def _constants() -> tuple[int, ...]:
    """The round constants of FIPS 202, section 3.2.5, from their shift register."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register <<= 1
            register ^= 0x171 if register & 0x100 else 0
        constants.append(constant)
    return tuple(constants)


def _moves() -> tuple[tuple[int, int], ...]:
    """Where each lane goes, and how far it is rotated (sections 3.2.2 and 3.2.3)."""
    moves, x, y = [], 1, 0
    for step in range(24):
        x, y = y, (2 * x + 3 * y) % 5
        moves.append((x + 5 * y, (step + 1) * (step + 2) // 2 % 64))
    return tuple(moves)


_ROUNDS: Final = _constants()
_MOVES: Final = _moves()


def keccak_256(data: bytes) -> bytes:
    """The digest of fewer than 136 bytes.

    Raises:
        ValueError: There are more.
    """
    if len(data) >= _RATE:
        raise ValueError("one block only")
    block = bytearray(data + b"\x01" + bytes(_RATE - len(data) - 1))
    block[-1] |= 0x80
    lanes = [int.from_bytes(block[at : at + 8], "little") for at in range(0, _RATE, 8)] + [0] * 8
    for constant in _ROUNDS:
        lanes = _round(lanes, constant)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _round(lanes: list[int], constant: int) -> list[int]:
    """One round; written out where loops would cost, as an address takes 24 of them."""
    a, b, c, d, e = (
        lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)
    )
    spread = (
        e ^ ((b << 1 | b >> 63) & _MASK),
        a ^ ((c << 1 | c >> 63) & _MASK),
        b ^ ((d << 1 | d >> 63) & _MASK),
        c ^ ((e << 1 | e >> 63) & _MASK),
        d ^ ((a << 1 | a >> 63) & _MASK),
    ) * 5
    lanes = [lane ^ other for lane, other in zip(lanes, spread, strict=True)]
    carried = lanes[1]
    for place, shift in _MOVES:
        lanes[place], carried = (carried << shift | carried >> (64 - shift)) & _MASK, lanes[place]
    rows: list[int] = []
    for row in range(0, 25, 5):
        a, b, c, d, e = lanes[row : row + 5]
        rows += (a ^ (~b & c), b ^ (~c & d), c ^ (~d & e), d ^ (~e & a), e ^ (~a & b))
    rows[0] ^= constant
    return rows

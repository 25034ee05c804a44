from __future__ import annotations

import pytest

from gateway.scan.wallets import is_base58check, is_bech32, is_eip55

# The examples of ERC-55, BIP 173 and BIP 350, and the first block's own address.
EIP_55 = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
]
GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
SEGWIT = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"


@pytest.mark.parametrize("address", EIP_55)
def test_ethereum(address: str) -> None:
    assert is_eip55(address)
    other = address[:-1] + address[-1].swapcase()
    assert is_eip55(other) == other[-1].isdigit()


def test_bitcoin() -> None:
    assert is_base58check(GENESIS)
    assert not is_base58check(GENESIS[:-1] + "b")
    assert not is_base58check("1" + GENESIS)
    assert not is_base58check("z" * 34)


def test_segregated_witness() -> None:
    assert is_bech32(SEGWIT)
    assert is_bech32(SEGWIT.lower())
    assert is_bech32(TAPROOT)
    assert not is_bech32(SEGWIT[:-1] + "5")
    assert not is_bech32(SEGWIT[:-1] + "q")
    assert not is_bech32("bc1" + "b" * 30)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.chain import leaf
from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.merkle import inclusion, root
from gateway.audit.note import Signer
from gateway.audit.proof import Proof, verify_proof
from gateway.audit.tiles import Growth, Hashes
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOG = Signer.of("log.example", Ed25519PrivateKey.generate())
_EXAMPLE = """\
c2sp.org/tlog-proof@v1
extra AAEC
index 1
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

example.com/fancylog
3
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

\u2014 example.com/fancylog AAAAAAA=
"""


def _proof(entries: Sequence[bytes], index: int, signer: Signer = _LOG) -> Proof:
    tiles = Growth().extend(map(leaf, entries))
    hashes = Hashes(len(entries), lambda level, number: tiles[level, number])
    tree = Checkpoint("log.example/0123456789abcdef", len(entries), root(len(entries), hashes))
    note = sign_checkpoint(tree, signer, 1)
    return Proof(index, tuple(inclusion(index, len(entries), hashes)), note, entries[index])


def test_a_proof_is_written_as_the_specification_says() -> None:
    proof = Proof.parse(_EXAMPLE)
    assert (proof.index, len(proof.hashes), proof.extra) == (1, 2, b"\x00\x01\x02")
    assert proof.checkpoint.startswith("example.com/fancylog\n3\n")
    assert proof.text == _EXAMPLE
    without = _EXAMPLE.replace("extra AAEC\n", "")
    assert Proof.parse(without).extra is None
    assert Proof.parse(without).text == without


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_a_proof_survives_its_text_and_holds(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    proof = Proof.parse(_proof(entries, index).text)
    signed = verify_proof(proof, entries[index], [_LOG.verifier])
    assert signed.checkpoint.size == len(entries)
    with pytest.raises(VerificationError, match="root"):
        verify_proof(proof, entries[index] + b"x", [_LOG.verifier])


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 1", "index 01"),
        ("index 1", "index"),
        ("index 1", "Index 1"),
        ("index 1", "index 99999999999999999999"),
        ("extra AAEC", "extra AA=C"),
        ("extra AAEC", "extra AAEC\nextra AAEC"),
        ("gSKy", "*SKy"),
        ("gSKyXoYZ", ""),
        ("\n\n", "\n"),
        ("index 1\n", ""),
        ("index 1\n", "index 1\n" + "A" * 43 + "=\n" + ("A" * 43 + "=\n") * 63),
    ],
)
def test_what_is_no_proof_is_refused(part: str, other: str) -> None:
    with pytest.raises(VerificationError, match="proof"):
        Proof.parse(_EXAMPLE.replace(part, other))


def test_a_proof_is_bounded() -> None:
    with pytest.raises(VerificationError, match="no proof"):
        Proof.parse(_EXAMPLE + "x" * 2**21)


def test_a_proof_with_another_index_or_another_logs_checkpoint_does_not_hold() -> None:
    proof = _proof([b"a", b"b", b"c"], 1)
    other = Signer.of("log.example", Ed25519PrivateKey.generate())
    with pytest.raises(VerificationError, match="root"):
        verify_proof(Proof(0, proof.hashes, proof.checkpoint), b"b", [_LOG.verifier])
    with pytest.raises(VerificationError, match="no known key"):
        verify_proof(_proof([b"a", b"b", b"c"], 1, other), b"b", [_LOG.verifier])

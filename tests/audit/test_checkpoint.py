from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.checkpoint import (
    Checkpoint,
    origin_of,
    read_checkpoint,
    sign_checkpoint,
    witnesses_of,
)
from gateway.audit.head import Head, sign_head
from gateway.audit.merkle import EMPTY
from gateway.audit.note import Signer, Verifier, sign
from gateway.errors import VerificationError

_STORE = "0123456789abcdef"
_TREE = Checkpoint(origin_of("log.example", _STORE), 7, bytes(range(32)))


def _signer(name: str = "log.example") -> Signer:
    return Signer.of(name, Ed25519PrivateKey.generate())


_LOG = _signer()


def _witnessed(note: str, *witnesses: Signer, time: int = 5) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + sign(text, *witnesses, time=time).partition("\n\n")[2]


def test_the_text_is_that_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    tree = Checkpoint.parse(text)
    assert (tree.origin, tree.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert tree.text == text


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_survives_its_note(size: int, root: bytes) -> None:
    tree = Checkpoint(_TREE.origin, size, root)
    signed = read_checkpoint(sign_checkpoint(tree, _LOG, 99), [_LOG.verifier], _STORE)
    assert (signed.checkpoint, signed.time) == (tree, 99)


def test_extension_lines_are_not_looked_at() -> None:
    assert Checkpoint.parse(f"{_TREE.text}more\n") == _TREE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log/x\n7\n",
        f"log/x\n07\n{'A' * 43}=\n",
        f"log/x\n-7\n{'A' * 43}=\n",
        f"log/x\n7 \n{'A' * 43}=\n",
        f"log/x\n{'9' * 20}\n{'A' * 43}=\n",
        f"log/x\n7\n{'A' * 42}==\n",
        f"log/x\n7\n{'A' * 40}\n",
        f"log/x\n7\n{'*' * 43}=\n",
        f"log/x\n7\n{'A' * 43}=",
        f"\n7\n{'A' * 43}=\n",
        f"log/x\n7\n{'A' * 43}=\n\nmore\n",
        f"log/x\n\u0667\n{'A' * 43}=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(VerificationError, match="no checkpoint"):
        Checkpoint.parse(text)


def test_the_log_says_when_it_signed_but_need_not() -> None:
    without = sign(_TREE.text, _LOG)
    assert read_checkpoint(without, [_LOG.verifier]).time is None
    assert read_checkpoint(sign_checkpoint(_TREE, _LOG, 99), [_LOG.verifier]).time == 99


def test_a_time_alone_is_no_signature_of_the_log() -> None:
    with pytest.raises(VerificationError, match="another log"):
        read_checkpoint(sign(_TREE.text, _LOG.cosigner, time=9), [_LOG.verifier])


def test_a_former_key_of_the_log_still_counts() -> None:
    later = _signer()
    keys = [later.verifier, _LOG.verifier]
    assert read_checkpoint(sign_checkpoint(_TREE, _LOG, 1), keys).checkpoint == _TREE


def test_a_key_signs_for_its_own_log_only() -> None:
    other = _signer("other.example")
    for note in (sign(_TREE.text, other), sign_checkpoint(_TREE, other, 1)):
        with pytest.raises(VerificationError, match="another log"):
            read_checkpoint(note, [other.verifier, _LOG.verifier])


@pytest.mark.parametrize("origin", ["log.example", "log.example/", "log.example/x", "/" + _STORE])
def test_an_origin_names_log_and_store(origin: str) -> None:
    with pytest.raises(VerificationError, match="another"):
        read_checkpoint(sign(Checkpoint(origin, 0, EMPTY).text, _LOG), [_LOG.verifier])


def test_a_checkpoint_of_another_store_is_refused() -> None:
    note = sign_checkpoint(_TREE, _LOG, 1)
    with pytest.raises(VerificationError, match="another store"):
        read_checkpoint(note, [_LOG.verifier], _STORE[::-1])


def test_the_head_of_a_writer_is_no_checkpoint() -> None:
    head = sign_head(Head(_STORE, 7, bytes(32)), _LOG)
    with pytest.raises(VerificationError, match="another log"):
        read_checkpoint(head, [_LOG.verifier])


def test_witnesses_count_once_for_each_key() -> None:
    one, two = _signer("one").cosigner, _signer("two").cosigner
    alias = Signer.of("alias", one.key, one.kind)
    note = _witnessed(_witnessed(sign_checkpoint(_TREE, _LOG, 1), one, time=9), alias, one, two)
    found = witnesses_of(note, [one.verifier, two.verifier, alias.verifier])
    assert sorted((one.verifier.name, one.time) for one in found) == [("one", 9), ("two", 5)]


def test_nobody_else_is_a_witness() -> None:
    one, stranger = _signer("one"), _signer("stranger").cosigner
    note = _witnessed(sign_checkpoint(_TREE, _LOG, 1), one, stranger)
    assert witnesses_of(note, [one.verifier, one.verifier.cosigner]) == ()


def test_a_witness_of_another_checkpoint_is_refused() -> None:
    witness = _signer("one").cosigner
    line = sign("other\n", witness, time=1).partition("\n\n")[2]
    known: list[Verifier] = [witness.verifier]
    with pytest.raises(VerificationError, match="wrong"):
        witnesses_of(sign_checkpoint(_TREE, _LOG, 1) + line, known)

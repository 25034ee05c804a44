from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.note import Signer, Verifier, open_note, read_note, sign, verify
from gateway.errors import VerificationError

# The example of Go's golang.org/x/mod/sumdb/note, which the C2SP format comes from.
_GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
_GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
_GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
_GO_NOTE = (
    f"{_GO_TEXT}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
    "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
_C2SP_PUBLIC = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def _signer(name: str = "log.example") -> Signer:
    return Signer.of(name, Ed25519PrivateKey.generate())


def test_the_known_note_verifies() -> None:
    assert verify(_GO_NOTE, [Verifier.parse(_GO_PUBLIC)]) == _GO_TEXT


def test_the_known_note_is_what_its_key_signs() -> None:
    signer = Signer.parse(_GO_SECRET)
    assert sign(_GO_TEXT, signer) == _GO_NOTE
    assert str(signer.verifier) == _GO_PUBLIC


def test_the_known_verifier_key_is_read_and_written() -> None:
    verifier = Verifier.parse(_C2SP_PUBLIC)
    assert (verifier.name, str(verifier)) == ("example.com/foo", _C2SP_PUBLIC)


def test_keys_survive_their_text() -> None:
    signer = _signer()
    assert Signer.parse(signer.secret()).verifier == Verifier.parse(str(signer.verifier))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+zz+AAAA",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Verifier.parse(text)


def test_a_verifier_key_is_no_signer_key() -> None:
    with pytest.raises(ValueError, match="no signer key"):
        Signer.parse(_GO_PUBLIC)


@pytest.mark.parametrize("name", ["", "with space", "plus+sign", "line\nfeed"])
def test_a_key_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        _signer(name)


def test_unknown_signatures_are_ignored_but_one_must_be_known() -> None:
    known, unknown = _signer("known"), _signer("unknown")
    note = sign("text\n", known) + sign("text\n", unknown).rpartition("\n\n")[2]
    assert verify(note, [known.verifier]) == "text\n"
    with pytest.raises(VerificationError, match="no known key"):
        verify(note, [_signer("third").verifier])


def test_a_known_key_that_did_not_sign_refuses_the_note() -> None:
    one, two = _signer("one"), _signer("two")
    note = sign("text\n", one) + sign("other\n", two).rpartition("\n\n")[2]
    with pytest.raises(VerificationError, match="signature of two is wrong"):
        verify(note, [one.verifier, two.verifier])


@pytest.mark.parametrize(
    "note", ["", "\n", "text\n", "text\n\n", "text\n\nno dash\n", "a\x01b\n\n\u2014 x AAAAAAAA\n"]
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(VerificationError):
        verify(note, [_signer().verifier])


@pytest.mark.parametrize("text", ["", "no newline", "bell\x07\n", "half \ud800\n"])
def test_only_plain_text_is_signed(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        sign(text, _signer())


@given(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"])))
def test_every_plain_text_is_signed_and_read(text: str) -> None:
    signer = Signer.parse(_GO_SECRET)
    assert verify(sign(f"{text}\n", signer), [signer.verifier]) == f"{text}\n"


@given(st.integers(0, len(_GO_NOTE.encode()) - 1), st.integers(1, 255))
def test_no_changed_byte_verifies(at: int, flip: int) -> None:
    raw = bytearray(_GO_NOTE.encode())
    raw[at] ^= flip
    changed = raw.decode(errors="replace")
    with pytest.raises(VerificationError):
        verify(changed, [Verifier.parse(_GO_PUBLIC)])


def test_a_note_has_a_line_for_each_who_signs() -> None:
    first, second = _signer("first"), _signer("second")
    note = sign("text\n", first, second)
    assert note == sign("text\n", first) + sign("text\n", second).partition("\n\n")[2]
    opened = open_note(note, [second.verifier, first.verifier])
    assert [one.verifier.name for one in opened.signatures] == ["first", "second"]


def test_a_cosignature_says_when() -> None:
    log, witness = _signer(), _signer("witness").cosigner
    note = sign("text\n", log, witness, time=1_679_315_147)
    line = note.split("\n")[3]
    raw = base64.b64decode(line.rpartition(" ")[2])
    assert (
        raw[:4]
        == sha256(b"witness\n\x04" + witness.key.public_key().public_bytes_raw()).digest()[:4]
    )
    assert int.from_bytes(raw[4:12]) == 1_679_315_147
    witness.key.public_key().verify(raw[12:], b"cosignature/v1\ntime 1679315147\ntext\n")
    opened = open_note(note, [witness.verifier])
    assert [one.time for one in opened.signatures] == [1_679_315_147]


def test_the_cosignature_of_the_specification_is_read() -> None:
    # The example of c2sp.org/tlog-cosignature; its keys are not given, so its lines are unknown.
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\u2014 example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "\u2014 witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    assert read_note(note, []).text.startswith("example.com/behind-the-sofa\n20852163\n")
    with pytest.raises(VerificationError, match="no known key"):
        open_note(note, [_signer("witness.example.com/w1").cosigner.verifier])


@pytest.mark.parametrize("time", [None, -1, 2**63])
def test_a_cosigner_needs_a_time(time: int | None) -> None:
    with pytest.raises(ValueError, match="time"):
        sign("text\n", _signer().cosigner, time=time)


@pytest.mark.parametrize("at", [4, 11, 12, 75])
def test_a_cosignature_with_another_time_or_signature_is_refused(at: int) -> None:
    signer = _signer().cosigner
    head, _, encoded = sign("text\n", signer, time=1).rpartition(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[at] ^= 1
    with pytest.raises(VerificationError, match="wrong"):
        verify(f"{head} {base64.b64encode(raw).decode()}\n", [signer.verifier])


def test_a_cosignature_is_no_signature_and_a_signature_no_cosignature() -> None:
    signer = _signer()
    assert signer.cosigner.key_id != signer.key_id
    with pytest.raises(VerificationError, match="no known key"):
        verify(sign("text\n", signer.cosigner, time=1), [signer.verifier])
    with pytest.raises(VerificationError, match="no known key"):
        verify(sign("text\n", signer), [signer.verifier.cosigner])
    # Not even under the other's key id: what is signed begins otherwise.
    forged = Signer("log.example", signer.cosigner.key_id, signer.key)
    with pytest.raises(VerificationError, match="wrong"):
        verify(sign("text\n", forged), [signer.verifier.cosigner])


def test_signatures_of_unknown_types_are_ignored() -> None:
    signer = _signer()
    mldsa = base64.b64encode(b"\x01\x02\x03\x04" + bytes(8 + 2420)).decode()
    note = f"{sign(_GO_TEXT, signer)}\u2014 log.example {mldsa}\n\u2014 other AAAAAAA=\n"
    assert verify(note, [signer.verifier]) == _GO_TEXT
    assert read_note(note, [_signer("third").verifier]).signatures == ()


def test_a_note_is_refused_where_one_of_two_known_keys_did_not_sign_it() -> None:
    first, second = _signer("first"), _signer("second")
    other = sign("other\n", second).partition("\n\n")[2]
    with pytest.raises(VerificationError, match="signature of second is wrong"):
        verify(sign("text\n", first) + other, [first.verifier, second.verifier])


def test_a_note_has_bounds() -> None:
    signer = _signer()
    with pytest.raises(VerificationError, match="no signed note"):
        verify(sign("x" * 2**20 + "\n", signer), [signer.verifier])
    with pytest.raises(VerificationError, match="too many"):
        verify(sign("x\n", *[signer] * 101), [signer.verifier])

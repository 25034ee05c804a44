from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.note import Signer, Verifier, sign, verify
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

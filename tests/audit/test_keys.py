from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.audit.keys import (
    create_auditor,
    create_keys,
    create_signer,
    load_auditor,
    load_recipient,
    load_signer,
    load_verifiers,
    next_name,
)
from gateway.audit.note import Signer
from gateway.audit.recipients import fingerprint, suite_of
from gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_new_keys_belong_together_and_private_ones_are_private(tmp_path: Path) -> None:
    files = create_keys(tmp_path / "keys", "log.example")
    assert {file.name: file.stat().st_mode & 0o777 for file in files} == {
        "auditor.key": 0o600,
        "auditor.pub": 0o644,
        "log.key": 0o600,
        "log.vkey": 0o644,
    }
    auditor = load_auditor(tmp_path / "keys/auditor.key")
    recipient = load_recipient(tmp_path / "keys/auditor.pub")
    assert auditor.public_key().public_bytes_raw() == recipient.public_bytes_raw()
    signer = load_signer(tmp_path / "keys/log.key")
    assert load_verifiers(tmp_path / "keys/log.vkey") == (signer.verifier,)
    assert signer.name == "log.example"


def test_two_logs_have_two_names(tmp_path: Path) -> None:
    names = set()
    for folder in ("a", "b"):
        create_keys(tmp_path / folder)
        names.add(load_verifiers(tmp_path / folder / "log.vkey")[0].name)
    assert len(names) == 2


@pytest.mark.parametrize("name", ["auditor.pub", "log.key"])
def test_keys_are_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigurationError, match="the file exists"):
        create_keys(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_private_key_is_no_recipient(tmp_path: Path) -> None:
    create_keys(tmp_path)
    with pytest.raises(ConfigurationError, match=r"auditor.key: this is an auditor's private key"):
        load_recipient(tmp_path / "auditor.key")


@pytest.mark.parametrize(
    ("load", "file"), [(load_auditor, "auditor.key"), (load_signer, "log.key")]
)
@pytest.mark.parametrize("mode", [0o604, 0o644, 0o620])
def test_a_private_key_that_others_can_read_is_refused(
    tmp_path: Path, load: Callable[[Path], object], file: str, mode: int
) -> None:
    create_keys(tmp_path)
    (tmp_path / file).chmod(mode)
    with pytest.raises(ConfigurationError, match="open to others; run `chmod 600"):
        load(tmp_path / file)


@pytest.mark.parametrize("load", [load_auditor, load_recipient, load_signer, load_verifiers])
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"-----BEGIN PUBLIC KEY-----\nAA\n"])
def test_what_is_no_key_is_refused_with_its_place(
    tmp_path: Path, load: Callable[[Path], object], content: bytes | None
) -> None:
    path = tmp_path / "some.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert caught.value.problems[0].place.file == str(path)


def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public, private, locked = tmp_path / "a.pub", tmp_path / "a.key", tmp_path / "b.key"
    pem, form = Encoding.PEM, PrivateFormat.PKCS8
    public.write_bytes(key.public_key().public_bytes(pem, PublicFormat.SubjectPublicKeyInfo))
    private.write_bytes(key.private_bytes(pem, form, NoEncryption()))
    locked.write_bytes(key.private_bytes(pem, form, BestAvailableEncryption(b"x")))
    private.chmod(0o600)
    locked.chmod(0o600)
    with pytest.raises(ConfigurationError, match="neither X25519 nor X-Wing"):
        load_recipient(public)
    with pytest.raises(ConfigurationError, match="neither X25519 nor X-Wing"):
        load_auditor(private)
    with pytest.raises(ConfigurationError, match="encrypted"):
        load_auditor(locked)


def test_an_x_wing_pair_belongs_together_and_says_what_it_is(tmp_path: Path) -> None:
    private, public = create_auditor(tmp_path, "x-wing", "later")
    assert [private.name, public.name] == ["later.key", "later.pub"]
    assert private.stat().st_mode & 0o777 == 0o600
    auditor, recipient = load_auditor(private), load_recipient(public)
    assert suite_of(auditor) == suite_of(recipient) == "x-wing"
    assert fingerprint(auditor.public_key()) == fingerprint(recipient)
    with pytest.raises(ConfigurationError, match=r"later.key: this is an auditor's private key"):
        load_recipient(private)
    with pytest.raises(ConfigurationError, match="open to others"):
        load_auditor(public)


@pytest.mark.parametrize("file", ["auditor.key", "auditor.pub"])
def test_an_x_wing_key_that_is_cut_is_refused(tmp_path: Path, file: str) -> None:
    create_auditor(tmp_path, "x-wing")
    path = tmp_path / file
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:-2], "AAAA\n", lines[-1]]))
    with pytest.raises(ConfigurationError, match="in PEM"):
        load_auditor(path) if file.endswith(".key") else load_recipient(path)


def test_a_verifier_file_holds_earlier_keys_too(tmp_path: Path) -> None:
    first, second = (Signer.of("log.example", Ed25519PrivateKey.generate()) for _ in range(2))
    create_signer(tmp_path, first)
    create_signer(tmp_path, second, "log-2", (first.verifier,))
    assert load_verifiers(tmp_path / "log-2.vkey") == (second.verifier, first.verifier)
    assert load_signer(tmp_path / "log-2.key").secret() == second.secret()


def test_a_verifier_file_with_a_line_that_is_none_is_refused(tmp_path: Path) -> None:
    create_keys(tmp_path)
    with (tmp_path / "log.vkey").open("a") as file:
        file.write("\nlog.example\n")
    with pytest.raises(ConfigurationError, match="no log verifier key"):
        load_verifiers(tmp_path / "log.vkey")


@pytest.mark.parametrize(
    ("there", "of", "named"),
    [
        ([], "log.key", "log-2"),
        (["log-2.key"], "log.key", "log-3"),
        (["log-2.vkey"], "log.key", "log-3"),
        ([], "log-2.key", "log-3"),
        ([], "prod-log.key", "prod-log-2"),
        (["log-10.key"], "log-9.key", "log-11"),
    ],
)
def test_the_next_pair_has_the_next_free_number(
    tmp_path: Path, there: list[str], of: str, named: str
) -> None:
    for name in there:
        (tmp_path / name).touch()
    assert next_name(tmp_path / of, ".key", ".vkey") == named


def test_a_link_to_nowhere_is_no_free_name(tmp_path: Path) -> None:
    (tmp_path / "log-2.key").symlink_to(tmp_path / "nowhere")
    assert next_name(tmp_path / "log.key", ".key", ".vkey") == "log-3"


@pytest.mark.parametrize("file", ["auditor.key", "auditor.pub"])
def test_a_kind_of_key_that_openssl_does_not_know_is_told(tmp_path: Path, file: str) -> None:
    create_auditor(tmp_path, "x-wing")
    path = tmp_path / file
    first, *body, last = path.read_text().splitlines()
    der = base64.b64decode("".join(body))
    assert der.count(b"\x81\xc8\x7a") == 1, "the end of the algorithm's identifier"
    text = base64.encodebytes(der.replace(b"\x81\xc8\x7a", b"\x81\xc8\x7b")).decode()
    path.write_text(f"{first}\n{text}{last}\n")
    with pytest.raises(ConfigurationError, match="not known to this machine's OpenSSL"):
        load_auditor(path) if file.endswith(".key") else load_recipient(path)

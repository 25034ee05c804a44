from __future__ import annotations

import base64
import functools
import json
import random
import string
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.scan.engine import Engine, default_specs

DRAW = random.Random(11)  # noqa: S311 - they open nothing, and must be the same each run


@functools.cache
def engine() -> Engine:
    return Engine([spec for spec in default_specs() if spec.kind == "secrets"])


def found(text: str) -> list[tuple[str, str]]:
    findings = engine().scan(text, "user", ("secrets",)).findings
    return [(one.entity, text[one.start : one.end]) for one in findings]


def chars(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(DRAW.choice(alphabet) for _ in range(count))


def lines(count: int, width: int = 64) -> str:
    return "\n".join(chars(width) for _ in range(count))


FORMS = [
    (PrivateFormat.PKCS8, NoEncryption()),
    (PrivateFormat.PKCS8, BestAvailableEncryption(b"abc")),
    (PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    (PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"abc")),
    (PrivateFormat.OpenSSH, NoEncryption()),
]


@pytest.mark.parametrize(("form", "encryption"), FORMS)
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_real_keys_in_every_wrapping(kind: str, form: PrivateFormat, encryption: Any) -> None:
    key = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    pem = key.private_bytes(Encoding.PEM, form, encryption).decode().strip()
    for text in (pem, pem.replace("\n", "\\n"), pem.replace("\n", "\r\n")):
        assert found(f'key = "{text}"') == [("PRIVATE_KEY", text)]


BREAKS = ["\n> ", "\n# ", "\n// ", "\n * ", "\n12: ", "\n\n", "|", "<br>", "</w:t></w:p><w:p><w:t>"]


@pytest.mark.parametrize("between", BREAKS)
def test_a_key_whose_lines_are_quoted_numbered_or_marked_up_is_found_whole(between: str) -> None:
    pem = f"-----BEGIN PRIVATE KEY-----\n{lines(9)}\n-----END PRIVATE KEY-----"
    text = pem.replace("\n", between)
    assert found(f"see {text} there") == [("PRIVATE_KEY", text)]


def test_what_is_public_is_clean() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert found(pem) == []
    assert found(f"-----BEGIN CERTIFICATE-----\n{lines(12)}\n-----END CERTIFICATE-----") == []
    ssh = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert found(f"{ssh} me@host") == []


def test_pgp_putty_ssh2_and_wireguard() -> None:
    pgp = (
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n"
        f"{lines(9)}\n=aB3d\n-----END PGP PRIVATE KEY BLOCK-----"
    )
    assert found(pgp) == [("PRIVATE_KEY", pgp)]
    ssh2 = f"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: me\n{lines(4)}"
    assert found(ssh2)[0] == ("PRIVATE_KEY", ssh2)
    putty = (
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPublic-Lines: 1\n"
        f"{chars(64)}\nPrivate-Lines: 2\n{lines(2)}\nPrivate-MAC: 00"
    )
    ((entity, value),) = found(putty)
    assert entity == "PRIVATE_KEY"
    assert value.startswith("Private-Lines: 2\n")
    assert "MAC" not in value
    assert found(f"[Interface]\nPrivateKey = {chars(43)}=")[0][0] == "PRIVATE_KEY"
    assert found(f"[Peer]\nPublicKey = {chars(43)}=") == []


def test_private_members_of_a_json_web_key() -> None:
    public = f'{{"kty":"RSA","n":"{chars(342)}","e":"AQAB","kid":"{chars(43)}"'
    assert found(public + "}") == []
    exponent = chars(342)
    assert found(f'{public},"d":"{exponent}"}}') == [("PRIVATE_KEY", exponent)]
    secret = chars(43)
    assert found(f'{{"kty":"oct","k":"{secret}"}}') == [("PRIVATE_KEY", secret)]
    assert found(f'{{"page":1,"k":"{secret}"}}') == []
    assert found(f'{{"not-d":"{secret}"}}') == []


def test_a_service_account_of_1password() -> None:
    token = "ops_" + base64.b64encode(
        json.dumps({"signInAddress": "x.1password.com", "secret": chars(300)}).encode()
    ).decode().rstrip("=")
    assert ("ONEPASSWORD_KEY", token) in found(f"export OP_TOKEN={token}")


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HEAD, CLAIMS = part({"alg": "RS256"}), part({"sub": "someone"})


def test_json_web_tokens() -> None:
    signed, bare = f"{HEAD}.{CLAIMS}.{chars(86)}", f"{HEAD}.{CLAIMS}"
    assert found(f"Bearer {signed}") == [("JWT", signed)]
    assert found(f"see {bare} there") == [("JWT", bare)]
    head = part({"alg": "RSA-OAEP", "enc": "A256GCM"})
    sealed = ".".join([head, *map(chars, (80, 16, 90, 22))])
    assert found(sealed) == [("JWT", sealed)]


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        f"{HEAD[:-1]}.{CLAIMS}.{'a1' * 43}",
        f"{part({'some': 'json'})}.{CLAIMS}.{'a1' * 43}",
        f"{HEAD}.eyJnotreallyjson",
        "eyJhbGciOi.is.how.a.token.begins",
    ],
)
def test_what_only_looks_like_a_token_is_clean(text: str) -> None:
    assert found(text) == []


def test_a_private_key_of_a_key_file_in_base64_is_found() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    text = f"client-key-data: {base64.b64encode(pem).decode()}"
    assert [entity for entity, _ in found(text)] == ["PRIVATE_KEY"]

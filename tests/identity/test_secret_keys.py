from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from structlog.testing import capture_logs

from gateway.errors import ConfigurationError, Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.jwt import Issuer, Verifier
from gateway.identity.secret_keys import SecretKeys, read_secret
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.settings import IssuerSettings
    from tests.identity.conftest import HeldKeys, Signer, Until

    MakeSettings = Callable[..., IssuerSettings]

SECRET = b"q7Jm2xP0c9Vt4Rk8Zs1Nf6Hy3Wd5Lb0Gu8Ea2Ti4Oq7Xw1Cv9"
HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
SYMMETRIC = "https://symmetric.test/"


def signed(signer: Signer, secret: bytes, algorithm: str = "HS256", **header: Any) -> str:
    """A token of the symmetric issuer; its claims are those of the other one's tokens."""
    header = {"alg": algorithm, "kid": None, **header}
    unsigned = signer.token(header=header, iss=SYMMETRIC).rpartition(".")[0]
    return f"{unsigned}.{encode(hmac.digest(secret, unsigned.encode(), HASHES['HS256']))}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "issuer.secret"
    file.write_bytes(SECRET + b"\n")
    file.chmod(0o600)
    return file


@pytest.fixture
async def keys(path: Path) -> AsyncIterator[SecretKeys]:
    source = SecretKeys(path, "HS256", poll=0.02)
    await source.start()
    yield source
    await source.close()


@pytest.fixture
def both(keys: SecretKeys, path: Path, held: HeldKeys, make_settings: MakeSettings) -> Verifier:
    """A symmetric issuer beside one with public keys."""
    symmetric = make_settings(
        issuer=SYMMETRIC, jwks_file=None, secret_file=path, algorithms=("HS256",)
    )
    return Verifier([Issuer(make_settings(), held), Issuer(symmetric, keys)])


def put(path: Path, data: bytes | None) -> None:
    path.unlink() if data is None else path.write_bytes(data)


async def refused(verifier: Verifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await verifier.verify(token)
    return refusal.value.reason


async def test_tokens_made_with_the_secret_are_taken(both: Verifier, signer: Signer) -> None:
    assert (await both.verify(signed(signer, SECRET))).issuer == SYMMETRIC
    assert (await both.verify(signer.token())).issuer != SYMMETRIC


@pytest.mark.parametrize("algorithm", HASHES)
async def test_every_algorithm(
    tmp_path: Path, make_settings: MakeSettings, signer: Signer, algorithm: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(secrets.token_bytes(64))
    file.chmod(0o400)
    source = SecretKeys(file, algorithm)
    await source.start()
    settings = make_settings(jwks_file=None, secret_file=file, algorithms=(algorithm,))
    verifier = Verifier([Issuer(settings, source)])
    unsigned = signer.token(header={"alg": algorithm}).rpartition(".")[0]
    signature = hmac.digest(file.read_bytes(), unsigned.encode(), HASHES[algorithm])
    assert (await verifier.verify(f"{unsigned}.{encode(signature)}")).subject == "alice"
    cut = f"{unsigned}.{encode(signature[:-1])}"
    assert await refused(verifier, cut) == "signature: it does not hold"
    await source.close()


@pytest.mark.parametrize("kid", [None, "any", "key-ES256", "../../etc/passwd"])
async def test_the_name_of_a_key_chooses_nothing(
    both: Verifier, signer: Signer, kid: str | None
) -> None:
    assert (await both.verify(signed(signer, SECRET, kid=kid))).issuer == SYMMETRIC
    assert (await refused(both, signed(signer, b"x" * 48, kid=kid))).startswith("signature")


# Attacks that mix the two kinds of issuers up.


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
async def test_public_key_as_hmac_secret(
    both: Verifier, signers: dict[str, Signer], encoding: Encoding
) -> None:
    public = signers["RS256"].private.public_key()
    secret = public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    for key in (secret, secret.strip(), dumps(signers["RS256"].jwk())):
        token = signed(signers["RS256"], key, kid="key-RS256")
        assert await refused(both, token) == "signature: it does not hold"


async def test_secret_of_one_issuer_for_tokens_of_another(both: Verifier, signer: Signer) -> None:
    unsigned = signer.token(header={"alg": "HS256"}).rpartition(".")[0]
    forged = f"{unsigned}.{encode(hmac.digest(SECRET, unsigned.encode(), 'sha256'))}"
    assert await refused(both, forged) == "algorithm: not one of the issuer's"


@pytest.mark.parametrize("name", ["RS256", "ES256", "EdDSA"])
async def test_public_key_for_tokens_of_a_symmetric_issuer(
    both: Verifier, signers: dict[str, Signer], name: str
) -> None:
    token = signers[name].token(iss=SYMMETRIC)
    assert await refused(both, token) == "algorithm: not one of the issuer's"
    relabelled = signers[name].token(iss=SYMMETRIC, header={"alg": "HS256"})
    assert await refused(both, relabelled) == "signature: it does not hold"


@pytest.mark.parametrize("blank", [b"", b"\0", b"\0" * 32, b"\n"])
async def test_blank_key_hmac(both: Verifier, signer: Signer, blank: bytes) -> None:
    assert await refused(both, signed(signer, blank)) == "signature: it does not hold"


@pytest.mark.parametrize("spelling", ["none", "NONE", "HS384", "HS512", "hs256", "HS256 "])
async def test_another_algorithm_with_the_right_secret(
    both: Verifier, signer: Signer, spelling: str
) -> None:
    token = signed(signer, SECRET, spelling)
    assert await refused(both, token) == "algorithm: not one of the issuer's"
    assert (await refused(both, token.rpartition(".")[0] + ".")).startswith(
        ("algorithm", "malformed")
    )


# The file.


async def test_a_new_secret_counts_at_once_and_the_old_one_no_longer(
    both: Verifier, keys: SecretKeys, path: Path, signer: Signer, until: Until
) -> None:
    old, fresh = signed(signer, SECRET), SECRET[::-1]
    await both.verify(old)
    before = keys.keys
    put(path, fresh)
    await until(lambda: keys.keys is not before)
    assert await refused(both, old) == "signature: it does not hold"
    assert (await both.verify(signed(signer, fresh))).issuer == SYMMETRIC


@pytest.mark.parametrize("weak", [b"", b"short", b"a" * 64, None])
async def test_a_weak_secret_later_on_leaves_the_last_good_one(
    keys: SecretKeys, path: Path, weak: bytes | None, both: Verifier, signer: Signer
) -> None:
    put(path, weak)
    with capture_logs() as logs:
        assert not await keys._file.look()
    assert [log["event"] for log in logs] == ["secret_file_refused"]
    assert (await both.verify(signed(signer, SECRET))).issuer == SYMMETRIC


@pytest.mark.parametrize(
    ("data", "mode", "words"),
    [
        (None, 0, "cannot be read: No such file"),
        (b"", 0o600, "shorter than the 32 bytes"),
        (b"hunter2", 0o600, "shorter than the 32 bytes"),
        (b"your-256-bit-secret-your-256-bit-secret", 0o600, "made of words"),
        (b"09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", 0o600, "published"),
        (bytes(32), 0o600, "made by hand"),
        (SECRET, 0o644, "open to others"),
        (SECRET, 0o604, "open to others"),
        (SECRET, 0o620, "open to others"),
        (SECRET * 100, 0o600, "larger than 4096"),
    ],
)
async def test_a_gateway_does_not_start_on_it(
    tmp_path: Path, data: bytes | None, mode: int, words: str
) -> None:
    file = tmp_path / "secret"
    if data is not None:
        file.write_bytes(data)
        file.chmod(mode)
    source = SecretKeys(file, "HS256")
    with pytest.raises(ConfigurationError, match=words) as refusal:
        await source.start()
    assert refusal.value.problems[0].place.file == str(file)
    assert not data or data.decode("latin-1") not in str(refusal.value)
    assert source.keys is None
    assert await source.find(None) is None
    await source.close()


@pytest.fixture
def path_for_group(path: Path) -> Path:
    path.chmod(0o640)
    return path


async def test_a_secret_that_its_group_may_read_is_taken(path_for_group: Path) -> None:
    source = SecretKeys(path_for_group, "HS256")
    await source.start()
    assert source.keys is not None
    assert SECRET.decode() not in repr(source.keys)
    await source.close()


def test_a_text_is_its_characters_and_anything_else_every_byte() -> None:
    for end in (b"", b"\n", b"\r\n"):
        assert read_secret(SECRET + end) == SECRET
    assert read_secret(SECRET + b"\n\n") == SECRET + b"\n\n"
    for random in (b"\x80" + bytes(30) + b"\n", b"\0" * 31 + b"\r\n", b"\xc3\xa9\n"):
        assert read_secret(random) == random

"""The page about proofs is true: its client talks to a gateway, its examples and tables hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from certificates import new_certificate
from cryptography.hazmat.primitives.asymmetric import ec
from house import LEAN, NO_TLS, House, build
from prover import Prover

from gateway.identity import dpop
from gateway.ingress.proxies import Proxies
from gateway.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "proofs.md").read_text()
YAML = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PROOF, OPENAI, ANTHROPIC, MTLS = re.findall(
    r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
)
ADDRESSES = re.findall(r"^\| `([^`]+)` \| (?:none|`([^`]+)`) \| `([^`]+)` \|$", PAGE, re.MULTILINE)
PUBLIC = "https://llm.example.com"
PROVING = f"""\
identity:
  public_urls: [{PUBLIC}]
  client_certificate: {{header: Client-Cert, format: pem}}
"""


def terminator(package: Any, url: str, *headers: tuple[str, str]) -> Any:
    """A transport to a house: the TLS terminator at the public URL, which adds these headers."""

    class Terminator(package.HTTPTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            assert str(request.url).startswith(PUBLIC + "/")
            port = httpx.URL(url).port
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
            request.headers.update(headers)
            return super().handle_request(request)

    return Terminator(trust_env=False, verify=NO_TLS)


@pytest.fixture(scope="module")
def proving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    edit = {
        "identity:\n": PROVING,
        "listen: {host": "listen: {trusted_proxies: [127.0.0.1/32], host",
    }
    with build(tmp_path_factory.mktemp("proving"), edit=edit, policy=LEAN) as house:
        yield house


def run(code: str, house: House, *headers: tuple[str, str], **names: Any) -> dict[str, Any]:
    """Runs an example with the HTTP client's way leading to a house."""

    def client(package: Any, **options: Any) -> Any:
        transport = terminator(package, house.url, *headers)
        made = package.Client(**options | {"transport": transport, "verify": NO_TLS})
        return house.clients.enter_context(made)

    code = re.sub(r"(httpx2?)\.Client\(", r"client(\1, ", code)
    space: dict[str, Any] = {"client": client, **names}
    exec(compile(code, "proofs.md", "exec"), space)  # noqa: S102  # it is our own page
    return space


def ask_openai(client: Any) -> str:
    answer = client.chat.completions.create(
        model="demo-small", messages=[{"role": "user", "content": "Hi"}]
    )
    return str(answer.choices[0].message.content)


@pytest.fixture
def bound(proving: House) -> dict[str, Any]:
    """A key, and a token that is bound to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    return {
        "key": key,
        "token": proving.token("analyst", cnf={"jkt": Prover(private=key).thumbprint}),
    }


def test_the_openai_sdk_with_proofs(proving: House, bound: dict[str, Any]) -> None:
    space = run(PROOF + OPENAI, proving, **bound)
    for _ in range(2):
        assert "Hi" in ask_openai(space["chat"])
    answer = space["http"].get(f"{PUBLIC}/gateway/whoami?a=b", headers={"x-api-key": "none"})
    assert answer.json()["subject"] == "ada"


def test_the_anthropic_sdk_with_proofs(proving: House, bound: dict[str, Any]) -> None:
    space = run(PROOF + ANTHROPIC, proving, **bound)
    message = space["claude"].messages.create(
        model="demo-small", max_tokens=99, messages=[{"role": "user", "content": "Hi"}]
    )
    assert "Hi" in message.content[0].text


def test_the_same_sdk_without_proofs(proving: House, bound: dict[str, Any]) -> None:
    space = run(OPENAI, proving, **bound, DPoP=lambda _token, _key: None)
    for token in ("none", bound["token"]):
        with pytest.raises(openai.AuthenticationError, match="A valid token is required"):
            ask_openai(space["chat"].with_options(api_key=token))


def test_the_client_with_a_certificate(proving: House) -> None:
    certificate, other = new_certificate(), new_certificate()
    token = proving.token("analyst", cnf={"x5t#S256": certificate.x5t})
    code = re.sub(r"^tls\.load_cert_chain.*$", "", MTLS, flags=re.MULTILINE)
    assert code != MTLS
    header = "client-cert", certificate.header("pem").decode()
    assert "Hi" in ask_openai(run(code, proving, header, token=token)["chat"])
    for headers in ((), (("client-cert", other.header("pem").decode()),)):
        with pytest.raises(openai.AuthenticationError, match="A valid token is required"):
            ask_openai(run(code, proving, *headers, token=token)["chat"])


def test_the_settings_load(tmp_path: Path) -> None:
    (example,) = YAML
    (tmp_path / "gateway.yaml").write_text(example)
    settings = load_settings(tmp_path / "gateway.yaml", {})
    assert [issuer.proof for issuer in settings.identity.issuers] == ["dpop", "mtls"]
    assert settings.listen.trusted_proxies == ("10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(("peer", "forwarded", "client"), ADDRESSES)
def test_the_table_of_addresses(peer: str, forwarded: str, client: str) -> None:
    headers = ((b"x-forwarded-for", forwarded.encode()),) if forwarded else ()
    assert Proxies(["10.0.0.0/8", "fd00::/8"]).client_address(peer, headers) == client


def test_the_tables_were_found() -> None:
    assert len(ADDRESSES) == 8


def test_the_numbers_and_algorithms_are_those_of_the_code() -> None:
    assert f"at most {dpop.WINDOW:.0f} seconds ago or ahead" in PAGE
    assert f"last {['', 'one', 'two', 'three'][round(dpop._REMEMBERED / 60)]} minutes" in PAGE
    (row,) = re.findall(r"^\| `alg` \| (.*) \|$", PAGE, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == list(dpop._ALGORITHMS)
    assert f"at most {dpop._MAX_LENGTH // 1024} KiB" in PAGE
    assert f"1 to {dpop._MAX_ID} characters" in PAGE


def test_every_reason_of_a_proof_is_explained() -> None:
    table = PAGE.partition("## Why a token was refused")[2]
    for word in ("scheme", "binding", "proof", "certificate", "actor", "too many failures"):
        assert f"| `{word}` |" in table

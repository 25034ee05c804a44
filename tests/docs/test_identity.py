"""The page on identity is true: its tokens are taken as it says, and its bounds are the code's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from gateway.errors import Unauthenticated
from gateway.identity.discovery import metadata_url
from gateway.identity.fetch import MAX_BYTES
from gateway.identity.identify import Identity
from gateway.identity.jwks import _MAX_KEYS
from gateway.identity.revoked import read_lines
from gateway.identity.url_keys import Timing
from gateway.ingress.guard import RequestHead
from gateway.settings import IdentitySettings, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.terms import Principal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "identity.md").read_text()
PROVIDERS = PAGE.partition("\n## Providers\n")[2].partition("\n## ")[0]
BLOCK = r"^```{}\n(.*?)^```$"
KEY = rsa.generate_private_key(65537, 2048)
REST = """
upstreams: {demo: {url: "http://127.0.0.1:1"}}
policy: {path: policies}
audit: off
"""


def blocks(kind: str, text: str) -> list[str]:
    return re.findall(BLOCK.format(kind), text, re.DOTALL | re.MULTILINE)


def settings_of(text: str, folder: Path) -> Settings:
    (folder / "gateway.yaml").write_text(text + REST)
    return load_settings(folder / "gateway.yaml", {})


def sections() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Name, settings, payload and what is said below it; settings stay until others are given."""
    settings = ""
    for section in PROVIDERS.split("\n### ")[1:]:
        settings = (blocks("yaml", section) or [settings])[0]
        (payload,) = blocks("json", section)
        said = section.rpartition("```\n")[2]
        yield section.partition("\n")[0], settings, json.loads(payload), said


SECTIONS = {name: (settings, payload, said) for name, settings, payload, said in sections()}
TAKEN = [name for name, (_, _, said) in SECTIONS.items() if "Subject" in said]
HEADERS: dict[str, list[str | None]] = {"Okta": [None], "AWS Cognito": [None],
                                        "Auth0": ["JWT", "at+jwt"]}  # fmt: skip


async def identify(
    settings: IdentitySettings, payload: dict[str, Any], kind: str | None = "JWT"
) -> Principal:
    """Signs a payload as its issuer would, and takes it a minute after it was issued."""
    jwk = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    issuer = settings.issuers[0].issuer
    documents = {
        metadata_url(issuer): {"issuer": issuer, "jwks_uri": "https://keys.test/"},
        "https://keys.test/": {"keys": [{**jwk, "kid": "1", "use": "sig"}]},
    }
    transport = httpx.MockTransport(
        lambda asked: httpx.Response(200, json=documents[str(asked.url)])
    )
    token = jwt.encode(payload, KEY, "RS256", {"kid": "1", "typ": kind})
    head = RequestHead("GET", b"/", b"", "1.1", ((b"x-api-key", token.encode()),))
    identity = Identity(settings, transport=transport, clock=lambda: payload["iat"] + 60.0)
    await identity.start()
    try:
        return await identity.identify(head, None)
    finally:
        await identity.close()


def example(name: str, folder: Path) -> tuple[IdentitySettings, dict[str, Any], str]:
    settings, payload, said = SECTIONS[name]
    return settings_of(settings, folder).identity, payload, said


def test_there_are_all_the_providers() -> None:
    assert len(TAKEN) == 8
    assert [name for name in SECTIONS if name not in TAKEN] == ["Entra ID: too many groups"]
    rows = re.findall(r"^\| (.+?) \| `https://", PROVIDERS, re.MULTILINE)
    assert len(rows) == 7
    for row in rows:
        assert any(name.startswith(row.partition(",")[0]) for name in SECTIONS)


@pytest.mark.parametrize("name", TAKEN)
async def test_a_providers_token_gives_what_the_page_says(tmp_path: Path, name: str) -> None:
    settings, payload, said = example(name, tmp_path)
    for kind in HEADERS.get(name, ["JWT"]):
        found = await identify(settings, payload, kind)
        facts = re.match(r"\s*Subject (.+?);\s+roles (.+?);\s+tenant (.+?)\.\s*$", said, re.DOTALL)
        assert facts is not None
        subject, roles, tenant = (re.findall(r"`(.+?)`", fact) for fact in facts.groups())
        assert [found.subject] == subject
        assert list(found.roles) == roles
        assert [found.tenant] == tenant


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_for_somebody_else_is_refused(tmp_path: Path, name: str) -> None:
    settings, payload, _ = example(name, tmp_path)
    place = settings.issuers[0].claims.audience
    for wrong in ("another-service", ["another-service"], None, f"{payload[place]}x"):
        with pytest.raises(Unauthenticated, match=r"^(audience|claims): "):
            await identify(settings, {**payload, place: wrong})
    for issuer in (f"{payload['iss']}x", payload["iss"].removeprefix("https://"), ""):
        with pytest.raises(Unauthenticated, match=r"^issuer: "):
            await identify(settings, {**payload, "iss": issuer})


@pytest.mark.parametrize("mark", [None, {"hasgroups": True}, {"_claim_names": '{"groups":"src1"}'}])
async def test_group_overage_is_refused(tmp_path: Path, mark: dict[str, Any] | None) -> None:
    settings, payload, said = example("Entra ID: too many groups", tmp_path)
    assert said.strip() == "Refused: `overage`."
    if mark is not None:
        payload = {name: one for name, one in payload.items() if not name.startswith("_")} | mark
    with pytest.raises(Unauthenticated, match=r"^overage: "):
        await identify(settings, payload)


async def test_cognitos_id_tokens_are_refused(tmp_path: Path) -> None:
    settings, payload, _ = example("AWS Cognito", tmp_path)
    id_token = {**payload, "aud": payload["client_id"], "token_use": "id"}
    del id_token["client_id"]
    with pytest.raises(Unauthenticated, match=r"^audience: "):
        await identify(settings, id_token)


async def test_a_tenant_of_entra_does_not_speak_for_another(tmp_path: Path) -> None:
    settings, payload, _ = example("Entra ID, version 2", tmp_path)
    other = payload["iss"].replace("8c3b9c5e", "11111111")
    with pytest.raises(Unauthenticated, match=r"^issuer: "):
        await identify(settings, {**payload, "iss": other})


async def test_roles_of_a_client_of_keycloak(tmp_path: Path) -> None:
    settings, payload, _ = example("Keycloak", tmp_path)
    path = "resource_access.llm-gateway.roles"
    assert f"`{path}`" in PROVIDERS
    issuer = settings.issuers[0]
    claims = issuer.claims.model_copy(update={"roles": path})
    changed = settings.model_copy(
        update={"issuers": (issuer.model_copy(update={"claims": claims}),)}
    )
    assert (await identify(changed, payload)).roles == ("batch",)


# Settings, lists, bounds and words.


@pytest.mark.parametrize("text", blocks("yaml", PAGE.partition("\n## Providers\n")[0]))
def test_the_other_examples_load(tmp_path: Path, text: str) -> None:
    settings_of(text, tmp_path)


def test_the_list_of_revocations_is_one() -> None:
    (lines,) = blocks("json", PAGE.partition("\n## Revocation\n")[2].partition("\n## ")[0])
    found = read_lines(lines.encode())
    assert len(found) == 4
    assert {one.reason for one in found} == {"lost laptop", None, "barred", "signing key leaked"}


@pytest.mark.parametrize(
    ("row", "bounds"),
    [
        ("fetched again", (Timing().ttl / 60,)),
        ("after a failed fetch", (1, 2, 4, Timing().retry)),
        ("one fetch, from connecting to the last byte", (Timing().timeout,)),
        ("size of an answer", (MAX_BYTES / 1024,)),
        ("keys in a set", (_MAX_KEYS,)),
        (
            "fetches that unknown `kid`s cause",
            (Timing().cooldown, Timing().cooldown * 1.2),
        ),
        ("a `kid` that the issuer did not know", (Timing().missing,)),
        ("a key that is no longer published", (Timing().grace,)),
        ("the last good set, while the issuer cannot be reached", (Timing().max_stale / 3600,)),
    ],
)
def test_the_bounds_are_those_of_the_code(row: str, bounds: tuple[float, ...]) -> None:
    found = re.search(rf"^\| {re.escape(row)} \| (.+) \|$", PAGE, re.MULTILINE)
    assert found is not None
    assert tuple(float(number) for number in re.findall(r"\d+", found[1])) == bounds


def test_every_word_of_a_refusal_is_explained() -> None:
    reasons = PAGE.partition("\n## Why a token was refused\n")[2]
    named = set(
        re.findall(r"`([a-z ]+)`", "".join(re.findall(r"^\| (`.+?) \|", reasons, re.MULTILINE)))
    )
    docstring = Identity.identify.__doc__ or ""
    words = set(re.findall(r"``([a-z ]+)``", docstring.partition("stable")[2]))
    assert named == words
    assert len(words) > 25


def test_every_word_of_a_refusal_is_one_of_them() -> None:
    """What the room raises starts with a word of the list."""
    raised = set()
    for file in (ROOT / "gateway" / "identity").glob("*.py"):
        text = file.read_text()
        raised |= set(re.findall(r'Unauthenticated\(\s*f?"([a-z ]+)', text))
    words = set(re.findall(r"``([a-z ]+)``", (Identity.identify.__doc__ or "")))
    assert raised <= words
    assert len(raised) > 15

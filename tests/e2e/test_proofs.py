"""Bound tokens at a running gateway: with their key or certificate, and in a thief's hands."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import LEAN, House, build, chat
from prover import Prover, encode
from redis_server import run_redis

from gateway.audit.filters import Filters
from gateway.audit.query import events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

PATH: Final = "/v1/chat/completions"
OUTSIDE: Final = "https://gateway.example"
DPOP: Final = {
    "identity:\n": f"identity:\n  public_urls: [{OUTSIDE}]\n",
    "      algorithms: [ES256]": "      proof: dpop\n      algorithms: [ES256]",
}
MTLS: Final = {
    "listen: {": "listen: {trusted_proxies: [127.0.0.1/32], ",
    "identity:\n": "identity:\n  client_certificate: {header: x-client-sha256, format: sha256}\n",
    "      algorithms: [ES256]": "      proof: mtls\n      algorithms: [ES256]",
}
CERTIFICATE: Final = sha256(b"the certificate of a client, in DER").digest()


@pytest.fixture(scope="module")
def dpop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("dpop"), edit=DPOP, policy=LEAN) as house:
        yield house


@pytest.fixture(scope="module")
def mtls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("mtls"), edit=MTLS, policy=LEAN) as house:
        yield house


def bound(house: House, **cnf: str) -> str:
    return house.token("analyst", cnf=cnf)


def send(house: House, headers: dict[str, str], **more: Any) -> httpx.Response:
    return house.client().post(PATH, json=chat("hello"), headers=headers, **more)


def proven(prover: Prover, token: str, url: str = OUTSIDE + PATH) -> dict[str, str]:
    return {"authorization": f"DPoP {token}", "dpop": prover.proof("POST", url, token)}


def test_a_key_that_is_held_opens_the_gateway_and_each_proof_works_once(dpop: House) -> None:
    prover = Prover()
    token = bound(dpop, jkt=prover.thumbprint)
    first = proven(prover, token)
    assert send(dpop, first).status_code == 200
    assert send(dpop, first).status_code == 401
    assert send(dpop, proven(prover, token)).status_code == 200


def test_a_stolen_token_is_worth_nothing(dpop: House) -> None:
    owner, thief = Prover(), Prover()
    token = bound(dpop, jkt=owner.thumbprint)
    seen = len(dpop.demo.seen)
    stolen = [
        {"authorization": f"Bearer {token}"},
        {"authorization": f"DPoP {token}"},
        {"x-api-key": token},
        proven(thief, token),
        proven(owner, token, "https://elsewhere.example" + PATH),
        proven(owner, token, OUTSIDE + "/v1/messages"),
        {**proven(owner, token), "authorization": f"DPoP {bound(dpop, jkt=thief.thumbprint)}"},
        {"authorization": f"Bearer {dpop.token('analyst')}"},
    ]
    answers = [send(dpop, headers) for headers in stolen]
    assert [answer.status_code for answer in answers] == [401] * len(stolen)
    assert len({answer.json()["error"]["message"] for answer in answers}) == 1
    assert len(dpop.demo.seen) == seen


def test_a_proof_never_reaches_the_upstream(dpop: House) -> None:
    prover = Prover()
    assert send(dpop, proven(prover, bound(dpop, jkt=prover.thumbprint))).status_code == 200
    names = {name for name, _ in dpop.demo.seen[-1].headers}
    assert names.isdisjoint({"dpop", "authorization"})


def test_replicas_with_one_redis_take_a_proof_once(tmp_path: Path) -> None:
    with run_redis(tmp_path) as redis:
        edit = {**DPOP, "upstreams:": f"state: {redis.url}\nupstreams:"}
        with (
            build(tmp_path / "one", edit=edit, policy=LEAN) as one,
            build(tmp_path / "two", edit=edit, policy=LEAN, prepare=_same_issuer(one)) as two,
        ):
            prover = Prover()
            headers = proven(prover, bound(one, jkt=prover.thumbprint))
            assert send(one, headers).status_code == 200
            assert send(two, headers).status_code == 401
            token = bound(one, jkt=prover.thumbprint)
            assert send(two, proven(prover, token)).status_code == 200
            redis.kill()
            lost = send(two, proven(prover, token))
            assert lost.status_code == 503
            assert lost.json()["error"]["code"] == "state_unavailable"


def _same_issuer(other: House) -> Any:
    def prepare(home: Path) -> None:
        for name in ("issuer.key", "issuer.jwks.json"):
            (home / "keys" / name).write_bytes((other.home / "keys" / name).read_bytes())

    return prepare


def test_the_certificate_of_the_connection_must_be_the_tokens(mtls: House) -> None:
    token = bound(mtls, **{"x5t#S256": encode(CERTIFICATE)})
    bearer = {"authorization": f"Bearer {token}"}
    own = ("x-client-sha256", CERTIFICATE.hex())
    assert send(mtls, dict([*bearer.items(), own])).status_code == 200
    assert "x-client-sha256" not in dict(mtls.demo.seen[-1].headers)
    foreign = ("x-client-sha256", sha256(b"another").hexdigest())
    seen = len(mtls.demo.seen)
    for shown in ([], [foreign], [own, own], [own, foreign], [foreign, own]):
        headers = [*bearer.items(), *shown]
        answer = mtls.client().post(PATH, json=chat("hello"), headers=headers)
        assert answer.status_code in {400, 401}
    assert len(mtls.demo.seen) == seen


def test_a_forwarded_address_is_recorded_where_the_proxy_is_trusted(mtls: House) -> None:
    token = bound(mtls, **{"x5t#S256": encode(CERTIFICATE)})
    headers = {
        "authorization": f"Bearer {token}",
        "x-client-sha256": CERTIFICATE.hex(),
        "x-forwarded-for": "203.0.113.9, 198.51.100.7",
    }
    answer = send(mtls, headers)
    assert answer.status_code == 200
    page = events(f"sqlite:///{mtls.home}/data/audit.db", Filters(limit=10))
    (found, *_) = [
        one for one in page.events if one["request"] == answer.headers["x-gateway-event"]
    ]
    assert found["source"]["ip"] == "198.51.100.7"

"""The whole gateway follows a provider that changes its keys while clients call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
from house import LEAN, NO_TLS, build, chat
from issuer_process import run_issuer_process

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS, CALLS = 8, 12


def test_no_call_fails_when_the_provider_changes_its_key(tmp_path: Path) -> None:
    with run_issuer_process() as issuer:
        old = issuer.rotate(CALLS)
        edit = {
            "issuer: https://issuer.localhost/": f"issuer: {issuer.url}",
            "jwks_file: keys/issuer.jwks.json": "discovery: true",
        }
        with build(tmp_path, edit=edit, policy=LEAN) as house, ThreadPoolExecutor(CLIENTS) as pool:

            def call(token: str) -> int:
                with httpx.Client(base_url=house.url, verify=NO_TLS, trust_env=False) as client:
                    headers = {"authorization": f"Bearer {token}"}
                    answer = client.post("/v1/chat/completions", json=chat("hi"), headers=headers)
                    return answer.status_code

            before = pool.map(call, old)
            new = issuer.rotate(CALLS)
            after = pool.map(call, [token for pair in zip(new, old, strict=True) for token in pair])
            assert set(before) | set(after) == {200}
            assert call(new[0][:-8] + "AAAAAAAA") == 401
        asked = issuer.asked()
    assert asked == {"/jwks.json": 2, "/.well-known/openid-configuration": 2}

"""Models beside the detectors: classifiers in a file and behind HTTP, and a reader of names."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest
from house import LEAN, House, build, chat
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tiny_classifier import write_classifier

from gateway.demo.reply import DemoReply, DemoRequest
from gateway.demo.running import serve
from gateway.errors import ConfigurationError
from gateway.model_settings import ModelSettings
from gateway.steps.activation import compile_policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from starlette.requests import Request

POLICY: Final = LEAN.replace(
    "rules:",
    """\
  names: {kind: pii, on: [user, answer], entities: {PERSON: redact, NRP: flag}, ask: analyzer}
  injection: {kind: injection, on: [user, tool], ask: MODEL, grey: {from: 0.0, to: 1.0}}
rules:""",
).replace("scan: [pii]", "scan: [pii, names, injection]")


class Server:
    """Scores words as attacks, names names, and fails as it is told to."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.fault = ""

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        if self.fault == "slow":
            await asyncio.sleep(30)
        if self.fault == "broken":
            return Response("oops", status_code=500)
        if "texts" in body:
            return JSONResponse({"scores": [0.99 * ("attack" in one) for one in body["texts"]]})
        found = []
        for name, entity in (("Ada Lovelace", "PERSON"), ("French", "NRP")):
            if (at := body["text"].find(name)) >= 0:
                found.append(
                    {"entity_type": entity, "start": at, "end": at + len(name), "score": 0.9}
                )
        return JSONResponse(found)


def reply(request: DemoRequest) -> DemoReply:
    return DemoReply("Ada Lovelace wrote it." if request.last.text == "tell" else "fine")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def models(server: Server) -> Iterator[str]:
    with serve(Starlette(routes=[Route("/{path}", server.answer, methods=["POST"])])) as url:
        yield url


def settings(url: str, folder: Path) -> str:
    network, tokenizer = write_classifier(folder)
    return f"""
models:
  analyzer: {{analyzer_url: "{url}/analyze", deadline: 2s}}
  far: {{classifier_url: "{url}/classify", deadline: 2s}}
  tiny: {{onnx: {network}, tokenizer: {tokenizer}, deadline: 20s}}
"""


@pytest.fixture(params=["far", "tiny"])
def house(request: pytest.FixtureRequest, models: str, tmp_path: Path) -> Iterator[House]:
    more = settings(models, tmp_path)

    def prepare(home: Path) -> None:
        file = home / "gateway.yaml"
        file.write_text(file.read_text() + more)

    policy = POLICY.replace("MODEL", str(request.param))
    with build(tmp_path, reply, policy=policy, prepare=prepare) as built:
        yield built


def post(house: House, text: str, **more: Any) -> httpx.Response:
    return house.client("analyst").post("/v1/chat/completions", json=chat(text, **more))


def records(house: House, answer: httpx.Response) -> list[dict[str, Any]]:
    return house.records_of(answer.headers["x-gateway-event"])


def test_what_only_a_model_knows_is_found(house: House) -> None:
    fine = post(house, "hello zebra, how are you")
    assert (fine.status_code, fine.headers["x-gateway-decision"]) == (200, "allow")
    bad = post(house, "hello attack zebra")
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "content_blocked")
    (refused,) = records(house, bad)
    (note,) = [one for one in refused["findings"] if one["scanner"] == "injection"]
    assert (note["entity"], note["action"]) == ("PROMPT_INJECTION", "block")


def test_names_that_a_reader_finds_are_taken_out(house: House) -> None:
    answer = post(house, "Ada Lovelace is not French")
    sent = orjson.loads(house.demo.seen[-1].body)["messages"][0]["content"]
    assert sent == "[PERSON] is not French"
    intent = records(house, answer)[0]
    assert {(one["scanner"], one["entity"]) for one in intent["findings"]} == {
        ("names", "PERSON"),
        ("names", "NRP"),
    }
    assert intent["coverage"]["scanners"]["names"] == "hit"


def test_names_in_a_whole_answer_are_taken_out(house: House) -> None:
    answer = post(house, "tell")
    assert answer.json()["choices"][0]["message"]["content"] == "[PERSON] wrote it."
    outcome = records(house, answer)[-1]
    assert outcome["coverage"]["scanners"]["names"] == "hit"


@pytest.mark.parametrize("fault", ["slow", "broken"])
def test_a_model_that_is_lost_blocks_within_its_deadline(
    house: House, server: Server, fault: str
) -> None:
    server.fault = fault
    started = time.monotonic()
    answer = post(house, "good morning to you all")
    assert time.monotonic() - started < 20
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "content_blocked")
    (refused,) = records(house, answer)
    verdict = {"slow": "timeout", "broken": "error"}[fault]
    assert refused["coverage"]["scanners"]["names"] == verdict
    server.fault = ""
    assert post(house, "hello again").status_code in {200, 400}


def test_a_model_that_nobody_has_is_an_error_of_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    analyzer = ModelSettings.model_validate({"analyzer_url": "https://a.example.com"})
    for name, why in (("missing", "no model 'missing'"), ("analyzer", "for scanners of kind pii")):
        file.write_text(POLICY.replace("MODEL", name))
        with pytest.raises(ConfigurationError, match=why):
            compile_policy([file], models={"analyzer": analyzer})
    file.write_text(POLICY.replace("MODEL", "missing"))
    compile_policy([file])  # without settings nobody knows which there are

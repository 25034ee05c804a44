"""What an answer says twice is read twice, rewritten twice, and counted once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from house import ANY_ROUTE, House, build

from gateway.demo.reply import DemoReply, DemoRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAGGING: Final = ANY_ROUTE.replace("EMAIL_ADDRESS: redact", "EMAIL_ADDRESS: flag")
MAIL: Final = "ann@example.com"
SAID: Final = f"Write to {MAIL}."
TOKENS: Final = [" Write", " to", f" {MAIL}", "."]
GEMINI: Final[dict[str, Any]] = {
    "candidates": [
        {
            "content": {"role": "model", "parts": [{"text": f"I know. {SAID}"}]},
            "finishReason": "STOP",
            "index": 0,
            "groundingMetadata": {
                "groundingSupports": [
                    {"segment": {"startIndex": 8, "endIndex": 8 + len(SAID), "text": SAID}}
                ]
            },
        }
    ],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 9},
    "modelVersion": "demo-small",
}
COMPLETION: Final[dict[str, Any]] = {
    "id": "c", "object": "text_completion", "created": 1, "model": "demo-small",
    "choices": [
        {
            "index": 0,
            "text": SAID,
            "finish_reason": "stop",
            # One space more than the text: the tokens are read as a text of their own.
            "logprobs": {
                "tokens": TOKENS,
                "token_logprobs": [-0.1] * 4,
                "top_logprobs": None,
                "text_offset": [0, 6, 9, 25],
            },
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5},
}  # fmt: skip


def reply(request: DemoRequest) -> DemoReply:
    gemini = "contents" in request.body
    body = json.loads(json.dumps(GEMINI if gemini else COMPLETION))
    if "else" in json.dumps(request.body):
        other = f"{SAID} And to bob@example.com."
        if gemini:
            body["candidates"][0]["groundingMetadata"]["groundingSupports"][0]["segment"][
                "text"
            ] = other
        else:
            body["choices"][0]["logprobs"]["tokens"][3] = ". And to bob@example.com."
    raw = json.dumps(body).encode()
    if not request.stream:
        return DemoReply(raw=(raw,), content_type="application/json")
    end = b"" if gemini else b"data: [DONE]\n\n"
    return DemoReply(raw=(b"data: %b\n\n%b" % (raw, end),), content_type="text/event-stream")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("repeated"), reply, policy=FLAGGING) as house:
        yield house


def found(house: House, wire: str, text: str, *, stream: bool) -> int:
    """How many addresses the record of an answer counts."""
    client = house.client("analyst")
    if wire == "gemini":
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        path = f"/v1beta/models/demo-small:{verb}"
        asked: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    else:
        path = "/v1/completions"
        asked = {"model": "demo-small", "prompt": text, "stream": stream, "logprobs": 1}
    answer = client.post(path, json=asked)
    assert answer.status_code == 200
    assert answer.text.count(MAIL) == 2
    outcome = house.records_of(answer.headers["x-gateway-event"])[-1]
    assert outcome["coverage"]["chars"] == outcome["coverage"]["scanned"]
    return sum(note["count"] for note in outcome["findings"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("wire", ["gemini", "completions"])
def test_bug_what_an_answer_said_twice_was_counted_twice(
    house: House, wire: str, *, stream: bool
) -> None:
    assert found(house, wire, "hello", stream=stream) == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("wire", ["gemini", "completions"])
def test_what_only_the_repetition_says_is_counted(house: House, wire: str, *, stream: bool) -> None:
    assert found(house, wire, "something else", stream=stream) == 2

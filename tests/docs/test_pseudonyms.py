"""The page on pseudonyms is true: its policy loads, and its example is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from house import build, chat

from gateway.demo.reply import DemoReply, DemoRequest

PAGE = (Path(__file__).parents[2] / "docs" / "pseudonyms.md").read_text()
(POLICY,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_its_example_is_what_happens(tmp_path: Path) -> None:
    heard: list[str] = []

    def reply(request: DemoRequest) -> DemoReply:
        heard.append(request.last.text)
        return DemoReply(request.last.text.replace("Write", "I wrote"))

    with build(tmp_path, reply, policy=POLICY) as house:
        answer = house.client("analyst").post(
            "/v1/chat/completions", json=chat("Write to ann@example.com.")
        )
    assert answer.headers["x-gateway-decision"] == "tokenise"
    said = answer.json()["choices"][0]["message"]["content"]
    assert said == "I wrote to ann@example.com."
    assert re.fullmatch(r"Write to <EMAIL_ADDRESS_[0-9a-f]{10}>\.", heard[-1])


def test_the_shapes_are_as_told() -> None:
    for word in ("stand-in.invalid", "999", "9999", "UNKNOWN_STAND_IN", "ten hexadecimal digits"):
        assert word in PAGE

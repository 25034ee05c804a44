"""Request bodies from files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from examples import MODEL, OWN

from gateway.cli.request_body import READABLE, json_object, read_file, read_request, readable
from gateway.errors import BadRequest, ConfigurationError

HELLO = [{"role": "user", "content": "hello"}]
CHAT: dict[str, Any] = {"model": "m", "messages": HELLO}
TOOL = {"type": "function", "function": {"name": "search", "parameters": {}}}


def written(folder: Path, body: object) -> Path:
    (folder / "body.json").write_bytes(orjson.dumps(body))
    return folder / "body.json"


@pytest.mark.parametrize(
    ("body", "route"),
    [
        (CHAT, "chat.completions"),
        ({**CHAT, "max_tokens": 5, "n": 2}, "chat.completions"),
        ({**CHAT, "tools": [TOOL]}, "chat.completions"),
        ({**CHAT, "max_tokens": 5, "system": "Be kind."}, "messages"),
        (
            {**CHAT, "max_tokens": 5, "tools": [{"name": "search", "input_schema": {}}]},
            "messages",
        ),
        ({**CHAT, "options": {"num_predict": 5}}, "ollama.chat"),
        ({"model": "m", "prompt": "hi", "options": {"num_predict": 5}}, "ollama.generate"),
    ],
)
def test_the_shape_says_which_api_a_body_is_of(
    tmp_path: Path, body: dict[str, Any], route: str
) -> None:
    found, exchange = read_request(written(tmp_path, body), None)
    assert (found.name, exchange.model) == (route, "m")


def test_a_body_of_ones_own_route_is_known_by_its_name_only(tmp_path: Path) -> None:
    file = written(tmp_path, {"prompt": "hi"})
    found, exchange = read_request(file, OWN.name, own=[OWN])
    assert (found, exchange.model) == (OWN, MODEL)
    assert readable(OWN.name, "json", [OWN]) is OWN
    with pytest.raises(KeyError):
        readable(OWN.name, "json")
    with pytest.raises(ConfigurationError, match="say which with --route"):
        read_request(file, None, own=[OWN])
    with pytest.raises(ConfigurationError, match=r"did you mean 'inhouse\.generate'"):
        read_request(file, "inhouse.generat", own=[OWN])


def test_a_body_that_may_be_of_two_apis_needs_its_route(tmp_path: Path) -> None:
    file = written(tmp_path, {**CHAT, "max_tokens": 5})
    with pytest.raises(
        ConfigurationError, match=r"may be of chat\.completions, messages; say which"
    ):
        read_request(file, None)
    assert read_request(file, "messages")[0].name == "messages"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "unexpected end|JSON"),
        (b"[]", "the body is no JSON object"),
        (b'{"model": "m", "model": "n"}', "duplicate key"),
        (b'{"input": "hello"}', "the body is of no known API; say which with --route"),
    ],
)
def test_what_is_no_body_is_told_with_the_file(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "body.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"body.json: .*({message})"):
        read_request(tmp_path / "body.json", None)


def test_a_route_whose_bodies_are_not_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--route models: has no bodies"):
        read_request(written(tmp_path, CHAT), "models")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="gone: cannot be read: No such file"):
        read_request(tmp_path / "gone", None)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(orjson.dumps(CHAT))

    monkeypatch.setattr("sys.stdin", Input)
    assert read_request(Path("-"), None)[0].name == "chat.completions"
    assert read_file(Path("-")) == b""


def test_no_text_of_a_wrong_body_is_repeated(tmp_path: Path) -> None:
    file = written(tmp_path, {**CHAT, "messages": [{"role": "user", "content": {"secret": 1}}]})
    with pytest.raises(ConfigurationError) as caught:
        read_request(file, "chat.completions")
    assert "secret" not in str(caught.value)


def test_bodies_with_texts_are_read() -> None:
    names = {route.name for route in READABLE}
    assert names >= {"chat.completions", "messages"}
    assert "models" not in names


def test_a_route_is_found_by_its_format_too() -> None:
    assert readable("chat.completions", "azure").path.startswith(b"/openai/")
    assert readable("chat.completions", "openai").path.startswith(b"/v1/")
    assert readable("chat.completions", "openai", stream=True).path.startswith(b"/v1/")
    with pytest.raises(KeyError):
        readable("models", "openai")


def test_a_model_that_no_body_of_its_api_names_is_given_beside_it(tmp_path: Path) -> None:
    file = written(tmp_path, {**CHAT, "model": "other"})
    assert read_request(file, "chat.completions", "m")[1].model == "m"


def test_a_json_object_is_strict() -> None:
    assert json_object(b'{"a": 1}') == {"a": 1}
    with pytest.raises(BadRequest):
        json_object(b'{"a": 1, "a": 2}')

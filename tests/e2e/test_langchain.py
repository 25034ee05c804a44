"""LangChain's clients for OpenAI and Azure, unmodified, against the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from house import ANY_ROUTE, House, build
from langchain_openai import AzureChatOpenAI, ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel
from replies import TOOL, by_word

from gateway.demo.vectors import vector_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_openai.chat_models.base import BaseChatOpenAI

    Chat = Callable[[str], BaseChatOpenAI]


class Person(BaseModel):
    """Somebody with an address."""

    name: str
    mail: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build(tmp_path_factory.mktemp("langchain"), by_word, policy=ANY_ROUTE) as house:
        yield house


@pytest.fixture(autouse=True)
def _no_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces would go to a server of LangChain's own."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "false")


@pytest.fixture(params=["openai", "azure"])
def chat(request: pytest.FixtureRequest, house: House) -> Chat:
    def of(role: str) -> BaseChatOpenAI:
        more: dict[str, Any] = {"api_key": house.token(role), "max_retries": 0}
        if request.param == "openai":
            return ChatOpenAI(model="demo-small", base_url=f"{house.url}/v1", **more)
        return AzureChatOpenAI(
            azure_endpoint=house.url,
            azure_deployment="demo-small",
            api_version="2024-10-21",
            **more,
        )

    return of


def test_plain_and_streamed_say_the_same(chat: Chat) -> None:
    model = chat("analyst")
    plain = model.invoke("Hello there")
    assert plain.content == "Hello! You said: Hello there"
    assert plain.usage_metadata is not None
    assert "".join(str(chunk.content) for chunk in model.stream("Hello there")) == plain.content


async def test_the_same_without_waiting(chat: Chat) -> None:
    model = chat("analyst")
    plain = await model.ainvoke("mail")
    streamed = [str(chunk.content) async for chunk in model.astream("mail")]
    await model.root_async_client.close()
    assert plain.content == "".join(streamed) == "Write to [EMAIL_ADDRESS] soon."


def test_prompts_are_redacted_before_the_model_reads_them(house: House, chat: Chat) -> None:
    chat("analyst").invoke([("system", "Be kind."), ("human", "I am ada@example.com")])
    sent = [message["content"] for message in house.demo.seen[-1].json["messages"]]
    assert sent == ["Be kind.", "I am [EMAIL_ADDRESS]"]


def test_tool_calls_are_redacted_plain_and_streamed(chat: Chat) -> None:
    model = chat("analyst").bind_tools([TOOL])
    plain = model.invoke("tool")
    whole: Any = None
    for chunk in model.stream("tool"):
        whole = chunk if whole is None else whole + chunk
    for answer in (plain, whole):
        (call,) = answer.tool_calls
        assert (call["name"], call["args"]) == ("send", {"to": "[EMAIL_ADDRESS]"})


def test_a_structured_answer_keeps_its_structure(chat: Chat) -> None:
    model = chat("analyst").with_structured_output(Person, method="json_schema")
    assert model.invoke("json") == Person(name="Ada", mail="[EMAIL_ADDRESS]")


def test_what_is_refused_is_openais_own_exception(chat: Chat) -> None:
    with pytest.raises(openai.BadRequestError, match="CREDIT_CARD"):
        chat("analyst").invoke("my card is 4111 1111 1111 1111")
    with pytest.raises(openai.BadRequestError, match="CREDIT_CARD"):
        list(chat("analyst").stream("my card is 4111 1111 1111 1111"))
    with pytest.raises(openai.PermissionDeniedError):
        chat("reader").invoke("Hi")


def test_a_blocked_answer_ends_with_content_filter(chat: Chat) -> None:
    model = chat("analyst")
    if isinstance(model, AzureChatOpenAI):
        with pytest.raises(ValueError, match="a content filter being triggered"):
            model.invoke("card")
    else:
        plain = model.invoke("card")
        assert (plain.content, plain.response_metadata["finish_reason"]) == ("", "content_filter")
    chunks = list(model.stream("card"))
    assert "It is ".startswith("".join(str(chunk.content) for chunk in chunks))
    reasons = [chunk.response_metadata.get("finish_reason") for chunk in chunks]
    assert [one for one in reasons if one] == ["content_filter"]


def _completions(house: House, role: str) -> OpenAI:
    key: Any = house.token(role)
    return OpenAI(model="demo-small", base_url=f"{house.url}/v1", api_key=key, max_retries=0)


def test_completions_without_a_conversation(house: House) -> None:
    model = _completions(house, "analyst")
    assert model.invoke("I am ada@example.com") == "Hello! You said: I am [EMAIL_ADDRESS]"
    assert model.invoke("mail") == "".join(model.stream("mail")) == "Write to [EMAIL_ADDRESS] soon."
    several = model.generate(["Hi", "mail"])
    assert len(several.generations) == 2
    with pytest.raises(openai.BadRequestError, match="CREDIT_CARD"):
        model.invoke("my card is 4111 1111 1111 1111")
    with pytest.raises(openai.PermissionDeniedError):
        _completions(house, "reader").invoke("Hi")


def test_embeddings_of_texts(house: House) -> None:
    ours: dict[str, Any] = {"base_url": f"{house.url}/v1", "api_key": house.token("analyst")}
    model = OpenAIEmbeddings(model="demo-small", check_embedding_ctx_length=False, **ours)
    assert model.embed_query("Hi") == pytest.approx(vector_of("Hi"))
    first, second = model.embed_documents(["Hi", "ada@example.com"])
    assert first == pytest.approx(vector_of("Hi"))
    assert second == pytest.approx(vector_of("[EMAIL_ADDRESS]"))
    with pytest.raises(openai.BadRequestError, match="CREDIT_CARD"):
        model.embed_query("my card is 4111 1111 1111 1111")

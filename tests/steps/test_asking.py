"""The texts of a request, with stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from decisions import allowing

from gateway.scan.engine import Engine
from gateway.scan.finding import Replacement
from gateway.scan.pseudonyms import Pseudonyms
from gateway.scan.stand_ins import UNKNOWN_STAND_IN
from gateway.state.memory import MemoryState
from gateway.state.vault import Vault
from gateway.steps.asking import inspect_request
from gateway.steps.conversing import Conversation, Conversations
from gateway.terms import Action, EntityRule, ScannerSpec
from gateway.wire.exchange import Text

if TYPE_CHECKING:
    from gateway.steps.call import Call

KEY = b"k" * 32
MAIL = Replacement(0, 0, "tokenise", "EMAIL_ADDRESS")
ENGINE = Engine(
    [
        ScannerSpec(
            "pii",
            "pii",
            frozenset({"user", "assistant", "answer"}),
            {"EMAIL_ADDRESS": EntityRule(Action.TOKENISE)},
        )
    ]
)
DECISION = allowing("pii")


class _Active:
    engine = ENGINE


class _Call:
    """As much of a call as this step looks at."""

    active = _Active()
    shadow = ()

    def __init__(self, conversation: Conversation | None) -> None:
        self.conversation = conversation


def call(names: Pseudonyms | None, room: Conversations | None = None) -> Call:
    room = room or Conversations(KEY, Vault(MemoryState(), KEY), 60)
    conversation = None if names is None else Conversation(room, b"caller", (), names)
    return cast("Call", _Call(conversation))


def texts(*values: Any) -> list[Text]:
    return [Text(value, "user", ("messages", index)) for index, value in enumerate(values)]


async def test_values_get_stand_ins_and_equal_ones_the_same() -> None:
    found = await inspect_request(
        call(Pseudonyms(KEY)), DECISION, texts("to ann@example.com", "again ann@example.com")
    )
    one, other = found.replacements.values()
    assert found.action is Action.TOKENISE
    assert one[3:] == other[6:]
    assert one.startswith("to <EMAIL_ADDRESS_")


async def test_a_stand_in_of_a_later_value_is_known() -> None:
    names = Pseudonyms(KEY)
    stand_in = Pseudonyms(KEY).issue(MAIL, "ann@example.com")
    found = await inspect_request(call(names), DECISION, texts(stand_in, "ann@example.com"))
    assert [note.entity for note in found.findings] == ["EMAIL_ADDRESS"]


async def test_a_stand_in_that_nobody_issued_stays_and_is_flagged() -> None:
    forged = "<EMAIL_ADDRESS_0123456789>"
    found = await inspect_request(call(Pseudonyms(KEY)), DECISION, texts(f"send to {forged}"))
    assert not found.replacements
    assert found.action is Action.FLAG
    ((note),) = found.findings
    assert (note.scanner, note.entity, note.where) == ("pii", UNKNOWN_STAND_IN, "/messages/0")
    assert [one["text"] for one in found.matched] == [forged]


async def test_what_an_earlier_answer_hid_is_not_flagged() -> None:
    room = Conversations(KEY, Vault(MemoryState(), KEY), 60)
    names = Pseudonyms(KEY)
    hidden = names.hide(MAIL, "eve@example.com")
    await Conversation(room, b"caller", (), names).keep(None)
    found = await inspect_request(call(Pseudonyms(KEY), room), DECISION, texts(f"who is {hidden}"))
    assert found.action is Action.ALLOW
    assert not found.replacements


async def test_without_a_conversation_values_are_redacted() -> None:
    found = await inspect_request(call(None), DECISION, texts("to ann@example.com"))
    assert list(found.replacements.values()) == ["to [EMAIL_ADDRESS]"]

from __future__ import annotations

import pytest

from gateway.scan.calls import DENIED_TOOL
from gateway.scan.engine import Engine
from gateway.terms import Action, ScannerSpec


def engine(allow: tuple[str, ...] | None, *deny: str) -> Engine:
    on = frozenset({"call"})
    spec = ScannerSpec(
        "r~calls", "calls", on, action=Action.BLOCK, of="r", allow=allow, deny=deny  # type: ignore[arg-type]
    )  # fmt: skip
    return Engine([spec])


def denied(reader: Engine, name: str) -> bool:
    scan = reader.scan(name, "call", ["r~calls"])
    assert [one.entity for one in scan.findings] in ([], [DENIED_TOOL])
    return scan.action is Action.BLOCK


@pytest.mark.parametrize("name", ["send_mail", "SEND_MAIL", "transfer", "Transfer ", "x" * 257])
def test_a_denied_tool_is_denied_however_it_is_spelt(name: str) -> None:
    assert denied(engine(None, "send_*", "transfer"), name)


@pytest.mark.parametrize("name", ["send", "resend_mail", "transfers", "search"])
def test_a_tool_that_is_not_named_may_be_called(name: str) -> None:
    assert not denied(engine(None, "send_*", "transfer"), name)


def test_where_tools_are_allowed_by_name_all_others_are_denied() -> None:
    reader = engine(("search", "calendar.*"))
    assert not denied(reader, "search")
    assert not denied(reader, "calendar.read")
    assert denied(reader, "Search")
    assert denied(reader, "research")
    assert denied(reader, "search\nx")


def test_what_is_denied_is_denied_though_it_is_allowed() -> None:
    assert denied(engine(("*",), "shell"), "shell")


def test_a_name_in_pieces_waits_for_its_end() -> None:
    stream = engine(None, "send_mail").stream("call", ["r~calls"])
    for piece in ("sen", "d_m", "ail"):
        stream.feed(piece)
        assert stream.settled == 0
    stream.close()
    assert stream.blocked
    stream = engine(None, "send_mail").stream("call", ["r~calls"])
    stream.feed("send_mail")
    stream.feed("er")
    stream.close()
    assert (stream.blocked, stream.take(stream.settled)) == (False, "send_mailer")


def test_other_texts_of_an_answer_name_no_tool() -> None:
    assert not engine(None, "*").scan("send_mail", "answer", ["r~calls"]).findings

"""Names in policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.names import (
    check_claim,
    check_entity,
    check_glob,
    check_name,
    check_role_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (check_name, "chat-analysts.v2"),
        (check_role_name, "realm:ai/analysts@corp+eu"),
        (check_entity, "CREDIT_CARD"),
        (check_claim, "https://example.com/roles"),
        (check_glob, "claude-*"),
        (check_glob, "org/model name:7b"),
    ],
)
def test_a_usual_name_is_taken(check: Callable[[str], str], name: str) -> None:
    assert check(name) == name


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (check_name, ""),
        (check_name, "a b"),
        (check_name, "-a"),
        (check_name, "a" * 65),
        (check_name, "a\n"),
        (check_name, "naïve"),
        (check_role_name, "a,b"),
        (check_role_name, "a" * 129),
        (check_entity, "CREDIT-CARD"),
        (check_entity, "1ST"),
        (check_claim, " "),
        (check_claim, "a\x00b"),
        (check_glob, ""),
        (check_glob, "gpt\n*"),
        (check_glob, "g" * 257),
    ],
)
def test_what_could_not_be_shown_safely_is_no_name(check: Callable[[str], str], name: str) -> None:
    with pytest.raises(ValueError, match=r"no name here|does not name"):
        check(name)

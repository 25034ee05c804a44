from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.filters import Filters
from gateway.audit.head import Head, sign_head
from gateway.audit.key_change import key_change, said
from gateway.audit.keys import create_auditor, load_recipient
from gateway.audit.ledger import Keys, Ledger
from gateway.audit.note import Signer
from gateway.audit.query import events
from gateway.audit.recipients import fingerprint

if TYPE_CHECKING:
    from tests.audit.conftest import House

_NOW = {"log": "log.example", "key": "0a0b0c0d", "recipients": ["aa", "bb"]}


@pytest.mark.parametrize(
    ("before", "changed"),
    [
        (_NOW, None),
        ({**_NOW, "recipients": ["bb", "aa"]}, None),
        ({}, None),
        ({"log": "log.example", "recipients": ["aa", "bb"]}, None),
        (
            {**_NOW, "key": "01020304"},
            {
                "signing": {
                    "before": {"log": "log.example", "key": "01020304"},
                    "now": {"log": "log.example", "key": "0a0b0c0d"},
                }
            },
        ),
        (
            {**_NOW, "recipients": ["aa", "cc"]},
            {"recipients": {"added": ["bb"], "removed": ["cc"]}},
        ),
        (
            {"log": "log.example", "recipients": ["aa"]},
            {"recipients": {"added": ["bb"], "removed": []}},
        ),
    ],
)
def test_what_changed_is_said(before: dict[str, Any], changed: dict[str, Any] | None) -> None:
    assert key_change(before, _NOW) == changed


@pytest.mark.parametrize("before", [{"recipients": 7}, {"recipients": [1, {}]}, {"key": []}])
def test_what_somebody_wrote_into_the_store_breaks_no_start(before: dict[str, Any]) -> None:
    key_change(before, _NOW)


def _changes(house: House) -> list[tuple[int, Any]]:
    found = events(house.url, Filters()).events
    changes = [one for one in reversed(found) if one["stage"] == "key.changed"]
    return [(one["wseq"], one["detail"]) for one in changes]


def test_the_first_start_with_other_keys_is_on_record_and_the_next_is_not(any_house: House) -> None:
    any_house.ledger().close()
    any_house.ledger().close()
    assert _changes(any_house) == []
    (_, public) = create_auditor(any_house.folder / "keys", "x-wing", "second")
    added = load_recipient(public)
    signer = Signer.of("log.example", Ed25519PrivateKey.generate())
    keys = Keys(signer, (*any_house.keys.recipients, added))
    for _ in range(2):
        Ledger(any_house.url, keys, 0.2).close()
    before, now = any_house.keys.signer, signer
    assert _changes(any_house) == [
        (
            1,
            {
                "signing": {
                    "before": {"log": "log.example", "key": before.key_id.hex()},
                    "now": {"log": "log.example", "key": now.key_id.hex()},
                },
                "recipients": {"added": [fingerprint(added)], "removed": []},
            },
        )
    ]
    assert any_house.verify(vkeys=[any_house.vkey, signer.verifier]).ok
    assert not any_house.verify(vkeys=[any_house.vkey]).ok


def test_going_back_is_on_record_too(any_house: House) -> None:
    any_house.ledger().close()
    keys = Keys(Signer.of("log.example", Ed25519PrivateKey.generate()), any_house.keys.recipients)
    Ledger(any_house.url, keys, 0.2).close()
    any_house.ledger().close()
    (_, there), (_, back) = _changes(any_house)
    assert there["signing"]["before"] == back["signing"]["now"]
    assert there["signing"]["now"] == back["signing"]["before"]


def test_a_change_is_said_in_one_line() -> None:
    before = {"log": "log.example", "key": "01020304", "recipients": ["aa", "cc"]}
    changed = key_change(before, _NOW)
    assert changed is not None
    assert said(changed) == (
        "the log's key is log.example+0a0b0c0d, and was log.example+01020304;"
        " recipient bb was added; recipient cc was removed"
    )


def test_verification_tells_of_every_change(any_house: House) -> None:
    any_house.ledger().close()
    signer = Signer.of("log.example", Ed25519PrivateKey.generate())
    Ledger(any_house.url, Keys(signer, any_house.keys.recipients), 0.2).close()
    report = any_house.verify(vkeys=[any_house.vkey, signer.verifier])
    assert report.ok
    (note,) = [one for one in report.notes if "the log's key is" in one]
    assert signer.key_id.hex() in note


def test_a_key_that_was_replaced_signs_no_later_writer(house: House) -> None:
    house.ledger().close()
    signer = Signer.of("log.example", Ed25519PrivateKey.generate())
    ledger = Ledger(house.url, Keys(signer, house.keys.recipients), 0.2)
    ledger.close()
    vkeys = [house.vkey, signer.verifier]
    assert house.verify(vkeys=vkeys).ok
    # Who has the former key cuts the later writer's last record off, and signs what is left.
    with closing(sqlite3.connect(house.path)) as connection:
        ((chain,),) = connection.execute("SELECT chain FROM records WHERE writer = 2 AND wseq = 1")
        note = sign_head(Head(ledger.head.writer, 1, chain), house.keys.signer)
        connection.execute("DELETE FROM records WHERE writer = 2 AND wseq = 2")
        connection.execute(
            "UPDATE writers SET wseq = 1, chain = ?, head = ? WHERE number = 2", (chain, note)
        )
        connection.commit()
    (flaw,) = house.verify(vkeys=vkeys).flaws
    assert (flaw.writer, "no known key has signed this" in flaw.what) == (ledger.head.writer, True)

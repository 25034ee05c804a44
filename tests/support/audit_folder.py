"""A gateway's folder with settings, keys and a small audit log, as commands find it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway.audit.keys import create_keys, load_recipient, load_signer
from gateway.audit.leading import Leader
from gateway.audit.ledger import Item, Keys, Ledger
from gateway.audit.record import Actor, FindingNote, Record
from gateway.audit.store.opening import open_tree

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SECRET", "SETTINGS", "call_of", "fill", "make_audit_folder", "order"]

SETTINGS: Final = """\
upstreams: {demo: {url: "http://127.0.0.1:1", models: ["*"]}}
identity:
  issuers:
    - {issuer: "https://two/", audience: x, jwks_url: "http://127.0.0.1:1/x", algorithms: [RS256]}
policy: {path: policies}
audit:
  store: sqlite:///data/audit.db
  recipients: [keys/auditor.pub]
  signing_key: keys/log.key
"""
SECRET: Final = "the plans for project bluebird"


def make_audit_folder(folder: Path, store: str | None = None) -> Ledger:
    """Writes settings and keys; gives the log that they name, or one elsewhere, still empty."""
    create_keys(folder / "keys", "log.example")
    (folder / "gateway.yaml").write_text(SETTINGS)
    keys = folder / "keys"
    return Ledger(
        store or f"sqlite:///{folder}/data/audit.db",
        Keys(load_signer(keys / "log.key"), (load_recipient(keys / "auditor.pub"),)),
        1.0 if store is None else 5.0,
    )


def fill(ledger: Ledger) -> None:
    """An allowed call of alice and a blocked one of bob, each with the secret sealed in it."""
    finding = FindingNote("pii", "CREDIT_CARD", "/messages/0/content", 0.9, "block")
    for actor, decision, findings in (("alice", "allow", ()), ("bob", "block", (finding,))):
        record = call_of(actor, decision=decision, findings=findings)
        ledger.commit([Item(record, orjson.dumps({"prompt": SECRET}))])


def order(folder: Path) -> None:
    """Puts all records in order and signs a checkpoint, as a leader does at its end."""
    signer = load_signer(folder / "keys/log.key")
    with closing(open_tree(f"sqlite:///{folder}/data/audit.db", 1.0)) as store:
        token = store.lead("test", 60.0) or 0
        with store.turn(token) as turn:
            Leader(turn, signer, store.id, store.newest(), []).advance(turn, final=True)
        store.resign(token)


def call_of(actor: str, **changes: Any) -> Record:
    """The outcome of a call."""
    values: dict[str, Any] = {
        "actor": Actor(actor, None, ("dev",)),
        "route": "chat.completions",
        "model": "gpt-5-mini",
        "decision": "allow",
        "status": 200,
    }
    return Record("outcome", **{**values, **changes})

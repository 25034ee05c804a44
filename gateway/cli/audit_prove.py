"""``gateway audit prove``: a file that proves one record, and the check of such a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.audit.checkpoint import check_quorum
from gateway.audit.proof import Proof, verify_proof
from gateway.audit.store.schema import decode
from gateway.audit.stored_tree import prove as prove_record
from gateway.cli.audit_keys import read_keys, witness_keys
from gateway.cli.audit_source import FILE, local_source, source_of, source_options
from gateway.cli.common import json_option, print_json
from gateway.errors import ConfigurationError, Place, Problem, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.note import Verifier
    from gateway.cli.audit_source import Source

__all__ = ["prove"]

_MAX_BYTES: Final = 2**21


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a proof that holds says."""

    origin: str
    index: int
    size: int
    time: int | None
    witnesses: tuple[str, ...]
    header: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Trust:
    """Whose signatures count, as files of keys, and how many witnesses are needed."""

    vkey: tuple[Path, ...]
    witness: tuple[Path, ...]
    quorum: int | None


@click.command()
@click.argument("event_id", metavar="[ID]", required=False)
@click.option("-o", "--output", type=FILE, help="A new file for the proof; stdout if not given.")
@click.option("--check", type=FILE, help="Check the proof in this file, offline, instead.")
@click.option("--vkey", type=FILE, multiple=True, help="The log's public keys, log.vkey.")
@click.option("--witness", type=FILE, multiple=True, help="A witness's public key.")
@click.option("--quorum", type=click.IntRange(0), help="Witnesses needed; all given if not given.")
@source_options
@json_option
def prove(
    event_id: str | None, output: Path | None, check: Path | None, *, as_json: bool, **rest: Any
) -> None:
    """Writes a proof that the event ID stands in the log (c2sp.org/tlog-proof), or checks one."""
    trust = _Trust(rest.pop("vkey"), rest.pop("witness"), rest.pop("quorum"))
    if check is None:
        if event_id is None:
            raise click.UsageError("give the ID of an event, or --check and a file")
        _write(_proof(source_of(**rest), event_id), output)
        return
    if event_id is not None or output is not None:
        raise click.UsageError("--check reads a proof and writes none: leave out ID and -o")
    try:
        found = _check(_read(check), _vkeys(trust.vkey, **rest), trust)
    except VerificationError as error:
        raise VerificationError(f"{check}: {error}") from None
    _print(found, as_json=as_json)


def _proof(source: Source, event_id: str) -> str:
    if source.remote is not None:
        return source.remote.text(f"/gateway/audit/events/{event_id}/proof")
    try:
        proof = prove_record(source.store, event_id)
    except LookupError:
        raise ConfigurationError(Problem(Place(event_id), "there is no such event")) from None
    if proof is None:
        raise ConfigurationError(
            Problem(
                Place(event_id), "no checkpoint covers this event yet", "a gateway must be running"
            )
        )
    return proof.text


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        message = f"the proof cannot be written: {error.strerror}"
        raise ConfigurationError(Problem(Place(str(output)), message)) from None


def _vkeys(
    files: tuple[Path, ...], config: Path, store: str | None, **_rest: Any
) -> list[Verifier]:
    if not files:
        beside = local_source(config, store).vkey
        if beside is None:
            raise click.UsageError("--check needs the log's public key: --vkey log.vkey")
        files = (beside,)
    return read_keys(files)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES + 1).decode()
    except OSError as error:
        message = f"the proof cannot be read: {error.strerror}"
        raise ConfigurationError(Problem(Place(str(path)), message)) from None
    except UnicodeDecodeError:
        raise VerificationError("this is no proof") from None


def _check(text: str, vkeys: list[Verifier], trust: _Trust) -> _Checked:
    proof = Proof.parse(text)
    if proof.extra is None:
        raise VerificationError("the proof holds no record: its extra line is missing")
    signed = verify_proof(proof, proof.extra, vkeys)
    witnesses = witness_keys(trust.witness, vkeys)
    needed = len(witnesses) if trust.quorum is None else trust.quorum
    seen = check_quorum(signed.note, witnesses, needed)
    header = decode(proof.extra)
    if header is None:
        raise VerificationError("what it proves is no record of a gateway")
    tree, names = signed.checkpoint, tuple(sorted(one.verifier.name for one in seen))
    return _Checked(tree.origin, proof.index, tree.size, signed.time, names, header)


def _print(found: _Checked, *, as_json: bool) -> None:
    if as_json:
        print_json({
            "ok": True, "origin": found.origin, "index": found.index, "size": found.size,
            "time": found.time, "witnesses": found.witnesses, "header": found.header,
        })  # fmt: skip
        return
    when = "" if found.time is None else f" at {datetime.fromtimestamp(found.time, UTC):%FT%TZ}"
    click.echo(f"record {found.index} of {found.size} of the log {found.origin}, signed{when}")
    for name in found.witnesses:
        click.echo(f"cosigned by {name}")
    print_json(found.header)

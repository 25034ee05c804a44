"""Checkpoints are cosigned by a real witness, and a hostile one gets nothing out of its answers."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from made_up_log import MadeUpLog, new_signer
from receivers import HttpReceiver, black_hole, receive_http

from gateway.audit.checkpoint import witnesses_of
from gateway.audit.note import Kind, Signer, sign
from gateway.audit.witnessing import SIZE_TYPE, AddCheckpoint
from gateway.demo.running import serve
from gateway.errors import VerificationError
from gateway.relay.outlet import Undelivered
from gateway.relay.witness_client import WitnessClient
from gateway.witness.application import witness_app
from gateway.witness.store import WitnessStore, create_store
from gateway.witness.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gateway.audit.store.tree import Kept

    Grow = Callable[[MadeUpLog, int], Kept]


@pytest.fixture
def witness_store(tmp_path: Path) -> Iterator[WitnessStore]:
    create_store(tmp_path / "witness.db")
    opened = WitnessStore(tmp_path / "witness.db")
    yield opened
    opened.close()


@pytest.fixture
def witness_url(witness_store: WitnessStore, log: MadeUpLog, cosigner: Signer) -> Iterator[str]:
    witness = Witness(witness_store, cosigner, [log.signer.verifier])
    with serve(witness_app(witness, witness_store)) as url:
        yield url


@pytest.fixture
def new_client(store: str, cosigner: Signer) -> Iterator[Callable[[str], WitnessClient]]:
    made: list[WitnessClient] = []

    def client(url: str) -> WitnessClient:
        made.append(WitnessClient(url, cosigner.verifier, store, 2.0))
        return made[-1]

    yield client
    for one in made:
        one.close()


def test_each_checkpoint_is_cosigned(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow,
    cosigner: Signer,
) -> None:  # fmt: skip
    client = new_client(witness_url)
    for size in (1, 2, 7, 7, 256, 300, 513):
        kept = grow(log, size)
        lines = client(kept)
        (found,) = witnesses_of(kept.note + lines, [cosigner.verifier])
        assert found.verifier == cosigner.verifier


def test_a_new_client_goes_on_from_what_the_witness_knows(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow
) -> None:
    assert new_client(witness_url)(grow(log, 5))
    assert new_client(witness_url)(grow(log, 300))


def test_another_store_is_another_log(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow
) -> None:
    client = new_client(witness_url)
    assert client(grow(log, 300))
    assert client(grow(replace(log, store="f" * 16), 3))


def test_other_signatures_stay_at_home(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow,
    witness_store: WitnessStore,
) -> None:  # fmt: skip
    kept = grow(log, 5)
    others = [new_signer(f"w{number}", Kind.COSIGNATURE) for number in range(90)]
    text = log.checkpoint(5).text
    lines = sign(text, *others, time=5).removeprefix(f"{text}\n")
    assert new_client(witness_url)(replace(kept, note=kept.note + lines))
    assert witness_store.all()[0].note == kept.note


@pytest.mark.parametrize("at", [0, 4])
def test_another_history_is_noticed(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow,
    at: int,
) -> None:  # fmt: skip
    client = new_client(witness_url)
    client(grow(log, 5))
    fork = log.fork(at)
    with pytest.raises(VerificationError, match="another history"):
        client(grow(fork, 5))
    with pytest.raises(VerificationError, match="not only grown"):
        client(grow(fork, 9))
    assert client(grow(log, 9))


def test_an_older_copy_is_noticed(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow
) -> None:
    new_client(witness_url)(grow(log, 9))
    with pytest.raises(VerificationError, match="older copy"):
        new_client(witness_url)(grow(log, 5))


def test_what_another_process_has_shown_meanwhile_is_no_alarm(
    witness_url: str, new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow,
    store: str,
) -> None:  # fmt: skip
    late = grow(log, 5)
    newer = grow(log, 9)
    new_client(witness_url)(newer)
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as other, other:
        other.execute("INSERT INTO checkpoints VALUES (1, 9, 0, ?)", (newer.note,))
    with pytest.raises(Undelivered, match="another process"):
        new_client(witness_url)(late)


def test_a_witness_that_comes_back_is_asked_again(
    witness_store: WitnessStore, cosigner: Signer, log: MadeUpLog, grow: Grow,
    new_client: Callable[[str], WitnessClient],
) -> None:  # fmt: skip
    app = witness_app(Witness(witness_store, cosigner, [log.signer.verifier]), witness_store)
    with serve(app) as url:
        client = new_client(url)
        assert client(grow(log, 5))
    with pytest.raises(Undelivered):
        client(grow(log, 6))
    with serve(app, int(url.rpartition(":")[2])):
        assert client(grow(log, 9))


def test_a_witness_that_says_nothing_is_not_waited_for(
    store: str, cosigner: Signer, log: MadeUpLog, grow: Grow
) -> None:
    with black_hole() as port:
        client = WitnessClient(f"http://127.0.0.1:{port}", cosigner.verifier, store, 0.2)
        with pytest.raises(Undelivered, match="in time"):
            client(grow(log, 5))
        client.close()


def _size(size: object) -> tuple[int, dict[str, str], bytes]:
    return 409, {"content-type": SIZE_TYPE}, f"{size}\n".encode()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {}, b""), "no signature"),
        ((200, {}, b"\xff"), "no signature"),
        ((200, {}, b"nonsense\n"), "malformed"),
        ((404, {}, b""), "404"),
        ((500, {}, b"secret words"), "500"),
        ((302, {"location": "http://127.0.0.1:1/"}, b""), "302"),
        ((422, {}, b""), "not only grown"),
        ((409, {}, b"3\n"), "no size"),
        (_size("-1"), "no size"),
        (_size("9" * 30), "no size"),
        (_size("x"), "no size"),
        (_size(0), "another history"),
        (_size(6), "older copy"),
    ],
)
def test_answers_that_make_no_sense_are_refused(
    new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow,
    answer: tuple[int, dict[str, str], bytes], words: str,
) -> None:  # fmt: skip
    with receive_http() as receiver:
        receiver.answer = lambda _posted: answer
        with pytest.raises((Undelivered, VerificationError), match=words) as caught:
            new_client(receiver.url)(grow(log, 5))
        assert "secret" not in str(caught.value)
        assert len(receiver.seen) == 1


def test_sizes_without_end_are_given_up(
    new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow
) -> None:
    with receive_http() as receiver:
        sizes = itertools.cycle([1, 2, 3])
        receiver.answer = lambda _posted: _size(next(sizes))
        with pytest.raises(Undelivered, match="another size each time"):
            new_client(receiver.url)(grow(log, 5))
        assert len(receiver.seen) == 3


def _forged(receiver: HttpReceiver, signer: Signer, text: str) -> None:
    line = sign(text, signer, time=5).removeprefix(f"{text}\n").encode()
    receiver.answer = lambda _posted: (200, {}, line)


def test_only_the_witnesss_own_cosignature_of_this_checkpoint_counts(
    new_client: Callable[[str], WitnessClient], log: MadeUpLog, grow: Grow, cosigner: Signer
) -> None:
    kept, text = grow(log, 5), log.checkpoint(5).text
    with receive_http() as receiver:
        client = new_client(receiver.url)
        _forged(receiver, new_signer("witness.example", Kind.COSIGNATURE), text)
        with pytest.raises(VerificationError, match="no signature"):
            client(kept)
        _forged(receiver, cosigner, log.checkpoint(4).text)
        with pytest.raises(VerificationError, match="is wrong"):
            client(kept)
        _forged(receiver, cosigner, text)
        assert client(kept).startswith("— witness.example ")
        assert AddCheckpoint.parse(receiver.seen[-1].body).note == kept.note

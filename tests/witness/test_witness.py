"""A witness cosigns what has only grown, and nothing else, whatever it is asked and by whom."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_log import MadeUpLog, new_signer

from gateway.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint
from gateway.audit.head import Head, sign_head
from gateway.audit.note import Signature, Signer, read_note, sign
from gateway.audit.witnessing import AddCheckpoint
from gateway.witness.refusals import (
    BadProof,
    Conflict,
    Forked,
    Malformed,
    UnknownLog,
    Unsigned,
    WitnessRefusal,
)
from gateway.witness.store import WitnessStore, create_store
from gateway.witness.witness import Witness

if TYPE_CHECKING:
    from pathlib import Path


def _holds(note: str, line: str, cosigner: Signer) -> Signature:
    (signature,) = read_note(note + line, [cosigner.verifier]).signatures
    return signature


def test_a_log_that_grows_is_cosigned_each_time(
    witness: Witness, store: WitnessStore, log: MadeUpLog, cosigner: Signer
) -> None:
    old = 0
    for size in (1, 2, 3, 8, 8, 13, 64, 65, 300):
        line = witness.add(log.request(old, size))
        assert line.endswith("\n")
        assert _holds(log.note(size), line, cosigner).time == 1_800_000_005
        (known,) = store.all()
        assert (known.size, known.note) == (size, log.note(size))
        old = size


def test_an_empty_log_may_be_witnessed(witness: Witness, log: MadeUpLog) -> None:
    assert witness.add(log.request(0, 0))
    assert witness.add(log.request(0, 5))


def test_each_store_of_a_log_is_a_log_of_its_own(witness: Witness, log: MadeUpLog) -> None:
    assert witness.add(log.request(0, 5))
    assert witness.add(replace(log, store="f" * 16).request(0, 3))


def test_a_key_also_speaks_for_the_origin_of_its_own_name(
    witness: Witness, log: MadeUpLog, cosigner: Signer
) -> None:
    note = sign(Checkpoint("log.example", 5, bytes(32)).text, log.signer)
    line = witness.add(AddCheckpoint(0, (), note).body)
    assert _holds(note, line, cosigner).verifier == cosigner.verifier


@pytest.mark.parametrize(
    "origin",
    ["other.example", "other.example/0123456789abcdef", "log.example/writer/0123456789abcdef",
     "log.example/0123456789ABCDEF", "log.example/0123", "log.example/", "/0123456789abcdef"],
)  # fmt: skip
def test_an_unknown_origin_is_not_cosigned(witness: Witness, log: MadeUpLog, origin: str) -> None:
    note = sign(Checkpoint(origin, 5, bytes(32)).text, log.signer)
    with pytest.raises(UnknownLog):
        witness.add(AddCheckpoint(0, (), note).body)


def test_the_head_of_a_writer_is_no_checkpoint(witness: Witness, log: MadeUpLog) -> None:
    note = sign_head(Head("0123456789abcdef", 5, bytes(32)), log.signer)
    with pytest.raises(UnknownLog):
        witness.add(AddCheckpoint(0, (), note).body)


def test_only_the_logs_own_key_counts(witness: Witness, log: MadeUpLog) -> None:
    text = log.checkpoint(5).text
    namesake, stranger = new_signer("log.example"), new_signer("stranger")
    for signers in ((namesake,), (stranger,), (log.signer.cosigner,)):
        note = sign(text, *signers, time=5)
        with pytest.raises(Unsigned):
            witness.add(AddCheckpoint(0, (), note).body)
    assert witness.add(AddCheckpoint(0, (), sign(text, stranger, log.signer)).body)


def test_a_signature_of_another_text_is_refused(witness: Witness, log: MadeUpLog) -> None:
    note = log.note(5).replace("\n5\n", "\n6\n")
    with pytest.raises(Unsigned):
        witness.add(AddCheckpoint(0, (), note).body)


def test_the_old_size_is_the_one_that_the_witness_knows(witness: Witness, log: MadeUpLog) -> None:
    witness.add(log.request(0, 10))
    for old in (0, 5, 11):
        with pytest.raises(Conflict) as caught:
            witness.add(log.request(old, 20))
        assert caught.value.size == 10


def test_an_old_size_above_the_checkpoint_is_malformed(witness: Witness, log: MadeUpLog) -> None:
    witness.add(log.request(0, 10))
    with pytest.raises(Malformed):
        witness.add(AddCheckpoint(10, (), log.note(7)).body)


def test_a_log_is_not_rolled_back(witness: Witness, store: WitnessStore, log: MadeUpLog) -> None:
    witness.add(log.request(0, 10))
    with pytest.raises(Conflict):
        witness.add(log.request(0, 7))
    assert store.all()[0].size == 10


@pytest.mark.parametrize("at", [0, 3, 9])
def test_a_fork_is_not_cosigned(
    witness: Witness, store: WitnessStore, log: MadeUpLog, at: int
) -> None:
    witness.add(log.request(0, 10))
    fork = log.fork(at)
    with pytest.raises(Forked) as caught:
        witness.add(fork.request(10, 10))
    assert caught.value.size == 10
    for proof in (fork.proof(10, 20), log.proof(10, 20), ()):
        with pytest.raises(BadProof):
            witness.add(AddCheckpoint(10, proof, fork.note(20)).body)
    assert store.all()[0].note == log.note(10)
    assert witness.add(log.request(10, 20))


def test_a_first_checkpoint_needs_an_empty_proof(witness: Witness, log: MadeUpLog) -> None:
    with pytest.raises(BadProof):
        witness.add(AddCheckpoint(0, (bytes(32),), log.note(5)).body)


def test_a_size_that_no_tree_has_is_malformed(witness: Witness, log: MadeUpLog) -> None:
    tree = Checkpoint(origin_of("log.example", log.store), 2**62 + 1, bytes(32))
    note = sign_checkpoint(tree, log.signer, 5)
    with pytest.raises(Malformed):
        witness.add(AddCheckpoint(0, (), note).body)


@pytest.mark.parametrize("body", [b"", b"old 0\n\n", b"old 0\n\nlog\n5\n\n", b"\xff"])
def test_what_is_no_request_is_malformed(witness: Witness, body: bytes) -> None:
    with pytest.raises(Malformed):
        witness.add(body)


def test_time_never_goes_back(store: WitnessStore, log: MadeUpLog, cosigner: Signer) -> None:
    now = [2000.0]
    witness = Witness(store, cosigner, [log.signer.verifier], lambda: now[0])
    witness.add(log.request(0, 5))
    now[0] = 1000.0
    line = witness.add(log.request(5, 6))
    assert _holds(log.note(6), line, cosigner).time == 2000


def test_keys_of_one_name_speak_for_one_log(
    store: WitnessStore, log: MadeUpLog, cosigner: Signer
) -> None:
    newer = replace(log, signer=new_signer("log.example"))
    keys = [log.signer.verifier, newer.signer.verifier]
    witness = Witness(store, cosigner, keys)
    witness.add(log.request(0, 5))
    assert witness.add(newer.request(5, 9))
    with pytest.raises(Forked):
        witness.add(newer.fork(2).request(9, 9))


_asked = st.lists(
    st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 12), st.integers(0, 12)), max_size=25
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(asked=_asked)
def test_no_two_cosigned_trees_contradict_each_other(
    tmp_path_factory: pytest.TempPathFactory,
    log: MadeUpLog,
    cosigner: Signer,
    asked: list[tuple[str, int, int]],
) -> None:
    path = tmp_path_factory.mktemp("witness") / "witness.db"
    create_store(path)
    store = WitnessStore(path)
    witness = Witness(store, cosigner, [log.signer.verifier])
    signed: list[tuple[MadeUpLog, int]] = []
    for history, old, size in asked:
        source = log.fork(3, history) if history else log
        try:
            witness.add(source.request(old, size))
        except WitnessRefusal:
            continue
        signed.append((source, size))
    store.close()
    for (former, less), (later, more) in itertools.pairwise(signed):
        assert less <= more
        assert former.leaves(less) == later.leaves(more)[:less]


@pytest.mark.parametrize("stores", [1, 2])
def test_racing_requests_never_make_it_sign_a_fork(
    tmp_path: Path, log: MadeUpLog, cosigner: Signer, stores: int
) -> None:
    path = tmp_path / "race.db"
    create_store(path)
    opened = [WitnessStore(path) for _ in range(stores)]
    witnesses = [Witness(store, cosigner, [log.signer.verifier]) for store in opened]
    witnesses[0].add(log.request(0, 5))
    barrier = threading.Barrier(8)
    signed: list[str] = []
    refused: list[WitnessRefusal] = []

    def ask(number: int) -> None:
        history = f"h{number}"
        body = log.fork(5, history).request(5, 9)
        barrier.wait()
        try:
            witnesses[number % stores].add(body)
        except WitnessRefusal as refusal:
            refused.append(refusal)
        else:
            signed.append(history)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(signed), len(refused)) == (1, 7)
    (known,) = opened[0].all()
    assert known.note == log.fork(5, signed[0]).note(9)
    for store in opened:
        store.close()


def test_what_is_not_remembered_is_not_signed(
    witness: Witness, store: WitnessStore, tmp_path: Path, log: MadeUpLog
) -> None:
    witness.add(log.request(0, 5))
    (tmp_path / "witness.db").rename(tmp_path / "moved.db")
    with pytest.raises(WitnessRefusal):
        witness.add(log.request(5, 9))
    (tmp_path / "moved.db").rename(tmp_path / "witness.db")
    assert store.all()[0].size == 5
    assert witness.add(log.request(5, 9))

from __future__ import annotations

import pytest

from gateway.scan.gates import Gate, open_gates


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("aWdub3JlIHByZXZpb3Vz", Gate.ENCODED),
        ("aWdub3JlIHByZXZpb3Vz\nIHJ1bGVz", Gate.LINES),
        ("i g n o r e", Gate.SPELLED),
        ("i_g_n_o_r_e", Gate.SPELLED),
        ("105 103 110 111 114 101", Gate.NUMBERS),
        ("\\151\\147\\156\\157\\162\\145", Gate.NUMBERS),
        ("0x69 0x67 0x6e 0x6f 0x72 0x65", Gate.PAIRS),
        ("01101001 01100111 01101110 01101111 01110010", Gate.BITS),
        (".. --. -. --- .-. .", Gate.MORSE),
        ("1gn0r3", Gate.LEET),
        ("India Golf November", Gate.NATO),
    ],
)
def test_a_gate_opens(text: str, gate: Gate) -> None:
    assert gate in open_gates(text.encode())


def test_prose_opens_none() -> None:
    text = "The meeting, which was moved to noon, is in the usual room; bring the draft (v. 2)."
    assert open_gates(text.encode()) == frozenset()

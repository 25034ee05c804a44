"""``python -m bench.conversation``: a chat of 50 turns, each with the whole history in it.

A turn is a question of 400 characters of prose and an answer of 1 200, under a system prompt of
2 000; the texts are found as in a running gateway. Compared are the scanning of all 50 requests and
the scanning of each distinct text once, both with nothing remembered before; and what a message
costs that was read before.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any, Final

from bench.figures import show
from bench.starter import starter
from bench.texts import text_of
from gateway.scan.pseudonyms import Pseudonyms
from gateway.steps.inspection import inspect_now
from gateway.wire.formats import OPENAI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.scan.rewriting import Words
    from gateway.wire.exchange import Text

_TURNS: Final = 50
_SYSTEM, _QUESTION, _ANSWER = 2000, 400, 1200
_FOUND: Final = ", and an e-mail address in each question"
_TOKENISED: Final = _FOUND + ", which gets a stand-in"


def _requests(kind: str) -> list[tuple[Text, ...]]:
    """The texts of each request, the strings of no two the same objects, as parsed ones are not."""
    found = _FOUND in kind
    kind = kind.partition(",")[0]
    messages = [{"role": "system", "content": text_of("prose", _SYSTEM)}]
    requests = []
    for turn in range(_TURNS):
        question = {"role": "user", "content": text_of("prose", _QUESTION, 1 + 2 * turn)}
        if found:
            question["content"] += f" Write to anna.{turn}@example.org."
        messages.append(question)
        body: dict[str, Any] = {"model": "gpt-5", "messages": messages}
        requests.append(tuple(OPENAI.read(json.loads(json.dumps(body))).texts))
        messages.append({"role": "assistant", "content": text_of(kind, _ANSWER, 2 + 2 * turn)})
    return requests


def measure(rounds: int) -> dict[str, float]:
    """Milliseconds and their ratio, and microseconds per message, in the fastest round."""
    report: dict[str, float] = {}
    for kind in ("prose", "code", "prose" + _FOUND, "prose" + _TOKENISED):
        tokenised = kind.endswith(_TOKENISED)
        requests = _requests(kind)
        distinct = list({text.value: text for texts in requests for text in texts}.values())
        # In turns, as other load on the machine comes and goes.
        times = [
            (
                _scanned(requests, tokenised=tokenised),
                _scanned([[text] for text in distinct], tokenised=tokenised),
                _again(requests[-1], tokenised=tokenised),
            )
            for _ in range(rounds)
        ]
        whole, once, cached = map(min, zip(*times, strict=True))
        report[f"answers of {kind}: all {_TURNS} requests, ms"] = round(whole * 1e3, 2)
        report[f"answers of {kind}: each distinct text once, ms"] = round(once * 1e3, 2)
        report[f"answers of {kind}: ratio"] = round(whole / once, 2)
        report[f"answers of {kind}: a message read before, us"] = round(cached * 1e6, 2)
    return report


def _scanned(requests: Sequence[Sequence[Text]], *, tokenised: bool) -> float:
    """Seconds for some requests, with nothing remembered before."""
    engine, decision = starter(tokenised=tokenised)
    inspect_now(engine, decision, OPENAI.read(_WARM).texts)
    began = time.process_time()
    for texts in requests:
        inspect_now(engine, decision, texts, _words())
    return time.process_time() - began


def _again(texts: Sequence[Text], *, tokenised: bool) -> float:
    """Seconds for each message of a request whose texts were all read twice before."""
    engine, decision = starter(tokenised=tokenised)
    inspect_now(engine, decision, texts, _words())
    inspect_now(engine, decision, texts, _words())
    began = time.process_time()
    inspect_now(engine, decision, texts, _words())
    return (time.process_time() - began) / len(texts)


def _words() -> Words:
    """A call's pseudonyms, of one conversation."""
    return Pseudonyms(_CONVERSATION).outward


_CONVERSATION: Final = bytes(32)
_WARM: Final[dict[str, Any]] = {
    "model": "gpt-5",
    "messages": [
        {"role": "system", "content": "Be kind, whatever happens."},
        {"role": "user", "content": "What is there to be said?"},
        {"role": "assistant", "content": "Nothing that could be new."},
    ],
}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.conversation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure(chosen.rounds)
    show(report, as_json=chosen.json)


if __name__ == "__main__":
    main()

"""``python -m bench.conversation``: a chat of 50 turns, each with the whole history in it.

A turn is a question of 400 characters of prose and an answer of 1 200, under a system prompt of
2 000; the texts are found as in a running gateway. Compared are the scanning of all 50 requests and
the scanning of each distinct text once, both with nothing remembered before; and what a message
costs that was read before.

Other load comes and goes within milliseconds, and takes the processor's caches with it. So each
request is read next to the texts that are new in it, which are read by themselves, one of the two
first in each other round as it warms these caches; and what counts of each is the fastest of some
rounds.
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

    from gateway.policy.decision import Decision
    from gateway.scan.engine import Engine
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
        times = [_round(requests, tokenised=tokenised, first=n % 2) for n in range(rounds)]
        # Of each request, and of what is new in it, the fastest.
        fastest = [
            [min(each) for each in zip(*some, strict=True)] for some in zip(*times, strict=True)
        ]
        whole, once = map(sum, fastest)
        cached = min(_again(requests[-1], tokenised=tokenised) for _ in range(rounds))
        report[f"answers of {kind}: all {_TURNS} requests, ms"] = round(whole * 1e3, 2)
        report[f"answers of {kind}: each distinct text once, ms"] = round(once * 1e3, 2)
        report[f"answers of {kind}: ratio"] = round(whole / once, 2)
        report[f"answers of {kind}: a message read before, us"] = round(cached * 1e6, 2)
    return report


def _round(
    requests: Sequence[Sequence[Text]], *, tokenised: bool, first: int
) -> tuple[list[float], list[float]]:
    """Seconds for each request, and for the texts that are new in it, read one by one.

    Args:
        requests: The texts of each request.
        tokenised: Whether addresses get stand-ins.
        first: Which of the two is read first.
    """
    readers = [_warm(tokenised=tokenised) for _ in range(2)]
    known: set[str] = set()
    found: tuple[list[float], list[float]] = ([], [])
    for texts in requests:
        new = {text.value: text for text in texts if text.value not in known}
        known |= new.keys()
        asked: list[list[Sequence[Text]]] = [[texts], [(text,) for text in new.values()]]
        for which in (first, 1 - first):
            engine, decision = readers[which]
            began = time.process_time()
            for some in asked[which]:
                inspect_now(engine, decision, some, _words())
            found[which].append(time.process_time() - began)
    return found


def _warm(*, tokenised: bool) -> tuple[Engine, Decision]:
    """A new engine that has read something."""
    engine, decision = starter(tokenised=tokenised)
    inspect_now(engine, decision, OPENAI.read(_WARM).texts)
    return engine, decision


def _again(texts: Sequence[Text], *, tokenised: bool) -> float:
    """Seconds for each message of a request whose texts were all read twice before."""
    engine, decision = _warm(tokenised=tokenised)
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
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure(chosen.rounds)
    show(report, as_json=chosen.json)


if __name__ == "__main__":
    main()

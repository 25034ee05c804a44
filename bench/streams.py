"""``python -m bench.streams``: streamed answers in one process, on one core, all scanners on.

Bytes of events go through the format's reader and the delay line, as in a running gateway, in
network reads of 1, 8 and 64 events. An event holds four or five characters of prose. Per format:
events per second of processor time, and how long one network read of a single event takes until
what may leave has left, which is the delay that the gateway adds beyond the hold-back.

With ``--new`` each round streams a text of its own, one event a read, and the middle of the rounds
is told: of words that were never streamed before nothing is remembered.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench.starter import starter
from bench.texts import KINDS, text_of
from gateway.steps.delay_line import DelayLine
from gateway.wire.formats import ANTHROPIC, GEMINI, OLLAMA, OPENAI
from gateway.wire.openai_responses import OpenAIResponses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.policy.decision import Decision
    from gateway.scan.engine import Engine
    from gateway.wire.exchange import Format

__all__ = ["openai_events"]

_EVENTS: Final = 2000
_READS: Final = (1, 8, 64)
_KINDS: Final = ("prose", "non-English")


def _pieces(text: str) -> Iterator[str]:
    sizes = itertools.cycle((4, 5))
    at = 0
    while at < len(text):
        size = next(sizes)
        yield text[at : at + size]
        at += size


def _openai(pieces: Iterator[str]) -> list[bytes]:
    head = {
        "id": "chatcmpl-9xT2",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-5",
        "system_fingerprint": "fp_44709d6fcb",
    }
    chunks = [
        {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}]}
        for delta, end in (
            ({"role": "assistant", "content": ""}, None),
            *(({"content": piece}, None) for piece in pieces),
            ({}, "stop"),
        )
    ]
    return [*(b"data: " + _dump(chunk) + b"\n\n" for chunk in chunks), b"data: [DONE]\n\n"]


def openai_events(text: str) -> list[bytes]:
    """The events of a chat completion that says this."""
    return _openai(_pieces(text))


def _anthropic(pieces: Iterator[str]) -> list[bytes]:
    message: dict[str, Any] = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    }
    deltas = ({"type": "text_delta", "text": piece} for piece in pieces)
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    events: tuple[dict[str, Any], ...] = (
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    )
    return [
        f"event: {event['type']}\n".encode() + b"data: " + _dump(event) + b"\n\n"
        for event in events
    ]


def _ollama(pieces: Iterator[str]) -> list[bytes]:
    lines: list[dict[str, Any]] = [
        {
            "model": "llama3.2",
            # No two lines are of one time.
            "created_at": f"2026-01-01T00:00:{number // 100:02d}.{number % 100:02d}4561Z",
            "message": {"role": "assistant", "content": piece},
            "done": False,
        }
        for number, piece in enumerate(pieces)
    ]
    lines.append({**lines[-1], "done": True, "done_reason": "stop", "eval_count": len(lines)})
    return [_dump(line) + b"\n" for line in lines]


def _gemini(pieces: Iterator[str]) -> list[bytes]:
    chunks: list[dict[str, Any]] = [
        {
            "candidates": [{"content": {"parts": [{"text": piece}], "role": "model"}, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": 9,
                "candidatesTokenCount": number,
                "totalTokenCount": 9 + number,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
            },
            "modelVersion": "gemini-2.5-flash",
            "responseId": "m3kYaJ2PJ6Kgz7IPq8-x0Ag",
        }
        for number, piece in enumerate(pieces)
    ]
    chunks[-1]["candidates"][0]["finishReason"] = "STOP"
    # With the spaces and line ends that Google's servers write.
    return [
        b"data: "
        + json.dumps(chunk, separators=(",", ": "), ensure_ascii=False).encode()
        + b"\r\n\r\n"
        for chunk in chunks
    ]


def _responses(pieces: Iterator[str]) -> list[bytes]:
    words = list(pieces)
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    said = {**part, "text": "".join(words)}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
    done = {**item, "status": "completed", "content": [said]}
    response: dict[str, Any] = {"id": "resp_1", "object": "response", "model": "gpt-5"}
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**response, "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **at, "part": part},
        *(
            {"type": "response.output_text.delta", **at, "delta": word, "logprobs": []}
            for word in words
        ),
        {"type": "response.output_text.done", **at, "text": said["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": said},
        {"type": "response.output_item.done", "output_index": 0, "item": done},
        {"type": "response.completed", "response": {**response, "output": [done]}},
    ]
    return [
        f"event: {event['type']}\n".encode()
        + b"data: "
        + _dump({"type": event["type"], "sequence_number": number, **event})
        + b"\n\n"
        for number, event in enumerate(events)
    ]


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _run(
    wire: Format, reads: list[bytes], engine: Engine, decision: Decision
) -> tuple[float, list[float]]:
    """Seconds of processor time, and of each network read until what may leave has left."""
    reader = wire.stream_reader()
    line = DelayLine(reader, engine, decision)
    times: list[float] = []
    spent = time.process_time()
    for read in reads:
        began = time.perf_counter()
        line.push(reader.feed(read))
        times.append(time.perf_counter() - began)
    if line.final is None:
        line.push(reader.finish())
    spent = time.process_time() - spent
    assert line.final is not None
    assert not line.blocked
    return spent, sorted(times)


def measure(rounds: int) -> dict[str, float]:
    """Events per second and microseconds, in the fastest round: what else runs only adds."""
    engine, decision = starter()
    report: dict[str, float] = {}
    for kind in _KINDS:
        text = text_of(kind, _EVENTS * 9 // 2)
        for name, wire, write in (
            ("openai", OPENAI, _openai),
            ("anthropic", ANTHROPIC, _anthropic),
            ("ollama", OLLAMA, _ollama),
            ("gemini", GEMINI, _gemini),
            ("responses", OpenAIResponses(), _responses),
        ):
            events = write(_pieces(text))
            for size in _READS:
                reads = [b"".join(events[at : at + size]) for at in range(0, len(events), size)]
                runs = [_run(wire, reads, engine, decision) for _ in range(rounds)]
                spent, times = min(runs)
                label = f"{name}, {kind}"
                report[f"{label}, {size} a read, events/s"] = round(len(events) / spent)
                if size == 1:
                    report[f"{label}, added p50, us"] = round(times[len(times) // 2] * 1e6, 1)
                    report[f"{label}, added p99, us"] = round(
                        times[len(times) * 99 // 100] * 1e6, 1
                    )
    return report


def measure_new(rounds: int) -> dict[str, float]:
    """Events per second of texts that are new, in the middle of the rounds."""
    engine, decision = starter()
    report: dict[str, float] = {}
    for kind in KINDS:
        rates = []
        for seed in range(rounds):
            reads = openai_events(text_of(kind, _EVENTS * 9 // 2, seed))
            rates.append(len(reads) / _run(OPENAI, reads, engine, decision)[0])
        report[f"openai, {kind}, new texts, events/s"] = round(median(rates))
    return report


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--new", action="store_true", help="stream a new text in each round")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args()
    report = measure_new(chosen.rounds) if chosen.new else measure(chosen.rounds)
    if chosen.json:
        print(json.dumps(report))
        return
    width = max(map(len, report))
    for name, value in report.items():
        print(f"{name:<{width}}  {value:>9}")


if __name__ == "__main__":
    main()

"""``python -m bench.memory``: the memory that one request with a body of 10 MiB takes at its peak.

For each kind of body a gateway process of its own, everything on as in ``python -m bench``: its
resident memory after a few small requests, and the most that it had while the large one was
answered. Linux only.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.figures import show
from bench.scene import scene
from bench.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.scene import Scene

_BODY: Final = 10 * 2**20
_MIB: Final = 2**20
_PATIENCE: Final = 900
"""Seconds: messages by the ten thousand are read one by one, and others want the machine, too."""


def _message(content: Any, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": content}


def _one_text() -> list[dict[str, Any]]:
    return [_message(text_of("prose", _BODY))]


def _one_clean_text() -> list[dict[str, Any]]:
    return [_message(text_of("prose", _BODY).replace("@", " at "))]


def _wide_text() -> list[dict[str, Any]]:
    return [_message(text_of("non-English", _BODY))]


def _messages() -> list[dict[str, Any]]:
    text = text_of("prose", _BODY)
    return [_message(text[at : at + 1000]) for at in range(0, _BODY, 1000)]


def _tiny_messages() -> list[dict[str, Any]]:
    text = text_of("prose", _BODY)
    return [_message(text[at : at + 80]) for at in range(0, _BODY, 100)]


def _image() -> list[dict[str, Any]]:
    chance = random.Random(0)  # noqa: S311 - the same in every run
    url = "data:image/png;base64," + base64.b64encode(chance.randbytes(_BODY // 4 * 3)).decode()
    parts = [{"type": "text", "text": "What is this?"}]
    return [_message([*parts, {"type": "image_url", "image_url": {"url": url}}])]


_KINDS: Final[dict[str, Callable[[], list[dict[str, Any]]]]] = {
    "one text, nothing found": _one_clean_text,
    "one text, 2 500 e-mail addresses redacted": _one_text,
    "one text, not English": _wide_text,
    "messages of 1 000 characters": _messages,
    "messages of 80 characters": _tiny_messages,
    "one image": _image,
}


def _body(messages: list[dict[str, Any]]) -> bytes:
    """A request of as many of the messages, or as much of the only one, as 10 MiB hold."""
    body = _dump(messages)
    while len(body) > _BODY:
        if len(messages) > 1:
            messages = messages[: max(1, len(messages) * _BODY // len(body) - 1)]
        else:
            _shorten(messages[0], len(body) - _BODY)
        body = _dump(messages)
    return body


def _shorten(message: dict[str, Any], size: int) -> None:
    if isinstance(message["content"], str):
        message["content"] = message["content"][: -(size // 3 + 1)]
    else:
        image = message["content"][1]["image_url"]
        image["url"] = image["url"][: -(size + 3) // 4 * 4]


def _dump(messages: list[dict[str, Any]]) -> bytes:
    body = {"model": "demo-small", "messages": messages}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def measure(kind: str) -> tuple[int, float, float]:
    """Bytes of the body, MiB at rest, and the most MiB above that while it was answered."""
    body, small = _body(_KINDS[kind]()), _dump([_message("Hello, is anybody there?")])
    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as running:
        for _ in range(20):
            _ask(running, small)
        rest = _status(running.pid, "VmRSS")
        Path(f"/proc/{running.pid}/clear_refs").write_text("5")  # the peak begins anew (proc(5))
        _ask(running, body)
        return len(body), rest, _status(running.pid, "VmHWM") - rest


def _ask(running: Scene, body: bytes) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        running.gateway + "/v1/chat/completions",
        body,
        {"Content-Type": "application/json", "Authorization": f"Bearer {running.token}"},
    )
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - see above
        answer.read()


def _status(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(name))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", default="", metavar="WORDS", help="kinds with WORDS in the name")
    chosen = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("this bench reads Linux's /proc")
    report: dict[str, str] = {}
    for kind in (one for one in _KINDS if chosen.only in one):
        size, rest, more = measure(kind)
        report[f"{kind}: body / rest / more, MiB"] = (
            f"{size / _MIB:.1f} / {rest:.0f} / {more:.0f}, {more * _MIB / size:.1f} x the body"
        )
    show(report, as_json=chosen.json, form="")


if __name__ == "__main__":
    main()

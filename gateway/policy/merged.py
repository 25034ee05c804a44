"""The files of a policy put together: what may stand once stands once, and knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.document import Loc
    from gateway.policy.schema import (
        CaseModel,
        DefaultsModel,
        MetadataModel,
        RoleModel,
        RuleModel,
        ScannerModel,
    )
    from gateway.policy.sources import Source

__all__ = ["At", "Merged", "in_file_order", "merge"]


@dataclass(frozen=True, slots=True)
class At:
    """Something in a file, and the way to it."""

    source: Source
    loc: Loc

    def place(self, *loc: str | int) -> Place:
        """Where it, or something in it, stands."""
        return self.source.document.place((*self.loc, *loc))


@dataclass(slots=True)
class Merged:
    """Every section of every file, by name.

    ``at`` has the same sections and names; sections without names have the name ``""``.
    """

    version: int | None = None
    metadata: MetadataModel | None = None
    defaults: DefaultsModel | None = None
    roles: dict[str, RoleModel] = field(default_factory=dict)
    models: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scanners: dict[str, ScannerModel] = field(default_factory=dict)
    rules: dict[str, RuleModel] = field(default_factory=dict)
    tests: dict[str, CaseModel] = field(default_factory=dict)
    at: dict[tuple[str, str], At] = field(default_factory=dict)


def in_file_order(problem: Problem) -> tuple[str, int, int]:
    """Sorts problems by where they stand."""
    return problem.place.file, problem.place.line, problem.place.column


def merge(sources: Sequence[Source]) -> tuple[Merged, list[Problem]]:
    """Puts files together; the problems name what stands twice, or is missing."""
    merged = Merged()
    problems = [*_single_sections(sources, merged)]
    for source in sources:
        for section, name, value, at in _named(source):
            first = merged.at.setdefault((section, name), at)
            if first is at:
                getattr(merged, section)[name] = value
            else:
                problems.append(_twice(section, name, at, first))
    return merged, problems


def _single_sections(sources: Sequence[Source], merged: Merged) -> Iterator[Problem]:
    for section in ("version", "metadata", "defaults"):
        holders = [At(source, (section,)) for source in sources if getattr(source.file, section)]
        for at in holders[1:]:
            message = f"{section!r} stands already at {holders[0].place()}"
            yield Problem(at.place(), message, "it belongs in one file of the policy only")
        if holders:
            setattr(merged, section, getattr(holders[0].source.file, section))
            merged.at[section, ""] = holders[0]
        if section == "version" and not holders:
            advice = "add 'version: 1' to one file of the policy"
            yield Problem(Place(sources[0].document.file), "no file has a version", advice)


def _named(source: Source) -> Iterator[tuple[str, str, Any, At]]:
    file = source.file
    for section in ("roles", "models", "scanners"):
        for name, value in getattr(file, section).items():
            yield section, name, value, At(source, (section, name))
    for index, rule in enumerate(file.rules):
        yield "rules", rule.id, rule, At(source, ("rules", index))
    for index, case in enumerate(file.tests):
        yield "tests", case.name, case, At(source, ("tests", index))


def _twice(section: str, name: str, at: At, first: At) -> Problem:
    what = {"models": "set of models"}.get(section, section[:-1])
    message = f"a {what} {name!r} stands already at {first.place()}"
    return Problem(at.place(), message, "names are unique in all files of a policy")

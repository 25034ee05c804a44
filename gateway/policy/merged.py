"""The files of a policy put together: what may stand once stands once, and knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateway.document import suggestion
from gateway.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from gateway.document import Loc
    from gateway.policy.case_schema import CaseModel
    from gateway.policy.exception_schema import ExceptionModel
    from gateway.policy.rule_schema import RuleModel
    from gateway.policy.schema import (
        DefaultsModel,
        LimitModel,
        MetadataModel,
        RoleModel,
        ScannerModel,
    )
    from gateway.policy.sources import Source

__all__ = ["At", "Merged", "check_all_known", "check_known", "in_file_order", "merge"]

_WITH_IDS: Final = ("rules", "exceptions")


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
    limits: dict[str, LimitModel] = field(default_factory=dict)
    scanners: dict[str, ScannerModel] = field(default_factory=dict)
    rules: dict[str, RuleModel] = field(default_factory=dict)
    exceptions: dict[str, ExceptionModel] = field(default_factory=dict)
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
            first = _first(merged, section, name)
            if first is None:
                merged.at[section, name] = at
                getattr(merged, section)[name] = value
            else:
                problems.append(_twice(*first, name, at))
    return merged, problems


def _first(merged: Merged, section: str, name: str) -> tuple[str, At] | None:
    """What has a name already; rules and exceptions have theirs together."""
    sections = _WITH_IDS if section in _WITH_IDS else (section,)
    found = ((one, merged.at.get((one, name))) for one in sections)
    return next(((one, at) for one, at in found if at is not None), None)


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
    for section in ("roles", "models", "limits", "scanners"):
        for name, value in getattr(file, section).items():
            yield section, name, value, At(source, (section, name))
    for index, rule in enumerate(file.rules):
        yield "rules", rule.id, rule, At(source, ("rules", index))
    for index, exception in enumerate(file.exceptions):
        yield "exceptions", exception.id, exception, At(source, ("exceptions", index))
    for index, case in enumerate(file.tests):
        yield "tests", case.name, case, At(source, ("tests", index))


def _twice(section: str, first: At, name: str, at: At) -> Problem:
    what = {"models": "set of models"}.get(section, section[:-1])
    message = (
        f"{'an' if what == 'exception' else 'a'} {what} {name!r} stands already at {first.place()}"
    )
    return Problem(at.place(), message, "names are unique in all files of a policy")


def check_known(place: Place, what: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    """A problem, with what was probably meant, where a name is none of those that there are."""
    if name not in known:
        yield Problem(place, f"there is no {what} {name!r}", suggestion(name, sorted(known)))


def check_all_known(
    at: At, loc: tuple[str, ...], what: str, names: Iterable[str], known: Collection[str]
) -> Iterator[Problem]:
    """A problem for each of the names in a list that is none of those that there are."""
    for index, name in enumerate(names):
        yield from check_known(at.place(*loc, index), what, name, known)

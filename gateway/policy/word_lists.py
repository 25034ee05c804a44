"""The lists of terms of scanners: written into the policy, or the names of files beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import PlainValidator, WithJsonSchema

from gateway.document import suggestion
from gateway.errors import Problem
from gateway.policy.word_files import MOST_TERMS, SUFFIX
from gateway.terms import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.errors import Place
    from gateway.policy.known import Known
    from gateway.policy.merged import At, Merged
    from gateway.policy.schema import ScannerModel

__all__ = ["TermsOrFile", "check_words", "unused_lists", "words_of"]

_FILE: Final = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9._-]{{0,99}}\{SUFFIX}", re.ASCII)


def _terms_or_file(value: Any) -> tuple[str, ...] | str:
    if isinstance(value, str):
        if _FILE.fullmatch(value) is None:
            raise ValueError(f"{value!r} is no name of a list: plain, and ends in {SUFFIX}")
        return value
    if not isinstance(value, list) or not value:
        raise ValueError(f"must be a list of terms, or the name of a {SUFFIX} file beside this one")
    if len(value) > MOST_TERMS:
        raise ValueError(f"has more than {MOST_TERMS} terms: make several lists of it")
    for number, term in enumerate(value, 1):
        if not isinstance(term, str):
            raise ValueError(f"term {number} must be text; quote it")  # noqa: TRY004 - as pydantic
    return tuple(value)


TermsOrFile: TypeAlias = Annotated[
    tuple[str, ...] | str,
    PlainValidator(_terms_or_file),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "minItems": 1,
                    "maxItems": MOST_TERMS,
                },
                {"type": "string", "pattern": f"^{_FILE.pattern}$"},
            ]
        }
    ),
]


def check_words(scanner: ScannerModel, at: At, known: Known) -> Iterator[Problem]:
    """Every list that is missing or empty, and every term that cannot be looked for."""
    for entity, value in scanner.words.items():
        place = at.place("words", entity)
        if entity in scanner.patterns:
            message = f"{entity!r} is a pattern of this scanner already"
            yield Problem(place, message, "give the list another name")
        if isinstance(value, str) and value not in at.source.lists:
            advice = suggestion(value, sorted(at.source.lists))
            yield Problem(place, f"there is no file {value!r} beside this one", advice)
        elif not (terms := _placed(value, at, entity)):
            yield Problem(place, f"the list {value!r} is empty", "add a term, one a line")
        elif known.check_term is not None:
            for where, term in terms:
                wrong = known.check_term(term)
                if wrong is not None:
                    yield Problem(where, f"{entity}: {wrong}", "take it out, or write it out")


def words_of(scanner: ScannerModel, at: At) -> dict[str, Words]:
    """The lists of a scanner, by their names."""
    return {
        entity: Words.of(term for _, term in _placed(value, at, entity))
        for entity, value in scanner.words.items()
    }


def unused_lists(merged: Merged) -> Iterator[Problem]:
    """Files of terms that no scanner names."""
    used = {
        value
        for scanner in merged.scanners.values()
        for value in scanner.words.values()
        if isinstance(value, str)
    }
    files = {
        name: one.document.place(())
        for at in merged.at.values()
        for name, one in at.source.lists.items()
    }
    for name in sorted(files.keys() - used):
        advice = "use it, or take it out"
        yield Problem(files[name], f"the list {name!r} is not used", advice, "unused-list")


def _placed(value: tuple[str, ...] | str, at: At, entity: str) -> list[tuple[Place, str]]:
    if isinstance(value, str):
        return [*at.source.lists[value].terms]
    return [(at.place("words", entity, index), term) for index, term in enumerate(value)]

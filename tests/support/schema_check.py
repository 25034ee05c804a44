"""Checks a value against JSON Schema, as far as the project's own schemas go.

A keyword that is not known here is an error, so that none is silently not checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTES = {"title", "description", "default", "examples", "format", "$schema", "$defs"}
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def errors_in(value: Any, schema: dict[str, Any]) -> list[str]:
    """Where a value breaks a schema; none if it is valid."""
    return list(_errors(value, schema, schema, ""))


def _errors(value: Any, schema: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    if isinstance(schema, bool):
        schema = {} if schema else {"enum": []}
    for keyword, wanted in schema.items():
        if keyword in NESTED:
            yield from NESTED[keyword](value, schema, root, at)
        elif keyword not in NOTES and not CHECKS[keyword](value, wanted):
            yield f"{at}: {keyword} {wanted}"


def _reference(value: Any, schema: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    name = schema["$ref"].removeprefix("#/$defs/")
    yield from _errors(value, root["$defs"][name], root, at)


def _forms(value: Any, schema: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    if all(any(_errors(value, one, root, at)) for one in schema["anyOf"]):
        yield f"{at}: fits none of {len(schema['anyOf'])} forms"


def _items(value: Any, schema: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from _errors(item, schema["items"], root, f"{at}/{index}")


def _known(value: Any, schema: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key in schema["properties"]:
            yield from _errors(inner, schema["properties"][key], root, f"{at}/{key}")


def _others(value: Any, schema: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key not in schema.get("properties", {}):
            yield from _errors(inner, schema["additionalProperties"], root, f"{at}/{key}")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _number(value: Any) -> bool:
    return _is(value, "number")


NESTED: dict[str, Callable[[Any, Any, dict[str, Any], str], Iterator[str]]] = {
    "$ref": _reference,
    "anyOf": _forms,
    "items": _items,
    "properties": _known,
    "additionalProperties": _others,
}
CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _is,
    "enum": lambda value, wanted: value in wanted,
    "const": lambda value, wanted: value == wanted,
    "required": lambda value, wanted: not isinstance(value, dict) or {*wanted} <= {*value},
    "minimum": lambda value, wanted: not _number(value) or value >= wanted,
    "maximum": lambda value, wanted: not _number(value) or value <= wanted,
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "maxLength": lambda value, wanted: not isinstance(value, str) or len(value) <= wanted,
    "minItems": lambda value, wanted: not isinstance(value, list) or len(value) >= wanted,
    "maxItems": lambda value, wanted: not isinstance(value, list) or len(value) <= wanted,
    "pattern": lambda value, wanted: not isinstance(value, str) or bool(re.search(wanted, value)),
}

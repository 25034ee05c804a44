"""The schema of policy files as JSON Schema, for editors that check and complete while one types.

It says what a single file looks like. What only all files together show (references, unique
names), and what a scanner's kind takes, is for ``gateway policy check``.
"""

from __future__ import annotations

from typing import Any, Final

from gateway.policy.schema import PolicyFile

__all__ = ["json_schema"]

_NULL: Final = {"type": "null"}
_NEVER: Final[dict[str, Any]] = {"not": {}}


def json_schema() -> dict[str, Any]:
    """The schema of one policy file, in JSON Schema 2020-12."""
    schema = _tidied(PolicyFile.model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "A policy file of the gateway",
    }


def _tidied(node: Any) -> Any:
    """The schema without the nulls that stand for absence, and without keys to be refused."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _tidied(value) for key, value in node.items() if not _is_noise(key, value)}
    if isinstance(properties := found.get("properties"), dict):
        found["properties"] = {key: it for key, it in properties.items() if not _refused(it)}
    return _without_null(found)


def _is_noise(key: str, value: Any) -> bool:
    return key == "default" and value in (None, {}, [])


def _refused(schema: Any) -> bool:
    return bool(isinstance(schema, dict) and schema.items() >= _NEVER.items())


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    options = schema.get("anyOf")
    if not isinstance(options, list) or _NULL not in options:
        return schema
    left = [option for option in options if option != _NULL]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**left[0], **rest} if len(left) == 1 else {"anyOf": left, **rest}

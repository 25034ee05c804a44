"""What others have published of the formats of exports: whatever is sent is held against it."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import Any, Final

import opentelemetry.semconv._incubating.attributes as conventions
from google.protobuf.json_format import MessageToDict, Parse
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

__all__ = ["attribute_names", "ocsf_captions", "ocsf_problems", "otlp_read"]

_VERSION: Final = "1.8.0"
_OTHER: Final = 99


def otlp_read(raw: bytes) -> dict[str, Any]:
    """An export of logs as a collector reads it: what it does not know is an error."""
    found: dict[str, Any] = MessageToDict(Parse(raw, ExportLogsServiceRequest()))
    return found


@lru_cache
def attribute_names() -> frozenset[str]:
    """The names of attributes that OpenTelemetry's conventions have."""
    modules = (
        importlib.import_module(f"{conventions.__name__}.{module.name}")
        for module in pkgutil.iter_modules(conventions.__path__)
    )
    return frozenset(
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    )


def ocsf_problems(event: dict[str, Any]) -> list[str]:
    """What the schema of an event's class, with its profiles, finds wrong with it."""
    profiles = tuple(event["metadata"].get("profiles", ()))
    found = _validator(event["class_uid"], profiles).iter_errors(event)
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in found]


def ocsf_captions(event: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Each normalised word beside its number in an event: what the schema calls it, and the event.

    The words of ``Other`` are the source's own, and not among them.
    """
    return dict(_captions("", event, _class(event["class_uid"])["attributes"]))


def _captions(
    place: str, value: dict[str, Any], attributes: dict[str, Any]
) -> list[tuple[str, tuple[str, str]]]:
    found = []
    for name, attribute in attributes.items():
        there, word = value.get(name), value.get(attribute.get("sibling", ""))
        choice = attribute.get("enum", {}).get(str(there))
        if word is not None and choice is not None and there != _OTHER:
            found.append((place + name, (choice["caption"], word)))
        if isinstance(there, dict) and "object_type" in attribute:
            inner = _schema()["objects"][attribute["object_type"]]["attributes"]
            found += _captions(f"{place}{name}.", there, inner)
    return found


@lru_cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = get_ocsf_schema(version=_VERSION)
    return found


def _class(uid: int) -> dict[str, Any]:
    (found,) = (one for one in _schema()["classes"].values() if one["uid"] == uid)
    return dict(found)


@lru_cache
def _validator(uid: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    schemas = OcsfJsonSchemaEmbedded(_schema())
    name = schemas.lookup_class_name_from_uid(class_uid=uid)
    return Draft202012Validator(schemas.get_class_schema(class_name=name, profiles=[*profiles]))

"""The texts of a body, and the strings that are not: what a shape may find at one place.

What is left out is listed here, and all of it:

- *Settings* (ids, roles, types, enumerations): strings that look like an identifier, at most 128
  ASCII letters, digits and ``_ . : / + = ~ -``. A string at such a place that looks otherwise is
  an ``unknown`` text that cannot be rewritten.
- *Media*: base64 at the places of images, sound, files, signatures and encrypted results. It is
  not text for any scanner here and is counted nowhere. What is not base64 at such a place is a
  text; so is what the base64 encodes, where its media type or all of its bytes say that it is
  text. Text that can be decoded in two ways is refused.
- Numbers, true, false and null; but numbers of nine digits and more before the point in free JSON
  (tool arguments, unknown places) are texts, because card, account and telephone numbers are sent
  so.
- JSON Schema's own keywords as keys of a schema, and its seven names of types; Gemini's spelling
  of both.
- Token log probabilities of an answer, as far as they spell its text a second time (see
  ``respellings``); they are dropped where that text is rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

from gateway.errors import BadRequest, Refusal, UpstreamError
from gateway.ingress.held_list import HeldList
from gateway.wire.data_urls import Encoded, NotStrict, parse_data_url, read
from gateway.wire.embedded import parse_embedded
from gateway.wire.exchange import DECODED, EMBEDDED, Path, Text, pointer
from gateway.wire.numbers import said_by
from gateway.wire.packed_texts import BLOCK, PackedTexts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.terms import Provenance

__all__ = [
    "Finder",
    "Shape",
    "check_depth",
    "encoded",
    "everything",
    "file_data",
    "ignored",
    "is_identifier",
    "is_setting",
    "json_text",
    "media",
    "name",
    "repeated",
    "schema",
    "settings",
    "text",
    "url",
]

_CALLED: Final = frozenset({"call", "argument"})
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_./:+=~-]+", re.ASCII)
_MAX_IDENTIFIER: Final = 128
_SOME_MEDIA: Final = "image/*"
_MAX_STEPS: Final = 200
_MAX_TEXTS: Final = 100_000
_SCHEMA_WORDS: Final = (
    "$schema $id $ref $defs $anchor $comment definitions type properties required items prefixItems"
    " additionalProperties additionalItems patternProperties propertyNames description title enum"
    " const default examples format pattern minimum maximum exclusiveMinimum exclusiveMaximum"
    " multipleOf minLength maxLength minItems maxItems uniqueItems contains minContains maxContains"
    " minProperties maxProperties dependentRequired dependentSchemas oneOf anyOf allOf not if then"
    " else nullable deprecated readOnly writeOnly unevaluatedProperties unevaluatedItems"
    " contentEncoding contentMediaType discriminator propertyName mapping strict"
    " example propertyOrdering property_ordering additional_properties any_of defs ref min_length"
    " max_length min_items max_items min_properties max_properties"
)
_KEYWORDS: Final = frozenset(_SCHEMA_WORDS.split())
_NO_KEYWORDS: Final[frozenset[str]] = frozenset()
_TYPE_NAMES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")
_SCHEMA_TYPES: Final = frozenset((*_TYPE_NAMES, *map(str.upper, _TYPE_NAMES)))


class Finder:
    """Collects the texts of one body, in their order.

    Attributes:
        texts: What was found, but for texts that were packed.
        in_answer: Whether every text is the model's, whatever its place says.
        counts: How many parts there are of what has no text: images, audio, files.
        foreign: Parameters that the body may name in words that its format does not know.
        beyond: The first place with ``unknown`` texts below it; what is below, nobody knows.
    """

    __slots__ = ("_most", "_packed", "beyond", "counts", "foreign", "in_answer", "texts")

    def __init__(self, *, in_answer: bool) -> None:
        self._most = _MAX_TEXTS
        self._packed: PackedTexts | None = None
        self.in_answer = in_answer
        self.texts: list[Text] = []
        self.counts: dict[str, int] = {}
        self.foreign: set[str] = set()
        self.beyond: Path | None = None

    @classmethod
    def request(cls) -> Self:
        """For a client's body: faults are ``BadRequest``, misspelt keys are refused."""
        return cls(in_answer=False)

    @classmethod
    def answer(cls) -> Self:
        """For an upstream's body: faults are ``UpstreamError``."""
        return cls(in_answer=True)

    def add(
        self,
        value: str,
        path: Path,
        provenance: Provenance,
        *,
        rewritable: bool = True,
        json: bool = False,
    ) -> None:
        """One more text.

        Raises:
            BadRequest: There are too many in a request; reading each takes time, however short.
            UpstreamError: There are too many in an answer.
        """
        if len(self.texts) >= self._most:
            raise self.fault(f"the body has more than {_MAX_TEXTS} texts")
        whose = "answer" if self.in_answer and provenance not in _CALLED else provenance
        self.texts.append(Text(value, whose, path, rewritable, json))

    def repeat(self, value: str, path: Path, provenance: Provenance) -> None:
        """One more text, which says again what another one says."""
        self.add(value, path, provenance)
        self.texts[-1] = replace(self.texts[-1], again=True)

    def passed(self, value: list[Any], path: Path) -> None:
        """An item of a list was read; if the list is held and much was found, that is packed."""
        if type(value) is HeldList and len(path) == 1 and len(self.texts) >= BLOCK:
            if self._packed is None:
                self._packed = PackedTexts({str(path[0]): value})
            self._packed.add(self.texts)
            self._most -= len(self.texts)
            self.texts = []

    def whole(self) -> Sequence[Text]:
        """All texts; nothing is added afterwards."""
        if self._packed is None:
            return tuple(self.texts)
        if self.texts:
            self._packed.add(self.texts)
            self.texts = []
        return self._packed

    def stray(self, path: Path) -> None:
        """Below this place, which is known, stand ``unknown`` texts at places that are not."""
        if self.beyond is None:
            self.beyond = path

    def fault(self, message: str) -> Refusal:
        """The error to raise; the message must hold nothing that the sender chose."""
        if self.in_answer:
            return UpstreamError(f"in the answer, {message}")
        return BadRequest(message, message=f"{message}.")

    def wrong(self, path: Path, wanted: str) -> Refusal:
        """The error for a value of the wrong type at a place that a shape knows."""
        return self.fault(f"{pointer(path) or 'the body'} must be {wanted}")


Shape = Callable[[Finder, Any, Path, "Provenance"], None]


def is_identifier(value: str) -> bool:
    """Whether a string can be taken for an id or a word of an enumeration."""
    return len(value) <= _MAX_IDENTIFIER and _is_identifier(value)


def is_setting(value: Any) -> bool:
    """Whether a value at the place of a setting is plainly one: an id, a word or a number."""
    if isinstance(value, str):
        return not value or is_identifier(value)
    return not isinstance(value, (dict, list))


def text(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A string that is a text."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    found.add(value, path, provenance)


def repeated(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A string that says once more what another text of the body says."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    found.repeat(value, path, provenance)


def name(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A string that is read, but for which no other can stand."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    found.add(value, path, provenance, rewritable=False)


def ignored(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """Something that spells a text of another place again."""


def media(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """Base64 of what is no text; any other string is one."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    _add_content(found, Encoded(value, _SOME_MEDIA), path, provenance)


def file_data(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A data URL, or base64 of anything; any other string is a text."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    _add_content(found, parse_data_url(value) or Encoded(value), path, provenance)


def url(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A URL; a text, or the text in a data URL, unless media stands in it."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    inline = parse_data_url(value)
    if inline is None:
        found.add(value, path, provenance)
    else:
        _add_content(found, inline, path, provenance)


def encoded(known: Shape, data: str, media_type: str, *, url_safe: bool = False) -> Shape:
    """An object with base64 at one key and the media type of what it encodes at another.

    Args:
        known: The shape of the whole object; ``ignored`` for ``data``, which is read here.
        data: The key of the base64.
        media_type: The key of the media type, which may be missing.
        url_safe: Whether the provider takes the URL-safe alphabet as well (Gemini).
    """

    def read_object(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
        known(found, value, path, provenance)
        body, kind = value.get(data), value.get(media_type)
        if body is None:
            return
        if not isinstance(body, str):
            raise found.wrong((*path, data), "a string")
        said = kind if isinstance(kind, str) else ""
        _add_content(found, Encoded(body, said, url_safe=url_safe), (*path, data), provenance)

    return read_object


def settings(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:  # noqa: ARG001 - the signature of a shape
    """Ids and enumerations, also in objects and lists; what looks otherwise is ``unknown``."""
    if is_setting(value):
        return
    if isinstance(value, str):
        found.add(value, path, "unknown", rewritable=False)
    elif not _is_plain(value):
        inner = Finder(in_answer=found.in_answer)
        everything(inner, value, path, "unknown")
        strange = [
            Text(item.value, item.provenance, item.path, rewritable=False)
            for item in inner.texts
            if item.value and not is_identifier(item.value)
        ]
        if strange:
            found.stray(path)
            found.texts += strange


def everything(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """Free JSON: every string, every long number, and every key."""
    _read_free(found, value, path, provenance, _NO_KEYWORDS)


def schema(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A JSON Schema: as free JSON, without the words of JSON Schema itself."""
    _read_free(found, value, path, provenance, _KEYWORDS)


def json_text(found: Finder, value: Any, path: Path, provenance: Provenance) -> None:
    """A string that spells JSON: the texts in it, or itself where it cannot be taken apart."""
    if not isinstance(value, str):
        raise found.wrong(path, "a string")
    inner = parse_embedded(value)
    if inner is None:
        found.add(value, path, provenance, json=True)
    else:
        everything(found, inner, (*path, EMBEDDED), provenance)


def _add_content(found: Finder, given: Encoded, path: Path, provenance: Provenance) -> None:
    try:
        content = read(given)
    except NotStrict:
        raise found.fault(f"{pointer(path)} must be text in strict base64 or URL escapes") from None
    if content is None:
        found.add(given.value, path, provenance, rewritable=bool(given.head))
        return
    if given.head and not is_identifier(given.head.replace(";", "")):
        found.add(given.head, path, provenance, rewritable=False)
    if content.text:
        at = (*path, DECODED)
        found.add(content.text, at, provenance, rewritable=content.rewritable)


def check_depth(found: Finder, path: Path) -> None:
    """Refuses what is nested deeper than anyone nests.

    Raises:
        Refusal: It is.
    """
    if len(path) > _MAX_STEPS:
        raise found.fault("the body is nested too deeply")


@lru_cache(4096)
def _is_identifier(value: str) -> bool:
    # The same roles, types and ids come again and again.
    return _IDENTIFIER.fullmatch(value) is not None


def _read_free(
    found: Finder, value: Any, path: Path, provenance: Provenance, keywords: frozenset[str]
) -> None:
    before = len(found.texts)
    _walk(found, value, path, provenance, keywords)
    if provenance == "unknown" and len(found.texts) > before:
        found.stray(path)


def _walk(
    found: Finder, value: Any, path: Path, provenance: Provenance, keywords: frozenset[str]
) -> None:
    if isinstance(value, str):
        found.add(value, path, provenance)
    elif isinstance(value, dict):
        check_depth(found, path)
        for key, inner in value.items():
            at = (*path, key)
            if key not in keywords:
                found.add(key, at, provenance, rewritable=False)
            elif key == "type" and isinstance(inner, str) and inner in _SCHEMA_TYPES:
                continue
            _walk(found, inner, at, provenance, keywords)
    elif isinstance(value, list):
        check_depth(found, path)
        for index, inner in enumerate(value):
            _walk(found, inner, (*path, index), provenance, keywords)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        said = said_by(value)
        if said is not None:
            found.add(said, path, provenance)


def _is_plain(value: dict[str, Any] | list[Any]) -> bool:
    stack: list[Any] = [value]
    while stack:
        inner = stack.pop()
        if isinstance(inner, str):
            if inner and not is_identifier(inner):
                return False
        elif isinstance(inner, dict):
            if not all(map(is_identifier, inner)):
                return False
            stack += inner.values()
        elif isinstance(inner, list):
            stack += inner
    return True

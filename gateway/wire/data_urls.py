"""Text that stands in base64 or in a data URL (RFC 2397), found by its media type and its bytes.

Whoever decodes it behind us must get what was read here, so text is decoded by the strictest
reading only: base64 in its one canonical spelling (RFC 4648), percent escapes that are complete,
bytes that are valid in their charset. What a lenient decoder would take to be text, and this one
does not, is ``NotStrict``.
"""

from __future__ import annotations

import base64
import binascii
import re
from codecs import getincrementaldecoder
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple
from urllib.parse import quote, unquote_to_bytes

__all__ = ["Content", "Encoded", "NotStrict", "kind_of", "parse_data_url", "read", "rewritten"]

_SCHEME: Final = re.compile(r"[\0- ]*d[\t\n\r]*a[\t\n\r]*t[\t\n\r]*a[\t\n\r]*:", re.IGNORECASE)
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"
_SPACES: Final = b" \t\n\r\f\v"
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_ILL_ESCAPED: Final = re.compile("%(?![0-9A-Fa-f]{2})|[\0-\x1f\x7f\ud800-\udfff]")
_CONTROLS: Final = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HEAD: Final = 1024
_PIECE: Final = 2**16
_SHORTEST: Final = 16
# Possessive: with a way back for each character, ten million of them would take a gigabyte.
_RUNS: Final = re.compile(
    rb"(?:[\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}){8,}+"
)
_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
}
_TEXT_GROUPS: Final = ("text/", "message/")
_TEXT_ENDS: Final = ("+json", "+xml", "+yaml", "+text", "+json-seq")
_TEXT_NAMES: Final = (
    "json json5 jsonl jsonlines json-lines ndjson json-seq xml xml-dtd yaml toml csv tsv sql"
    " graphql javascript ecmascript typescript sh python rtf tex latex markdown html httpd-php"
    " perl ruby subrip www-form-urlencoded"
)
_TEXT_TYPES: Final = frozenset(
    f"application/{prefix}{name}" for name in _TEXT_NAMES.split() for prefix in ("", "x-")
)
_MEDIA_GROUPS: Final = ("image/", "audio/", "video/", "font/", "application/vnd.")
_MEDIA_TYPES: Final = frozenset(
    {"application/pdf", "application/x-pdf", "application/zip", "application/msword"}
    | {"application/epub+zip", "application/ogg", "application/mp4"}
)

Kind = Literal["text", "media", "unknown"]


class NotStrict(ValueError):
    """Text that decoders may read in more than one way; it says nothing of what was read."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A string that encodes something, and what is said of it.

    Attributes:
        value: What is encoded, behind what stands before it in a data URL.
        media_type: Its type as the sender names it, with parameters; empty where it does not.
        base64: Whether it is base64; percent escapes otherwise.
        head: What stands before it in a data URL, up to its comma.
        url_safe: Whether both alphabets of base64 are read by whoever decodes it.
    """

    value: str = field(repr=False)
    media_type: str = field(default="", repr=False)
    base64: bool = True
    head: str = field(default="", repr=False)
    url_safe: bool = False

    @property
    def body(self) -> str:
        """What is encoded."""
        return self.value[self.start :]

    @property
    def start(self) -> int:
        """Where that begins."""
        return len(self.head) + 1 if self.head else 0


class Content(NamedTuple):
    """What can be read of an encoded string.

    Attributes:
        text: The text in it; empty where it is media.
        rewritable: Whether another text can be encoded in its place.
    """

    text: str
    rewritable: bool


_MEDIA: Final = Content("", rewritable=False)


def kind_of(media_type: str) -> Kind:
    """Whether a media type is one of texts or one of media; parameters are left aside."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence.startswith(_TEXT_GROUPS) or essence.endswith(_TEXT_ENDS) or essence in _TEXT_TYPES:
        return "text"
    if essence.startswith(_MEDIA_GROUPS) or essence in _MEDIA_TYPES:
        return "media"
    return "unknown"


def parse_data_url(value: str) -> Encoded | None:
    """A data URL taken apart; None where a string is none."""
    scheme = _SCHEME.match(value[:64])
    comma = value.find(",") if scheme else -1
    if not scheme or comma < 0:
        return None
    head = value[:comma]
    media_type, _, last = head[scheme.end() :].rpartition(";")
    if last.strip().lower() == "base64":
        return Encoded(value, media_type, head=head)
    return Encoded(value, head[scheme.end() :] or "text/plain", base64=False, head=head)


def read(encoded: Encoded) -> Content | None:
    """The text that is encoded; None where the string is a text as it stands.

    Under the name of media 16 bytes and more that are all text are read too; of bytes of no
    known type, what is readable.

    Raises:
        NotStrict: It is text, or would be for a lenient decoder, in no strict spelling.
    """
    kind = kind_of(encoded.media_type)
    if kind == "text":
        return _read_text(encoded)
    if not encoded.base64:
        return None if kind == "media" else _read_text(encoded)
    return _read_media(encoded) if kind == "media" else _read_unknown(encoded)


def rewritten(value: str, text: str) -> str | None:
    """The string with another text encoded in it; None where it encodes no text.

    Only for what ``read`` found to be rewritable: a data URL of UTF-8, or bare base64 of it.
    """
    url = parse_data_url(value)
    try:
        old = read(url or Encoded(value, url_safe=True))
    except NotStrict:
        return None
    if old is None or not old.rewritable:
        return None
    body = quote(text) if url and not url.base64 else base64.b64encode(text.encode()).decode()
    return f"{url.head},{body}" if url else body


def _read_text(encoded: Encoded) -> Content:
    codec = _codec_of(encoded)
    raw = _bytes_of(encoded)
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        raise NotStrict from None
    if codec != "utf-8" and text != _decoded(raw, text):
        raise NotStrict
    return Content(text, rewritable=codec == "utf-8")


def _codec_of(encoded: Encoded) -> str:
    _, *parameters = encoded.media_type.lower().split(";")
    named = [value.strip(" \"'") for name, _, value in (p.partition("=") for p in parameters)
             if name.strip() == "charset"]  # fmt: skip
    if len(named) > 1 or any(parameter.strip() == "base64" for parameter in parameters):
        raise NotStrict
    codec = _CHARSETS.get(named[0]) if named else "utf-8"
    if codec is None:
        raise NotStrict
    return codec


def _bytes_of(encoded: Encoded) -> bytes:
    body = encoded.body
    if not encoded.base64:
        if _ILL_ESCAPED.search(body) or "base64," in body.lower():
            raise NotStrict
        return unquote_to_bytes(body)
    try:
        written = body.encode("ascii")
        if encoded.url_safe and not (b"+" in written or b"/" in written):
            written = written.translate(_STANDARD)
        raw = base64.b64decode(written, validate=True)
    except ValueError:
        raise NotStrict from None
    if base64.b64encode(raw) != written:
        raise NotStrict
    return raw


def _decoded(raw: bytes, otherwise: str) -> str:
    # Many decoders take everything for UTF-8, whatever its charset is said to be.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return otherwise


def _read_media(encoded: Encoded) -> Content | None:
    if not _consists_of(encoded, _ALPHABET):
        return None
    if not _starts_as_text(encoded):
        return _MEDIA
    try:
        text = _leniently(encoded.body).decode()
    except (UnicodeDecodeError, binascii.Error):
        return _MEDIA
    if len(text) < _SHORTEST or _CONTROLS.search(text):
        return _MEDIA
    return Content(text, rewritable=False)


def _consists_of(encoded: Encoded, alphabet: bytes) -> bool:
    # Piece by piece: images are large, and there is no need to hold them in two spellings.
    value = encoded.value
    pieces = (value[at : at + _PIECE] for at in range(encoded.start, len(value), _PIECE))
    return all(piece.isascii() and not piece.encode().translate(None, alphabet) for piece in pieces)


def _starts_as_text(encoded: Encoded) -> bool:
    # Images and sound show within their first bytes that they are none, whatever their size.
    try:
        head = _leniently(encoded.value[encoded.start : encoded.start + _HEAD])
        return not _CONTROLS.search(getincrementaldecoder("utf-8")().decode(head))
    except ValueError:
        return False


def _read_unknown(encoded: Encoded) -> Content | None:
    if not _consists_of(encoded, _ALPHABET + _SPACES):
        return None
    body = encoded.body
    try:
        raw = _leniently(body)
        text = raw.decode()
    except binascii.Error:
        return None
    except UnicodeDecodeError as error:
        if any(space in body for space in _SPACES.decode()):
            return None
        return Content(b"\n".join(_RUNS.findall(error.object)).decode(errors="replace"), False)
    _bytes_of(encoded)
    return Content(text, rewritable=True)


def _leniently(body: str) -> bytes:
    written = body.encode().translate(_STANDARD, _SPACES + b"=")
    return base64.b64decode(written + b"=" * (-len(written) % 4))

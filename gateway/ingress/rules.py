"""The rules for a request's line and headers, each with the clause or the attack behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NoReturn

from gateway.errors import (
    BadRequest,
    MethodNotAllowed,
    Refusal,
    TooLarge,
    UnsupportedMediaType,
)

__all__ = ["RULES", "Rule", "refuse"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: Its stable name; a refusal's ``reason`` starts with it.
        words: What is wrong with a request that breaks it.
        law: The clause it comes from, or the attack it stops.
        refusal: The class of error that it raises.
    """

    id: str
    words: str
    law: str
    refusal: type[Refusal] = BadRequest


_RULES: Final = (
    Rule("http-version", "the HTTP version is not served",
         "RFC 9112 §9.3: HTTP/1.0 has no Host, no chunks and no persistent framing to rely on"),
    Rule("method", "the method is not served",
         "RFC 9110 §9.1: only listed methods; CONNECT and TRACE turn a gateway into a tunnel or "
         "a mirror of credentials (RFC 9110 §9.3.6, §9.3.8)", MethodNotAllowed),
    Rule("header-count", "there are more than 100 headers",
         "RFC 6585 §5: resource exhaustion by many small headers", TooLarge),
    Rule("header-size", "a header is longer than 8 KiB",
         "RFC 9110 §5.4: resource exhaustion by one large header", TooLarge),
    Rule("headers-size", "the headers together are too large",
         "RFC 6585 §5: resource exhaustion by headers", TooLarge),
    Rule("header-name", "a header name is no lower-case token",
         "RFC 9110 §5.1 and §5.6.2: parsers that trim or pass other names are smuggled past"),
    Rule("header-underscore", "a header name holds an underscore",
         "CGI and WSGI fold X_Role into X-Role: the twin of a checked header"),
    Rule("header-value", "a header value holds control or non-ASCII bytes",
         "RFC 9110 §5.5: CR, LF and NUL split requests and logs"),
    Rule("duplicate-header", "a header that may stand once stands twice",
         "RFC 9112 §3.2 and §6.3, RFC 9110 §5.3: two readers pick two different ones"),
    Rule("host-missing", "there is no Host", "RFC 9112 §3.2: MUST be answered with 400"),
    Rule("host", "Host is not a host and port",
         "RFC 3986 §3.2.2: a path or credentials in Host move every URL built from it "
         "(CVE-2026-48710)"),
    Rule("host-unknown", "Host is not one of ours",
         "DNS rebinding: a foreign name that resolves to this address"),
    Rule("length-and-chunks", "Content-Length stands beside Transfer-Encoding",
         "RFC 9112 §6.1: request smuggling, CL.TE and TE.CL"),
    Rule("content-length", "Content-Length is no plain number",
         "RFC 9110 §8.6: signs, lists and leading zeros are read in several ways"),
    Rule("transfer-encoding", "Transfer-Encoding is not exactly chunked",
         "RFC 9112 §6.1: TE.TE smuggling by a coding that one side does not know"),
    Rule("body-unexpected", "a body comes with a method that takes none",
         "RFC 9110 §9.3.1: content in GET is smuggled past what does not read it"),
    Rule("upgrade", "a change of protocol is asked for",
         "RFC 9110 §7.8: h2c and WebSocket smuggling past every check"),
    Rule("connection", "Connection names a header other than keep-alive, close or te",
         "RFC 9110 §7.6.1: hop-by-hop abuse makes a proxy drop the header that another adds"),
    Rule("expect", "Expect is not 100-continue", "RFC 9110 §10.1.1"),
    Rule("path-size", "the path is longer than 2 KiB",
         "RFC 9110 §4.1: resource exhaustion", TooLarge),
    Rule("path-form", "the target is no absolute path",
         "RFC 9112 §3.2: absolute-form, authority-form and * carry a second Host"),
    Rule("path-bytes", "the path holds a byte that no path has",
         "RFC 3986 §3.3: backslash, ;, # and raw bytes are cut or mapped differently"),
    Rule("path-dots", "the path has empty or dot segments",
         "RFC 3986 §5.2.4: traversal past a rule on the path (CVE-2026-33494)"),
    Rule("path-escape", "the path holds a percent-encoding that hides a character",
         "RFC 3986 §6.2.2.2: %2f, %2e, %5c, %00, %25 and encoded letters mean one path to a check "
         "and another to a server"),
    Rule("query-size", "the query is longer than 4 KiB",
         "RFC 9110 §4.1: resource exhaustion", TooLarge),
    Rule("query-bytes", "the query holds a byte that no query has", "RFC 3986 §3.4"),
    Rule("query-escape", "the query holds a broken or a control percent-encoding",
         "RFC 3986 §2.1: %00, %0d and %0a split what is built from it"),
    Rule("content-type", "the content type is not application/json in UTF-8",
         "RFC 8259 §11; a form or text type crosses origins without a preflight",
         UnsupportedMediaType),
    Rule("content-encoding", "the body is compressed",
         "RFC 9110 §8.4: decompression bombs, and a body that only the upstream can read",
         UnsupportedMediaType),
)  # fmt: skip

RULES: Final = {rule.id: rule for rule in _RULES}
"""Every rule by its id, in the order in which a request meets them, roughly."""


def refuse(rule: str) -> NoReturn:
    """Raises the refusal of a rule, its ``reason`` being ``id: words``."""
    broken = RULES[rule]
    raise broken.refusal(f"{broken.id}: {broken.words}")

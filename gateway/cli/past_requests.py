"""The requests of the past, from the records of the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.filters import Filters
from gateway.audit.opened import opened
from gateway.audit.opener import Erased
from gateway.audit.query import sealed_events
from gateway.claims import strings_at
from gateway.cli.request_body import json_object, read_body, readable
from gateway.errors import BadRequest, UpstreamError, VerificationError
from gateway.policy.past import Content, Past
from gateway.scan.stand_ins import UNKNOWN_STAND_IN
from gateway.steps.echoes import echoes_of, without_echoes
from gateway.steps.holding import REFUSED
from gateway.wire.exchange import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateway.audit.opener import Opener
    from gateway.audit.query import Event
    from gateway.steps.echoes import Echoes
    from gateway.terms import Provenance
    from gateway.wire.formats import Route

__all__ = ["LEFT_OUT", "RolesPath", "past_requests"]

RolesPath = Callable[[str | None], str | None]
"""Says for an issuer at which claim its tokens list their roles; None where that is not known."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "unasked": "it was refused before the policy was asked",
    "strange": "it was refused for what its format does not know",
    "held": "it went on with what another caller, or nobody, was given",
    "models": "it asked for the list of models",
    "cut": "its record is cut: it had too many roles, or too long a model's name",
    "closed": "its sealed part does not open with this key, or was changed",
    "erased": "what was sealed of its caller was erased",
    "earlier": "its prompt was recorded before the time that is looked at",
    "unread": "its body or its answer is not read by this version",
}
"""Why a request cannot be asked anew."""

_MODELS: Final = "models"
_DENIED: Final = 403
_MALFORMED: Final = 400
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


class _LeftOutError(Exception):
    """A request cannot be asked anew; its argument is a key of ``LEFT_OUT``."""


def past_requests(
    store: str,
    since: int | None,
    opener: Opener | None,
    roles_path: RolesPath,
    own: Sequence[Route] = (),
) -> Iterator[Past | str]:
    """Every request in a store, oldest first; for one that cannot be asked anew, why.

    Args:
        store: The store.
        since: Unix milliseconds before which records are not looked at.
        opener: Opens what is sealed; None leaves it closed.
        roles_path: Where the tokens of an issuer list their roles.
        own: Routes that upstreams have of their own.

    Raises:
        AuditUnavailable: The store cannot be read.
    """
    begun: dict[str, Event] = {}
    reader = _Reader(opener, roles_path, own)
    for event in sealed_events(store, Filters(since=since)):
        header = event.header
        if header["stage"] == "intent":
            begun[header["request"]] = event
        elif header["stage"] == "outcome":
            yield reader.read(event, begun.pop(header["request"], None))
    for intent in begun.values():
        yield reader.read(intent, intent)


class _Reader:
    def __init__(self, opener: Opener | None, roles_path: RolesPath, own: Sequence[Route]) -> None:
        self._opener, self._roles_path, self._own = opener, roles_path, own

    def read(self, last: Event, intent: Event | None) -> Past | str:
        """The request by its last record and its intent, or why it cannot be asked anew."""
        try:
            return self._read(last, intent)
        except _LeftOutError as why:
            return LEFT_OUT[str(why)]

    def _read(self, last: Event, intent: Event | None) -> Past:
        header = last.header
        _check(header)
        content = None
        if self._opener is not None:
            content = self._content(header, self._open(intent), self._open(last))
        actor = header["actor"]
        return Past(
            subject=str(actor["subject"]),
            roles=tuple(actor["roles"]),
            route=header["route"],
            model=header["model"],
            verdict=_verdict(header["decision"], (last, intent)),
            rules=tuple(header["rules"]),
            content=content,
        )

    def _open(self, event: Event | None) -> dict[str, Any]:
        if event is None or self._opener is None:
            return {}
        try:
            found = opened(event, self._opener)
        except Erased:
            raise _LeftOutError("erased") from None
        except VerificationError:
            raise _LeftOutError("closed") from None
        return found if isinstance(found, dict) else {}

    def _content(
        self, header: Mapping[str, Any], asked: Mapping[str, Any], ended: Mapping[str, Any]
    ) -> Content | None:
        """What was sealed; None where the policy then in force kept nothing."""
        if not asked and not ended:
            return None
        prompt = asked.get("prompt", ended.get("prompt"))
        if prompt is None:
            raise _LeftOutError("earlier")
        claims = asked.get("claims") or ended.get("claims") or {}
        path = self._roles_path(header["actor"]["issuer"])
        try:
            names = (header["route"], header["format"])
            route = readable(*names, self._own, stream=header.get("stream"))
            target = Target(header["model"])
            exchange = read_body(route, json_object(prompt.encode()), target)
            echoes = echoes_of(exchange.body, exchange.echoed)
            answer = tuple(_answer(route, ended.get("answer"), echoes))
        except (KeyError, BadRequest, UpstreamError):
            raise _LeftOutError("unread") from None
        return Content(
            parameters=exchange.parameters,
            texts=(*((text.provenance, text.value) for text in exchange.texts), *answer),
            claims=claims,
            token_roles=None if path is None else strings_at(claims, path),
            changes={
                word: tuple(value) if isinstance(value, list) else value
                for word, value in (ended.get("changes") or asked.get("changes") or {}).items()
            },
        )


def _verdict(decision: str, records: Iterable[Event | None]) -> str:
    """What was decided on texts; whether a stand-in was known is no matter of a policy."""
    found = [note for one in records if one is not None for note in one.header["findings"]]
    flagged = {note["entity"] for note in found if note["action"] == "flag"}
    return "allow" if decision == "flag" and flagged == {UNKNOWN_STAND_IN} else decision


def _check(header: Mapping[str, Any]) -> None:
    """Raises why a policy was not asked about a request, or cannot be again."""
    if header["route"] == _MODELS:
        raise _LeftOutError("models")
    if None in (header["actor"], header["route"], header["model"]):
        raise _LeftOutError("unasked")
    if header["decision"] == "deny" and f": {REFUSED} " in (header["error"] or ""):
        raise _LeftOutError("held")
    if header["decision"] == "deny" and header["status"] != _DENIED:
        # Of what was read and asked about, only unknown fields are refused as malformed.
        raise _LeftOutError("strange" if header["status"] == _MALFORMED else "unasked")
    if "roles" in header.get("omitted", ()) or header["model"].endswith(_CUT):
        raise _LeftOutError("cut")


def _answer(route: Route, answer: object, echoes: Echoes) -> Iterator[tuple[Provenance, str]]:
    """The texts of an answer: of a whole body, or of the channels of a stream."""
    if isinstance(answer, dict):
        yield from (("answer", text) for text in answer.values())
    elif isinstance(answer, str) and answer:
        texts = route.format.read_answer(json_object(answer.encode())).texts
        own, _ = without_echoes(texts, echoes)
        yield from ((text.provenance, text.value) for text in own)

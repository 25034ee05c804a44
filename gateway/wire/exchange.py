"""What every wire format is turned into: texts with their places, and what is asked for.

All of it is plain data. A format is pure: it reads a parsed body and says where the texts stand;
it writes a body in which texts were replaced; it knows how its API refuses, errs and stops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.terms import Changes, Parameters, Provenance

__all__ = [
    "DECODED",
    "EMBEDDED",
    "INWARD",
    "IN_BODY",
    "RESPELT",
    "Answer",
    "ChosenKey",
    "Delta",
    "Exchange",
    "Format",
    "Path",
    "StreamEvent",
    "StreamReader",
    "Target",
    "Text",
    "Usage",
    "pointer",
]

EMBEDDED: Final = "\x00json"
"""A step of a path into JSON that stands inside a string, such as a tool call's arguments."""

DECODED: Final = "\x00text"
"""The last step of a path to the text that a string encodes: base64, or a data URL."""

RESPELT: Final = "\x00tokens"
"""A step of a path to what log probabilities spell; a rewrite there drops them."""

INWARD: Final = frozenset({EMBEDDED, DECODED, RESPELT})
"""Steps into a string, which pointers do not tell apart."""


class ChosenKey(str):
    """A step of a path that is a client's word, where any key may stand; pointers show ``*``."""

    __slots__ = ()


Path = tuple[str | int, ...]
"""Keys and indices that lead from the top of a body to one string in it."""


def pointer(path: Path) -> str:
    """The path as a JSON Pointer (RFC 6901).

    Embedded JSON and tokens continue after ``#``; nothing follows it where a text was decoded.
    """
    steps: list[str] = []
    for step in path:
        # To numbers, and to words that no client chose, nothing is to be done.
        plain = type(step) is int or (type(step) is str and step.isalnum())
        steps.append(f"/{step}" if plain else _key(step))
    return "".join(steps)


def _key(step: str | int) -> str:
    if step in INWARD:
        return "#"
    if isinstance(step, ChosenKey):
        return "/*"
    key = str(step)
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"/{key}"


@dataclass(frozen=True, slots=True)
class Text:
    """One string that a person, a program or a model wrote, and where it stands.

    ``rewritable`` is false where another text cannot stand (an object's key, an id): a rewrite
    there is a block. ``json`` says that it was to be JSON and cannot be taken apart: it is read
    with its escapes undone as well, and what is put into it is escaped. ``again`` says that it says
    once more what another text says: what is found in both counts once. ``apart`` says that nobody
    reads it together with others.
    """

    value: str = field(repr=False)
    provenance: Provenance
    path: Path
    rewritable: bool = True
    json: bool = False
    again: bool = False
    apart: bool = False

    @property
    def where(self) -> str:
        """Its place as a JSON Pointer."""
        return pointer(self.path)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the path and the query of a request say of it.

    Attributes:
        model: The model; None where the body names it.
        stream: Whether a stream is asked for; None where the body says it.
        query: Its query parameters, all of them known to the route.
    """

    model: str | None = None
    stream: bool | None = None
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


IN_BODY: Final = Target()
"""A path that says nothing of the request: all of it stands in the body."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as every room but ``wire`` sees it.

    Attributes:
        model: The model asked for.
        stream: Whether the answer is asked for as a stream of events.
        texts: Every text of the body, in its order.
        body: The parsed body, as it is to be sent; never changed in place.
        parameters: What the body asks of the model, in the words of every format.
        continues: The ids of all that the upstream holds and that this request goes on with; none
            where its body is all there is.
        held: Those of them that somebody was given with an answer: nobody else may name them.
        opening: What the user said first in the conversation; it stays the same in later turns.
        echoed: Members of the body that an answer says again.
        beyond: A place that the format knows, with ``unknown`` texts below it at places that it
            does not know; None where there are none.
    """

    model: str
    stream: bool
    texts: Sequence[Text]
    body: Mapping[str, Any] = field(repr=False)
    parameters: Parameters = field(repr=False)
    continues: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    opening: str = field(default="", repr=False)
    echoed: frozenset[str] = frozenset()
    beyond: Path | None = None

    @property
    def unknown_at(self) -> Path | None:
        """The nearest place that the format knows to an ``unknown`` text; None if there is none.

        No step of it is a word of the client.
        """
        if self.beyond is not None:
            return self.beyond
        return next((text.path for text in self.texts if text.provenance == "unknown"), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its texts, what it cost and how it ended.

    ``held_as`` is the id under which the upstream holds it, where a later request can go on with it
    by that id; ``parts`` are the ids of what it is made of, by which one can as well.
    """

    texts: tuple[Text, ...]
    body: Mapping[str, Any] = field(repr=False)
    usage: Usage | None = None
    model: str | None = None
    finish: str | None = None
    held_as: str | None = None
    parts: tuple[str, ...] = ()


class Delta(NamedTuple):
    """A piece of one running text in a stream; a tuple, as one is made for every event.

    Attributes:
        channel: Names the text it continues.
        text: The piece.
        path: Where it stands in the event's data.
        rewritable: As in ``Text``.
        json: Whether the text spells JSON: what is put into it is escaped as JSON strings are.
        again: Whether the text says once more what other channels say.
        resumes: Whether it goes on with a text that had closed.
        whole: Whether it is all of its text, with which nothing goes on.
        provenance: ``answer``; ``call`` and ``argument`` where a tool is called; ``echo`` where it
            repeats the request.
    """

    channel: str
    text: str
    path: Path
    rewritable: bool = True
    json: bool = False
    again: bool = False
    resumes: bool = False
    whole: bool = False
    provenance: Provenance = "answer"

    def __repr__(self) -> str:
        return f"Delta(channel={self.channel!r}, path={self.path!r})"


class StreamEvent(NamedTuple):
    """One event of a streamed answer; a tuple, as many are made.

    Attributes:
        raw: The event as the upstream sent it, with the line ends that close it.
        deltas: The pieces of text in it, in its order.
        data: Its parsed data; None for a comment, a keep-alive or an end marker.
        closes: Channels whose text ends with this event (after its own deltas).
        usage: Token counts it carries.
        model: The model it names.
        finish: Why the answer ended, as the API says it.
        final: Whether the API sends nothing after it; what does follow is not read.
        failed: Whether it says that the answer failed; then it is final, too.
        counts_only: Whether it carries token counts and nothing of the answer.
        held_as: As in ``Answer``.
        parts: As in ``Answer``.
    """

    raw: bytes
    deltas: tuple[Delta, ...] = ()
    data: Any = None
    closes: tuple[str, ...] = ()
    usage: Usage | None = None
    model: str | None = None
    finish: str | None = None
    final: bool = False
    failed: bool = False
    counts_only: bool = False
    held_as: str | None = None
    parts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"StreamEvent(deltas={self.deltas!r}, closes={self.closes!r}, final={self.final!r})"


class StreamReader(Protocol):
    """Reads one streamed answer. Keeps what it needs to end it in the format's own words."""

    def feed(self, chunk: bytes) -> Sequence[StreamEvent]:
        """The events that are complete with this chunk.

        Raises:
            UpstreamError: The bytes are no stream of this format, or an event is too large.
        """

    def finish(self) -> Sequence[StreamEvent]:
        """The upstream has closed: what was left.

        Raises:
            UpstreamError: It closed in the middle of an event or before the final one.
        """

    def rewrite(self, event: StreamEvent, texts: Sequence[str]) -> bytes:
        """The event as it goes out: its deltas' texts replaced, one for one.

        Called for every event that goes out, in its order, also where no text changed (then
        ``raw`` comes back): ``stop`` and ``error`` end what went out, not what came in. What spells
        a replaced text a second time (log probabilities, sound, signatures) is dropped.
        """

    def stop(self) -> bytes:
        """The events that end the stream because its content is blocked."""

    def error(self, code: str, message: str) -> bytes:
        """The events that end the stream because something failed, also in place of its end."""


class Format(Protocol):
    """One provider API. Stateless; every method is pure."""

    name: str
    """As audit records give it: ``openai``, ``anthropic``."""

    stream_type: str
    """The media type of its streams."""

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:
        """Finds model, texts and parameters of a request.

        Raises:
            BadRequest: With a JSON Pointer in its reason and message, where a part has the wrong
                type or a known key stands in another case.
        """

    def counting_request(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """The request as one that asks its stream for token counts too.

        None where it does ask, where its answer is no stream, and where the API always counts.
        Otherwise the events that are ``counts_only`` were not asked for by the client.
        """

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """Finds the texts of a whole answer (also of an error body).

        Raises:
            UpstreamError: The body is no answer of this format.
        """

    def rewrite_request(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """A request with other texts at the paths of some that were read; the old one stays."""

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """A request that says what the policy demands; the old one stays.

        Every place that names a parameter gets its new value. Read again, the body asks for
        ``parameters.changed(changes)``, and for no more where a format cannot say just that.
        Paths to texts hold for the old body only: ``rewrite_request`` comes first.

        Args:
            body: One that ``read`` has taken.
            changes: What must be so, from the decision about what ``read`` found in it.

        Raises:
            PolicyDenied: This format has no way to say one of the changes.
        """

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """An answer with other texts at some paths; what spells them a second time is dropped."""

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with every text taken out and the format's own stop for blocked content."""

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:
        """The format's error body, so that its SDKs raise the class they have for ``status``."""

    def stream_reader(self) -> StreamReader:
        """A reader for one streamed answer."""

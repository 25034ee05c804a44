"""JSON of an endpoint's own: the settings declare where its texts stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from gateway.errors import BadRequest, InternalFault
from gateway.terms import PARAMETERS, WORDLESS
from gateway.wire.changing import change
from gateway.wire.exchange import IN_BODY, Answer, Exchange, Path, Target
from gateway.wire.json_places import Places
from gateway.wire.leaves import Finder
from gateway.wire.openai_stream import error_object
from gateway.wire.parameters import Vocabulary, read_parameters
from gateway.wire.rewrite import rewrite
from gateway.wire.whole import opening, read_answer_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.terms import Changes, Provenance

__all__ = ["OwnJson"]

_VOCABULARY: Final = Vocabulary(
    readers={},
    defaults={"stream": (False,), "tools": ()},
    system_roles=frozenset(),
    messages_key=None,
    messages_type=None,
    inexpressible=frozenset(PARAMETERS) - WORDLESS,
)


class OwnJson:
    """One path of an endpoint that speaks no provider's API. A ``Format``.

    Nothing is known of its parameters, and it has no streams. Refusals are in OpenAI's shape.

    Args:
        model: The only model that it is asked for.
        request_texts: Pointers to the texts of a request.
        response_texts: Pointers to the texts of an answer.
    """

    name = "json"
    stream_type = ""

    def __init__(
        self, model: str, request_texts: Iterable[str], response_texts: Iterable[str]
    ) -> None:
        self._model = model
        self._request = Places.declared(request_texts, {"model": self._same_model})
        self._answer = Places.declared(response_texts)

    def read(self, body: Mapping[str, Any], target: Target = IN_BODY) -> Exchange:  # noqa: ARG002 - neither path nor query says anything
        """See ``Format.read``."""
        if not isinstance(body, dict):
            raise BadRequest("the body must be an object", message="The body must be an object.")
        found = Finder.request()
        self._request.read(found, body, (), "unknown")
        parameters = read_parameters(body, found, _VOCABULARY, stream=False)
        texts = found.whole()
        return Exchange(
            self._model, False, texts, body, parameters, opening=opening(texts), beyond=found.beyond
        )

    def rewrite_request(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_request``."""
        return rewrite(body, replacements)

    def change_request(self, body: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
        """See ``Format.change_request``; there is nothing that it can say."""
        return change(body, changes, {})

    def counting_request(self, body: Mapping[str, Any]) -> dict[str, Any] | None:  # noqa: ARG002 - nothing to look at
        """See ``Format.counting_request``; no answer is a stream."""
        return None

    def read_answer(self, body: Mapping[str, Any]) -> Answer:
        """See ``Format.read_answer``."""
        return Answer(tuple(read_answer_texts(body, self._answer.read).texts), body)

    def rewrite_answer(
        self, body: Mapping[str, Any], replacements: Mapping[Path, str]
    ) -> dict[str, Any]:
        """See ``Format.rewrite_answer``."""
        return rewrite(body, replacements)

    def withhold(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Format.withhold``; what is declared stays without its texts, all else goes."""
        emptied: dict[str, Any] = self._answer.emptied(body)
        return emptied

    def error(self, status: int, code: str, message: str, request: str) -> dict[str, Any]:  # noqa: ARG002 - the request id stands in a header
        """See ``Format.error``."""
        return error_object(status, code, message)

    def stream_reader(self) -> NoReturn:
        """See ``Format.stream_reader``; no request is one for a stream.

        Raises:
            InternalFault: Always.
        """
        raise InternalFault("an endpoint with JSON of its own has no streams")

    def _same_model(self, found: Finder, value: Any, path: Path, _: Provenance) -> None:
        """A model that the body names must be the one that the policy was asked about."""
        if value != self._model:
            raise found.wrong(path, "the model of this route, or left out")

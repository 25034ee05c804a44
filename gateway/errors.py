"""Every error of the gateway, in one tree.

::

    GatewayError
    ├── ConfigurationError      a setting, key file or policy is wrong; carries Problems (exit 2)
    ├── VerificationError       the thing checked does not hold (exit 1)
    ├── StateLost               the shared state (Redis) did not answer in time
    └── Refusal                 a request is answered by the gateway itself
        ├── Unauthenticated         401 unauthenticated
        ├── PolicyDenied            403 policy_denied
        ├── ContentBlocked          400 content_blocked
        ├── BadRequest              400 bad_request
        ├── NotFound                404 not_found
        ├── MethodNotAllowed        405 method_not_allowed
        ├── RequestTimeout          408 request_timeout
        ├── TooLarge                413 too_large
        ├── UnsupportedMediaType    415 unsupported_media_type
        ├── RateLimited             429 rate_limited
        ├── InternalFault           500 internal_error
        ├── UpstreamError           502 upstream_error
        ├── AuditUnavailable        503 audit_unavailable
        ├── StateUnavailable        503 state_unavailable
        └── UpstreamTimeout         504 upstream_timeout

A refusal has two texts: ``message`` goes to the client and never holds anything that the client
or the upstream sent; ``reason`` goes to the audit log and names the cause. Neither holds text of
a prompt, a token or a matched value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class GatewayError(Exception):
    """The base of every error that the gateway raises on purpose."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; line and column count from 1, 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """``file:line:column``, as editors and compilers write it."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file: what, where, and what to do about it.

    ``code`` is the stable name of a warning, such as ``allow-all``; errors have none.
    """

    place: Place
    message: str
    advice: str = ""
    code: str = ""

    def __str__(self) -> str:
        """One line: the place, what is wrong, and what to do."""
        return f"{self.place}: {self.message}" + (f"; {self.advice}" if self.advice else "")


class ConfigurationError(GatewayError):
    """Settings, keys or a policy are wrong; ``problems`` says what and where, in file order."""

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class VerificationError(GatewayError):
    """The thing that was checked does not hold."""


class StateLost(GatewayError):
    """The shared state is unreachable, slow or broken; what follows is for the caller to say."""


class Refusal(GatewayError):
    """The gateway answers a request itself.

    Args:
        reason: The true cause, for the audit log only.
        message: What the client reads; a constant per class unless the contract gives it words.
        retry_after: Whole seconds after which another try makes sense.
        headers: Further headers of the answer, names in lower case.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    default: ClassVar[str] = "The gateway could not handle this request."

    def __init__(
        self,
        reason: str,
        *,
        message: str | None = None,
        retry_after: int | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        self.reason = reason
        self.message = message or self.default
        self.retry_after = retry_after
        self.headers = headers
        super().__init__(reason)


class Unauthenticated(Refusal):
    """No token, or one that does not hold. The client never learns which."""

    status, code = 401, "unauthenticated"
    default = "A valid token is required."


class PolicyDenied(Refusal):
    """The policy does not let this principal do this; ``message`` is the rule's reason."""

    status, code = 403, "policy_denied"
    default = "The policy does not allow this request."


class ContentBlocked(Refusal):
    """A scanner found what the policy blocks; ``message`` names scanner and entity only."""

    status, code = 400, "content_blocked"
    default = "The content of this request is blocked by the policy."


class BadRequest(Refusal):
    """The request is not well-formed HTTP, JSON or the format of its route."""

    status, code = 400, "bad_request"
    default = "The request is malformed."


class NotFound(Refusal):
    """No route has this path, or no upstream serves this model."""

    status, code = 404, "not_found"
    default = "There is nothing at this path."


class MethodNotAllowed(Refusal):
    """The route exists, the method is not its own."""

    status, code = 405, "method_not_allowed"
    default = "This path does not take this method."


class RequestTimeout(Refusal):
    """The client took too long to send its body."""

    status, code = 408, "request_timeout"
    default = "The request body took too long to arrive."


class TooLarge(Refusal):
    """Headers, path or body exceed their limit."""

    status, code = 413, "too_large"
    default = "The request is too large."


class UnsupportedMediaType(Refusal):
    """The body is not JSON in UTF-8, or it is compressed."""

    status, code = 415, "unsupported_media_type"
    default = "The request body must be application/json in UTF-8, not compressed."


class RateLimited(Refusal):
    """A rate or a budget is used up."""

    status, code = 429, "rate_limited"
    default = "The rate limit is reached."


class InternalFault(Refusal):
    """Our own mistake; the request was not forwarded, or its answer was withheld."""


class UpstreamError(Refusal):
    """The upstream is unreachable, or what it sent makes no sense.

    ``heard`` is False where no connection could be made: then it knows nothing of the request.
    """

    heard = True
    status, code = 502, "upstream_error"
    default = "The model endpoint could not be reached or gave no valid answer."


class AuditUnavailable(Refusal):
    """The audit record cannot be written, so nothing may happen."""

    status, code = 503, "audit_unavailable"
    default = "The audit log cannot be written; try again later."


class StateUnavailable(Refusal):
    """The shared state that limits rest on cannot be asked, and the policy says to refuse."""

    status, code = 503, "state_unavailable"
    default = "The gateway cannot check its limits now; try again later."


class UpstreamTimeout(Refusal):
    """The upstream did not answer in time; ``heard`` as in ``UpstreamError``."""

    heard = True
    status, code = 504, "upstream_timeout"
    default = "The model endpoint did not answer in time."

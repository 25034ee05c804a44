"""Why a witness does not cosign, each with its status in c2sp.org/tlog-witness."""

from __future__ import annotations

from typing import ClassVar

from gateway.errors import GatewayError

__all__ = [
    "BadProof",
    "Conflict",
    "Forked",
    "Malformed",
    "Unavailable",
    "UnknownLog",
    "Unsigned",
    "WitnessRefusal",
]


class WitnessRefusal(GatewayError):
    """A checkpoint is not cosigned; the client reads ``message``, a constant of the class.

    ``told`` says whether the witness's log has it: what anybody can cause would only fill it.
    """

    told: ClassVar[bool] = True
    status: ClassVar[int] = 500
    message: ClassVar[str] = "the witness could not answer"


class Malformed(WitnessRefusal):
    """The request is none, or its old size is above that of its checkpoint."""

    told = False
    status, message = 400, "the request is malformed"


class Unsigned(WitnessRefusal):
    """No key that the witness trusts for this log has signed, or one has and it is wrong."""

    told = False
    status, message = 403, "no trusted key has signed this checkpoint"


class UnknownLog(WitnessRefusal):
    """The origin is none of a log that the witness was told of."""

    told = False
    status, message = 404, "the origin is unknown"


class Conflict(WitnessRefusal):
    """The witness knows another size; ``size`` is that one."""

    status, message = 409, "the witness knows another size"

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(self.message)


class Forked(Conflict):
    """The witness knows another tree of this very size: the log has two histories."""

    message = "the witness knows another tree of this size"


class BadProof(WitnessRefusal):
    """The proof does not show that the log begins with the tree that the witness knows."""

    status, message = 422, "the proof does not show that the log has only grown"


class Unavailable(WitnessRefusal):
    """The witness cannot remember now, so it does not sign."""

    status, message = 503, "the witness cannot remember now"

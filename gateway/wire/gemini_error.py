"""Errors as Google's APIs word them."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["error_object"]

_STATUSES: Final = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    429: "RESOURCE_EXHAUSTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def error_object(status: int, code: str, message: str, request: str) -> dict[str, Any]:
    """An error as ``google.rpc.Status`` in JSON; the SDKs choose the class by ``code``.

    Our code stands in ``details``: as the reason of an ``ErrorInfo``, in the capitals that Google
    writes reasons in, and as we write it in its metadata.
    """
    word = _STATUSES.get(status) or ("INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": code.upper(),
        "domain": "gateway",
        "metadata": {"code": code, **({"request": request} if request else {})},
    }
    return {"error": {"code": status, "message": message, "status": word, "details": [info]}}

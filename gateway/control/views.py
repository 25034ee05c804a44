"""What callers may learn of themselves, of the policy and of the gateway's counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from gateway.policy.decide import allowed_models, allowed_routes

if TYPE_CHECKING:
    from starlette.requests import Request

    from gateway.control.access import Caller
    from gateway.policy.watch import PolicyStore
    from gateway.steps.activation import Active
    from gateway.steps.metrics import Metrics

__all__ = ["Views"]


class Views:
    """The read-only views of the control plane."""

    def __init__(self, store: PolicyStore[Active], metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    async def whoami(self, _request: Request, caller: Caller) -> Response:
        """The caller as the gateway sees it, and what the policy lets it do."""
        policy = self._store.current.policy
        return JSONResponse(
            {
                "subject": caller.principal.subject,
                "issuer": caller.principal.issuer,
                "tenant": caller.principal.tenant,
                "roles": sorted(caller.roles),
                "routes": list(allowed_routes(policy, caller.roles)),
                "models": list(allowed_models(policy, caller.roles)),
                "control": sorted(policy.control_of(caller.roles)),
            }
        )

    async def policy(self, _request: Request, _caller: Caller) -> Response:
        """The policy in force, and the last one that was refused since."""
        policy = self._store.current.policy
        return JSONResponse(
            {
                "name": policy.name,
                "revision": policy.revision,
                "digest": policy.digest,
                "files": [str(file) for file in policy.files],
                "loaded_at": self._store.loaded_at.isoformat(),
                "refused": self._refused(),
            }
        )

    async def metrics(self, _request: Request, _caller: Caller) -> Response:
        """Prometheus' text format."""
        body = generate_latest(self._metrics.registry)
        return Response(body, headers={"content-type": CONTENT_TYPE_LATEST})

    def _refused(self) -> dict[str, Any] | None:
        refused = self._store.refused
        if refused is None:
            return None
        return {
            "time": refused.time.isoformat(),
            "digest": refused.digest,
            "problems": [str(problem) for problem in refused.problems],
        }

"""What a caller must show beside its token: that it holds what the token is bound to."""

from __future__ import annotations

import time
from hmac import compare_digest
from typing import TYPE_CHECKING

from gateway.errors import Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.binding import Binding, binding
from gateway.identity.certificate import shown_certificate
from gateway.identity.dpop import HEADER, Proofs
from gateway.identity.htu import PublicUrls

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.identity.bearer import Scheme
    from gateway.ingress.guard import RequestHead
    from gateway.ingress.proxies import Proxies
    from gateway.settings import IdentitySettings
    from gateway.state.state import State
    from gateway.terms import Principal

__all__ = ["Possession"]


class Possession:
    """Checks, for every request, that the bearer of a bound token holds what it is bound to.

    Args:
        settings: What each issuer's tokens must prove, the public URLs, and the header in which
            the TLS terminator names the client's certificate.
        proxies: Who is believed about that certificate.
        state: Where used proofs are remembered.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        settings: IdentitySettings,
        proxies: Proxies,
        state: State,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._proof = {issuer.issuer: issuer.proof for issuer in settings.issuers}
        self._certificate = settings.client_certificate
        self._proxies = proxies
        self._proofs = Proofs(PublicUrls(settings.public_urls), state, clock)

    def needs(self, principal: Principal) -> Binding:
        """What the bearer of this principal's token must hold.

        Raises:
            Unauthenticated: No bearer can prove it: the token's binding is not understood, falls
                short of what its issuer's tokens must have, or cannot be checked here.
        """
        need = binding(principal.claims, self._proof[principal.issuer])
        if need.key is not None and not self._proofs.urls:
            raise Unauthenticated("binding: the settings have no identity.public_urls")
        if need.certificate is not None and self._certificate is None:
            raise Unauthenticated("binding: the settings have no identity.client_certificate")
        return need

    async def check(self, head: RequestHead, scheme: Scheme, principal: Principal) -> None:
        """Checks what a request shows beside its token.

        Raises:
            Unauthenticated: It does not show what the token asks for, with ``binding``,
                ``scheme``, ``certificate`` or ``proof`` as the first word of its reason.
            StateUnavailable: Whether a proof has been used cannot be told now.
        """
        need = self.needs(principal)
        _check_scheme(head, scheme, need)
        if need.certificate is not None:
            self._check_certificate(head, need.certificate)
        if need.key is not None:
            await self._proofs.check(head, principal, need.key)

    def _check_certificate(self, head: RequestHead, wanted: str) -> None:
        if self._certificate is None or not self._proxies.trusts(head.peer):
            raise Unauthenticated("certificate: the request did not come by a trusted proxy")
        shown = shown_certificate(head.headers, self._certificate)
        if not compare_digest(encode(shown), wanted):
            raise Unauthenticated("certificate: not the one that the token is bound to")


def _check_scheme(head: RequestHead, scheme: Scheme, need: Binding) -> None:
    """A token is presented as what it is: RFC 9449 §7.1 and, against downgrades, §7.2."""
    if need.key is not None:
        if scheme != "dpop":
            raise Unauthenticated("scheme: a token that is bound to a key needs the scheme DPoP")
    elif scheme == "dpop":
        raise Unauthenticated("scheme: DPoP is for tokens that are bound to a key")
    elif any(name == HEADER for name, _ in head.headers):
        raise Unauthenticated("scheme: a proof stands beside a token that is bound to no key")

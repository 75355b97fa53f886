"""Who sends a request, and whether the role is enough."""

from __future__ import annotations

import secrets

from starlette.requests import Request

from bookward.errors import CrossSite, RoleTooLow, SignInNeeded
from bookward.serving import Access, Caller, Role, csrf_of
from bookward.web.rates import Rate, Rates

COOKIE = "bookward_session"
CSRF = "x-csrf-token"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Callers:
    """Tells who sends a request."""

    def __init__(self, access: Access, rates: Rates) -> None:
        self._access = access
        self._rates = rates

    def admit(self, request: Request, needed: Role | None) -> tuple[Caller | None, Rate]:
        """Return who sends a request, None where nobody has to be signed in, and how many more may come.

        Raises:
            SignInNeeded: nobody is signed in.
            RoleTooLow: the role is not enough.
            CrossSite: the session's cookie came without the session's token.
            TooManyRequests: the caller has made too many.
        """
        address = address_of(request)
        if needed is None:
            return None, self._rates.take(f"address {address}")
        try:
            caller = self._caller(request, address)
        except (SignInNeeded, CrossSite):
            self._rates.take(f"address {address}")  # so that nobody tries tokens without an end
            raise
        rate = self._rates.take(f"person {caller.id} {caller.via}")
        if not caller.role.may(needed):
            raise RoleTooLow(f"This needs the role {needed}; yours is {caller.role}.")
        return caller, rate

    def _caller(self, request: Request, address: str) -> Caller:
        said = request.headers.get("authorization", "")
        scheme, _, token = said.partition(" ")
        if said:
            if scheme.casefold() != "bearer":
                raise SignInNeeded("The header Authorization is no `Bearer TOKEN`.")
            return self._access.tokens.caller(token.strip(), address)
        bearer = request.cookies.get(COOKIE)
        if not bearer:
            raise SignInNeeded("Nobody is signed in.")
        caller = self._access.sessions.caller(bearer, address)
        if request.method not in _SAFE:
            given = request.headers.get(CSRF, "")
            if not secrets.compare_digest(given.encode(), csrf_of(bearer).encode()):
                raise CrossSite("The header X-CSRF-Token is missing or wrong.")
        return caller


def address_of(request: Request) -> str:
    """Return the network address of who sends a request."""
    return request.client.host if request.client else ""


def caller_of(request: Request) -> Caller:
    """Return who was admitted; for routes that need a role."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller

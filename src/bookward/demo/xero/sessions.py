"""Who is calling, and what a caller may do."""

from __future__ import annotations

from bookward.demo.xero.answers import Refused
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.faults import unauthorised
from bookward.demo.xero.options import AppKind, Company
from bookward.demo.xero.tokens import Session, TokenInvalid
from bookward.demo.xero.world import World


def session_of(world: World, incoming: Incoming) -> Session:
    """Return whom the request's bearer token speaks for.

    Raises:
        Refused: 401.
    """
    kind, _, token = incoming.headers.get("authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer":
            raise TokenInvalid("AuthenticationUnsuccessful")
        return world.tokens.read(token.strip(), world.clock.now(), world.options)
    except TokenInvalid as error:
        raise _refused(world, 401, str(error), "invalid_token") from None


def check_scope(world: World, session: Session, *wanted: str) -> None:
    """Check that the session has one of the scopes.

    Raises:
        Refused: 401 or 403 that names ``insufficient_scope``.
    """
    if session.scopes.isdisjoint(wanted):
        status = world.options.scope_error_status
        raise _refused(world, status, "AuthorizationUnsuccessful", "insufficient_scope")


def company_of(world: World, session: Session, incoming: Incoming) -> Company:
    """Return the organisation that the request is about.

    Raises:
        Refused: 403: none is named, or it is not connected.
    """
    named = incoming.headers.get("xero-tenant-id", "").lower()
    if not named and session.app.kind is AppKind.CUSTOM:
        named = session.app.tenant or ""
    company = world.options.company(named)
    if company is None or not _connected(world, session.app.id, company.id):
        raise _refused(world, 403, "AuthenticationUnsuccessful", "")
    return company


def _connected(world: World, app: str, tenant: str) -> bool:
    with world.storage.transaction() as db:
        found = db.execute("SELECT 1 FROM connections WHERE app = ? AND tenant = ?", (app, tenant))
        return found.fetchone() is not None


def _refused(world: World, status: int, detail: str, error: str) -> Refused:
    return Refused(unauthorised(detail, status, world.options.sign_in_error_body, error))

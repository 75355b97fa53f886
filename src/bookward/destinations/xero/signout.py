"""Signing out of Xero: end the connection, revoke the sign-in, forget the tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import httpx

from bookward.clock import Clock
from bookward.destinations.base import Services
from bookward.destinations.xero import oauth
from bookward.destinations.xero.exchange import Answer, Asked
from bookward.destinations.xero.recording import Recorder
from bookward.destinations.xero.session import Session
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import AccessDenied, NotConnected, SignInLost
from bookward.ports import Tokens
from bookward.records import Organisation, SignedOut
from bookward.spec.destination import DestinationSpec


def sign_out(
    name: str,
    spec: XeroSpec,
    services: Services,
    *,
    others: Mapping[str, DestinationSpec],
    confirm: Callable[[Organisation], None],
    transport: httpx.BaseTransport | None = None,
) -> SignedOut:
    """End what the sign-in gave, forget its tokens, and return what was done.

    Where Xero does not accept the sign-in any more it is only forgotten. What another destination still
    needs is left: Xero revokes all that a user gave an app, not one sign-in.

    Args:
        others: the other destinations of the project, by their names.
        confirm: is given the organisation before anything is done, and raises to stop it.

    Raises:
        NotConnected: there was no sign-in.
        RetryLater: Xero could not be asked; the tokens are kept, so that it can be done again.
    """
    with closing(Recorder(name, spec, services, transport)) as recorder:
        session = Session(name, spec, services, recorder)
        kept = session.kept()
        organisation = Organisation(id=kept.tenant_id, name=kept.tenant_name)
        confirm(organisation)
        sharing = _sharing(spec, services, others)
        leaving = _Leaving(spec, services.clock, recorder, session)
        ended = leaving.end_connection(kept.tenant_id, sharing)
        revoked = leaving.revoke(sharing)
    # Under the refreshers' lock: one of them could otherwise put the sign-in back.
    with services.vault.refreshing(name):
        services.vault.forget(name)
    return SignedOut(
        organisation=organisation,
        connection_ended=ended,
        sign_in_revoked=revoked,
        remarks=tuple(leaving.remarks),
    )


@dataclass(slots=True)
class _Leaving:
    """The two things to end at Xero, and remarks on what was not ended."""

    spec: XeroSpec
    clock: Clock
    recorder: Recorder
    session: Session
    remarks: list[str] = field(default_factory=list)
    dead: bool = False  #: Xero does not accept the sign-in any more, or may not be sent it

    def end_connection(self, tenant: str, sharing: Mapping[str, Tokens]) -> bool:
        """End the connection to one organisation; return whether this did it."""
        for other, tokens in sharing.items():
            if tokens.tenant_id == tenant:
                self.remarks.append(f"The connection stays: destination {other!r} uses it too.")
                return False
        try:
            listed = self.session.signed_in(lambda mine: self._ask(oauth.connections_request, mine))
            connection = oauth.connection_to(tenant, listed, self.clock.now())
            if connection and self._end(connection):
                return True
            self.remarks.append("The organisation was not connected any more.")
        except SignInLost as error:
            self.dead = True
            self.remarks.append(f"Xero does not accept the sign-in, so nothing ended there. {error.message}")
        except NotConnected as error:
            self.dead = True
            self.remarks.append(f"Nothing was ended there. {error.message}")
        except AccessDenied as error:
            self.remarks.append(f"The connection was not ended. {error.message}")
        return False

    def revoke(self, sharing: Mapping[str, Tokens]) -> bool:
        """Revoke the sign-in, and with it what else its user gave the app; return whether this did it."""
        refresh_token = self.session.kept().refresh_token
        if self.dead or refresh_token is None:
            return False
        if sharing:
            names = ", ".join(map(repr, sharing))
            self.remarks.append(f"The sign-in was not revoked: that would sign out {names} too.")
            return False
        answer = self.recorder.exchange(oauth.revocation_request(self.spec, refresh_token))
        try:
            oauth.read_revocation(self.recorder.clean(answer), self.clock.now())
        except (SignInLost, AccessDenied) as error:
            self.remarks.append(f"The sign-in was not revoked. {error.message}")
            return False
        return True

    def _end(self, connection: str) -> bool:
        def ask(spec: XeroSpec, access_token: str) -> Asked:
            return oauth.disconnection_request(spec, access_token, connection)

        answer = self.session.signed_in(lambda mine: self._ask(ask, mine))
        return oauth.read_disconnection(answer, self.clock.now())

    def _ask(self, request: Callable[[XeroSpec, str], Asked], tokens: Tokens) -> Answer:
        return self.recorder.clean(self.recorder.exchange(request(self.spec, tokens.access_token)))


def _sharing(
    spec: XeroSpec, services: Services, others: Mapping[str, DestinationSpec]
) -> Mapping[str, Tokens]:
    """Return the tokens of the other destinations that are signed in with the same app, by their names."""
    return {
        name: tokens
        for name, other in others.items()
        if isinstance(other, XeroSpec)
        and (other.client_id, other.base_url) == (spec.client_id, spec.base_url)
        and (tokens := services.vault.load(name))
    }

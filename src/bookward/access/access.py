"""The whole of who may do what: one member for each idea, and the ways in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bookward.access.admission import Admission
from bookward.access.answers import Answers
from bookward.access.auditing import Audit
from bookward.access.caller import Caller
from bookward.access.departures import Departures
from bookward.access.links import Links
from bookward.access.passwords import Passwords
from bookward.access.people import Member, People
from bookward.access.roles import Role
from bookward.access.sessions import Sessions
from bookward.access.throttle import Throttle
from bookward.access.tokens import Tokens
from bookward.clock import Clock
from bookward.errors import SignInRefused
from bookward.settings import OpenIdSettings, SignInSettings
from bookward.store.database import Database
from bookward.store.seal import Seal

if TYPE_CHECKING:
    from bookward.access.openid import OpenId

_EVERY_WAY = SignInSettings()


class Access:
    """Who may use the server, and who has done what."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        seal: Seal,
        passwords: Passwords | None = None,
        ways: SignInSettings = _EVERY_WAY,
    ) -> None:
        """Keep it all in ``database``.

        Raises:
            SettingInvalid: the ways in name a role that there is not.
        """
        passwords = passwords or Passwords()
        self.audit = Audit(database, clock)
        self.people = People(database, clock, self.audit, passwords)
        self.sessions = Sessions(database, clock, self.audit)
        self.tokens = Tokens(database, clock, self.audit)
        self.links = Links(database, clock, self.audit, passwords)
        self.throttle = Throttle(database, clock)
        self.answers = Answers(database, clock, seal)
        self.departures = Departures(database, clock, seal)
        self.passwords_let_in = ways.passwords
        self.openid = self._openid(database, clock, ways.openid) if ways.openid else None

    def sign_in(self, email: str, password: str, address: str, agent: str) -> tuple[str, Caller]:
        """Sign somebody in; return the bearer of the session, and who it is.

        Raises:
            SignInRefused: e-mail and password do not belong together, or passwords do not let in here.
            TooManyRequests: too many tries have failed.
        """
        if not self.passwords_let_in:
            raise _no_passwords()
        folded = email.strip().casefold()
        self.throttle.take(folded, address)
        member = self.people.checked(folded, password)
        self.throttle.forget(folded, address)
        return self.sessions.begin(member, address, agent)

    def join(
        self, secret: str, password: str, *, name: str, email: str | None, address: str, agent: str
    ) -> tuple[Member, str | None]:
        """Take a link, as ``Links.accept``; where passwords do not let in, an admin's link does by itself.

        Returns:
            The person, and the bearer of a session where one was begun.

        Raises:
            SignInRefused: passwords do not let in here, and it is no admin's link.
        """
        if not self.passwords_let_in and self.links.look(secret).role is not Role.ADMIN:
            raise _no_passwords()
        member = self.links.accept(secret, password, name=name, email=email, address=address)
        if self.passwords_let_in:
            return member, None
        return member, self.sessions.begin(member, address, agent)[0]

    def come_back(
        self, visit: Mapping[str, str], browser: str, address: str, agent: str
    ) -> tuple[str, Caller]:
        """Sign in who comes back from the provider; see ``OpenId.come_back``.

        Raises:
            SignInRefused: there is no provider, besides all else.
        """
        if self.openid is None:
            raise SignInRefused("There is no provider to sign in at.", remedy="Sign in with your password.")
        return self.sessions.begin(self.openid.come_back(visit, browser, address), address, agent)

    def _openid(self, database: Database, clock: Clock, settings: OpenIdSettings) -> OpenId:
        # Only where there is one: what reads its tokens takes a while to import.
        from bookward.access.openid import OpenId
        from bookward.access.provider import Provider

        admission = Admission(settings, database, clock, self.audit)
        provider = Provider(settings, clock)
        return OpenId(provider, admission, self.departures, self.audit, database, clock)


def _no_passwords() -> SignInRefused:
    return SignInRefused(
        "Passwords do not let anybody in here.",
        remedy="Sign in at the provider: an invitation is taken up by that.",
    )

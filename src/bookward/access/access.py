"""The whole of who may do what: one member for each idea, and the ways in."""

from __future__ import annotations

from bookward.access.answers import Answers
from bookward.access.auditing import Audit
from bookward.access.caller import Caller
from bookward.access.departures import Departures
from bookward.access.links import Links
from bookward.access.passwords import Passwords
from bookward.access.people import People
from bookward.access.sessions import Sessions
from bookward.access.throttle import Throttle
from bookward.access.tokens import Tokens
from bookward.clock import Clock
from bookward.store.database import Database
from bookward.store.seal import Seal


class Access:
    """Who may use the server, and who has done what."""

    def __init__(
        self, database: Database, clock: Clock, seal: Seal, passwords: Passwords | None = None
    ) -> None:
        """Keep it all in ``database``."""
        passwords = passwords or Passwords()
        self.audit = Audit(database, clock)
        self.people = People(database, clock, self.audit, passwords)
        self.sessions = Sessions(database, clock, self.audit)
        self.tokens = Tokens(database, clock, self.audit)
        self.links = Links(database, clock, self.audit, passwords)
        self.throttle = Throttle(database, clock)
        self.answers = Answers(database, clock, seal)
        self.departures = Departures(database, clock, seal)

    def sign_in(self, email: str, password: str, address: str, agent: str) -> tuple[str, Caller]:
        """Sign somebody in; return the bearer of the session, and who it is.

        Raises:
            SignInRefused: e-mail and password do not belong together.
            TooManyRequests: too many tries have failed.
        """
        folded = email.strip().casefold()
        self.throttle.take(folded, address)
        member = self.people.checked(folded, password)
        self.throttle.forget(folded, address)
        return self.sessions.begin(member, address, agent)

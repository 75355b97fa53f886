"""Who is signed in, where; each can be ended by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from bookward.access.auditing import Audit
from bookward.access.bearers import hash_of, new_bearer
from bookward.access.caller import Caller
from bookward.access.people import Member
from bookward.access.roles import Role
from bookward.clock import Clock
from bookward.errors import NameUnknown, SignInNeeded
from bookward.ids import new_token
from bookward.store.access_tables import people, sessions
from bookward.store.database import Database

LIFE = timedelta(days=14)
IDLE = timedelta(days=2)
_SEEN_EVERY = timedelta(minutes=1)  # a write for every request would cost more than the request
_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in of one person."""

    id: str
    person: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


def csrf_of(bearer: str) -> str:
    """Return what a page of ours sends along with the cookie, and another site cannot know."""
    return hashlib.sha256(b"csrf\0" + bearer.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Sessions:
    """Keeps the sessions."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    def begin(self, member: Member, address: str, agent: str) -> tuple[str, Caller]:
        """Sign somebody in; return the bearer, which is the cookie, and who it makes the caller."""
        bearer, id_, now = new_bearer("bws"), new_token(), self._clock.now()
        caller = Caller(
            id=member.id,
            email=member.email,
            name=member.name,
            role=member.role,
            via=f"session:{id_}",
            address=address,
        )
        line = insert(sessions).values(
            id=id_,
            hash=hash_of(bearer),
            person=member.id,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFE,
            address=address,
            agent=agent[:_LONGEST_AGENT],
        )
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(line)
            self._audit.write(connection, caller, "session.begin", f"people/{member.id}")
        return bearer, caller

    def caller(self, bearer: str, address: str) -> Caller:
        """Return who bears a session.

        Raises:
            SignInNeeded: nobody: it has ended, was revoked, or the person is disabled.
        """
        return self._caller(sessions.c.hash == hash_of(bearer), address)

    def again(self, id_: str, address: str) -> Caller:
        """Return who has the session of an id, for work that was begun in it.

        Raises:
            SignInNeeded: as ``caller``.
        """
        return self._caller(sessions.c.id == id_, address)

    def _caller(self, which: ColumnElement[bool], address: str) -> Caller:
        query = (
            select(sessions.c.id, sessions.c.seen_at, sessions.c.expires_at, people.c.id.label("person"))
            .add_columns(people.c.email, people.c.name, people.c.role)
            .select_from(sessions.join(people, people.c.id == sessions.c.person))
            .where(which, ~people.c.disabled)
        )
        with self._database.reading() as connection:
            line = connection.execute(query).first()
        now = self._clock.now()
        if line is None or now >= line.expires_at or now - line.seen_at >= IDLE:
            raise SignInNeeded("The session has ended.")
        if now - line.seen_at >= _SEEN_EVERY:
            with self._database.writing(at_once=False) as connection:
                connection.execute(update(sessions).where(which).values(seen_at=now))
        return Caller(
            id=line.person,
            email=line.email,
            name=line.name,
            role=Role(line.role),
            via=f"session:{line.id}",
            address=address,
        )

    def list(self, person: str) -> Sequence[Session]:
        """Return the sessions of a person, the newest first."""
        columns = [sessions.c[name] for name in Session.__dataclass_fields__]
        query = select(*columns).where(sessions.c.person == person).order_by(sessions.c.created_at.desc())
        with self._database.reading() as connection:
            found = [Session(**line) for line in connection.execute(query).mappings()]
        now = self._clock.now()
        return [each for each in found if now < each.expires_at and now - each.seen_at < IDLE]

    def end(self, caller: Caller, person: str, id_: str) -> None:
        """End one session of a person.

        Raises:
            NameUnknown: the person has no such session.
        """
        which = (sessions.c.id == id_) & (sessions.c.person == person)
        with self._database.writing() as connection:
            if not connection.execute(delete(sessions).where(which)).rowcount:
                raise NameUnknown(f"There is no session {id_!r}.", remedy="It may have ended already.")
            self._audit.write(connection, caller, "session.end", f"people/{person}")

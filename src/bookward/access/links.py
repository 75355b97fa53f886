"""Links that let somebody choose a password once: the first admin, who is invited, who forgot theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from bookward.access import people as persons
from bookward.access.auditing import Audit
from bookward.access.bearers import hash_of, new_bearer
from bookward.access.caller import Caller
from bookward.access.passwords import Passwords, require_strong
from bookward.access.people import Member, folded_email
from bookward.access.roles import Role
from bookward.clock import Clock
from bookward.errors import LinkDead, NameUnknown, PersonKnown, RequestInvalid
from bookward.ids import new_token
from bookward.store.access_tables import links, people
from bookward.store.database import Database

LIFE = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link; its secret part was shown once."""

    id: str
    email: str | None  #: whom it is for; None for the first admin, who says it
    role: Role
    person: str | None  #: id of the one who gets another password; None when somebody new comes
    made_by: str  #: e-mail
    created_at: datetime
    expires_at: datetime


class Links:
    """Makes links, and takes them once."""

    def __init__(self, database: Database, clock: Clock, audit: Audit, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._passwords = passwords

    def first(self, caller: Caller) -> str | None:
        """Return the secret of a link for the first admin, None when there is anybody; earlier ones die."""
        with self._database.writing(alone=persons.ALONE) as connection:
            if not persons.is_empty(connection):
                return None
            connection.execute(delete(links).where(links.c.email.is_(None)))
            return self._make(connection, caller, email=None, role=Role.ADMIN, life=LIFE)[0]

    def invite(self, caller: Caller, email: str, role: Role, life: timedelta = LIFE) -> tuple[str, Link]:
        """Invite somebody; return the secret of the link, to be shown once, and what is kept.

        Raises:
            RequestInvalid: the e-mail is none.
            PersonKnown: there is somebody with it.
        """
        folded = folded_email(email)
        with self._database.writing() as connection:
            if connection.execute(select(people.c.id).where(people.c.email == folded)).first():
                raise PersonKnown(f"There is somebody with the e-mail {folded} already.")
            return self._make(connection, caller, email=folded, role=role, life=life)

    def reset(self, caller: Caller, id_: str) -> tuple[str, Link]:
        """Let one who forgot the password choose another; the former works until then.

        Raises:
            NameUnknown: there is no such person.
        """
        with self._database.writing() as connection:
            line = connection.execute(select(people).where(people.c.id == id_)).mappings().first()
            if line is None:
                raise NameUnknown(f"There is no person {id_!r}.", remedy="`bookward user list` names all.")
            connection.execute(delete(links).where(links.c.person == id_))
            role = Role(line["role"])
            return self._make(connection, caller, email=line["email"], role=role, life=LIFE, person=id_)

    def list(self) -> Sequence[Link]:
        """Return the links that can still be used, the newest first."""
        columns = [links.c[name] for name in Link.__dataclass_fields__]
        query = select(*columns).where(self._alive()).order_by(links.c.created_at.desc(), links.c.id)
        with self._database.reading() as connection:
            return [_link(line) for line in connection.execute(query).mappings()]

    def withdraw(self, caller: Caller, id_: str) -> None:
        """Let a link be worth nothing.

        Raises:
            NameUnknown: there is none that could be used.
        """
        with self._database.writing() as connection:
            query = select(links).where(links.c.id == id_, self._alive())
            line = connection.execute(query).mappings().first()
            if line is None:
                raise NameUnknown(f"There is no invitation {id_!r}.", remedy="It may have been used already.")
            connection.execute(delete(links).where(links.c.id == id_))
            self._audit.write(connection, caller, "link.withdraw", f"links/{id_}", before=_shown(_link(line)))

    def look(self, secret: str) -> Link:
        """Return what a link is for, without using it.

        Raises:
            LinkDead: it cannot be used.
        """
        with self._database.reading() as connection:
            return self._find(connection, secret)

    def accept(
        self, secret: str, password: str, *, name: str = "", email: str | None = None, address: str = ""
    ) -> Member:
        """Use a link up and add the person it invites, or set the password: both, or neither.

        Args:
            secret: of the link.
            password: that is chosen.
            name: of the person; the one there was, when it is a password that is set anew.
            email: of the first admin; for all others the link says it.
            address: the network address of who uses it.

        Raises:
            LinkDead: it cannot be used, or not any more.
            PasswordWeak: the password is easy to guess.
            PersonKnown: there is somebody with this e-mail by now.
            RequestInvalid: name or e-mail are missing, or the e-mail is none.
        """
        said = "" if email is None else folded_email(email)
        link = self.look(secret)
        chosen = link.email or said or folded_email("")
        if link.person is None and not name.strip():
            raise RequestInvalid("The name is missing.", remedy="Say how the person is called.")
        require_strong(password, chosen)
        kept = self._passwords.hash(password)
        now = self._clock.now()
        with self._database.writing(alone=persons.ALONE) as connection:
            used = update(links).where(links.c.id == link.id, self._alive()).values(used_at=now)
            if not connection.execute(used).rowcount or self._is_late(connection, link):
                raise LinkDead("The link was used already.")
            if link.person is not None:
                member = persons.set_password(connection, link.person, kept)
            else:
                member = persons.add(
                    connection, self._clock, email=chosen, name=name.strip(), role=link.role, password=kept
                )
            self._write(connection, link, member, address)
        return member

    def _write(self, connection: Connection, link: Link, member: Member, address: str) -> None:
        caller = Caller(
            id=member.id,
            email=member.email,
            name=member.name,
            role=member.role,
            via=f"link:{link.id}",
            address=address,
        )
        action = "person.join" if link.person is None else "person.reset"
        self._audit.write(connection, caller, action, f"people/{member.id}", after=persons.shown(member))

    def _is_late(self, connection: Connection, link: Link) -> bool:
        """Return whether a link for the first admin comes when there is somebody already."""
        return link.email is None and not persons.is_empty(connection)

    def _make(
        self,
        connection: Connection,
        caller: Caller,
        *,
        email: str | None,
        role: Role,
        life: timedelta,
        person: str | None = None,
    ) -> tuple[str, Link]:
        secret, now = new_bearer("bwl"), self._clock.now()
        link = Link(
            id=new_token(),
            email=email,
            role=role,
            person=person,
            made_by=caller.email,
            created_at=now,
            expires_at=now + life,
        )
        fields = {field: getattr(link, field) for field in Link.__dataclass_fields__}
        connection.execute(insert(links).values(hash=hash_of(secret), used_at=None, **fields))
        self._audit.write(connection, caller, "link.make", f"links/{link.id}", after=_shown(link))
        return secret, link

    def _find(self, connection: Connection, secret: str) -> Link:
        which = (links.c.hash == hash_of(secret)) & self._alive()
        line = connection.execute(select(links).where(which)).mappings().first()
        if line is None or self._is_late(connection, _link(line)):
            raise LinkDead("The link is not known, was used already, or its time is over.")
        return _link(line)

    def _alive(self) -> ColumnElement[bool]:
        return links.c.used_at.is_(None) & (links.c.expires_at > self._clock.now())


def take_invitation(connection: Connection, email: str, now: datetime) -> Role | None:
    """Use up the invitation of an e-mail, as a part of a transaction; return its role, None without one."""
    which = (
        (links.c.email == email)
        & links.c.person.is_(None)
        & links.c.used_at.is_(None)
        & (links.c.expires_at > now)
    )
    newest = select(links.c.role).where(which).order_by(links.c.created_at.desc()).limit(1)
    role = connection.scalar(newest)
    connection.execute(update(links).where(which).values(used_at=now))
    return Role(role) if role else None


def _link(line: RowMapping) -> Link:
    fields = {name: line[name] for name in Link.__dataclass_fields__}
    return Link(**fields | {"role": Role(line["role"])})


def _shown(link: Link) -> dict[str, Any]:
    return {"email": link.email, "role": link.role.value, "expires_at": link.expires_at.isoformat()}

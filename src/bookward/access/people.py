"""The people who may sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bookward.access.auditing import Audit
from bookward.access.caller import Caller
from bookward.access.passwords import Passwords, require_strong
from bookward.access.roles import Role
from bookward.clock import Clock
from bookward.errors import LastAdmin, NameUnknown, PersonKnown, RequestInvalid, SignInRefused
from bookward.ids import new_token
from bookward.store.access_tables import api_tokens, people, sessions
from bookward.store.database import Database

ALONE = "people"
"""What nobody else writes while it is decided whether an admin is left, or whether there is anybody."""

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f<>]{1,64}@[^@\s\x00-\x1f\x7f-\x9f<>]{1,190}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One who may sign in."""

    id: str
    email: str
    name: str
    role: Role
    disabled: bool
    created_at: datetime


def folded_email(email: str) -> str:
    """Return an e-mail as it is kept and compared.

    Raises:
        RequestInvalid: it is none.
    """
    said = email.strip()
    if not _EMAIL.fullmatch(said):
        raise RequestInvalid(f"{email!r} is no e-mail address.", remedy="It looks like name@example.com.")
    return said.casefold()


class People:
    """Keeps the people. The last admin who is not disabled stays one."""

    def __init__(self, database: Database, clock: Clock, audit: Audit, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._passwords = passwords

    def any(self) -> bool:
        """Return whether there is anybody."""
        with self._database.reading() as connection:
            return connection.execute(select(people.c.id).limit(1)).first() is not None

    def list(self) -> Sequence[Member]:
        """Return all, by e-mail."""
        with self._database.reading() as connection:
            lines = connection.execute(select(people).order_by(people.c.email)).mappings()
            return [member_of(line) for line in lines]

    def get(self, id_: str) -> Member:
        """Return one by the id.

        Raises:
            NameUnknown: there is none.
        """
        with self._database.reading() as connection:
            return member_of(_line(connection, people.c.id == id_, id_))

    def find(self, email: str) -> Member:
        """Return one by the e-mail.

        Raises:
            NameUnknown: there is none.
        """
        folded = folded_email(email)
        with self._database.reading() as connection:
            return member_of(_line(connection, people.c.email == folded, folded))

    def checked(self, email: str, password: str) -> Member:
        """Return whom an e-mail and a password belong to.

        Raises:
            SignInRefused: nobody, or one who is disabled.
        """
        with self._database.reading() as connection:
            line = connection.execute(select(people).where(people.c.email == email)).mappings().first()
        right = self._passwords.right(line["password"] if line else None, password)
        if line is None or not right or line["disabled"]:
            raise SignInRefused("E-mail and password do not belong together, or the person is disabled.")
        return member_of(line)

    def change(
        self,
        caller: Caller,
        id_: str,
        *,
        name: str | None = None,
        role: Role | None = None,
        disabled: bool | None = None,
    ) -> Member:
        """Change what is known of one; None leaves a thing as it is. Who is disabled is signed out.

        Raises:
            NameUnknown: there is none.
            LastAdmin: nobody would be an admin any more.
        """
        asked: dict[str, Any] = {"name": name, "role": role, "disabled": disabled}
        said = {field: value for field, value in asked.items() if value is not None}
        with self._database.writing(alone=ALONE) as connection:
            was = member_of(_line(connection, people.c.id == id_, id_))
            if said:
                connection.execute(update(people).where(people.c.id == id_).values(**said))
            require_admin(connection)
            if disabled:
                connection.execute(delete(sessions).where(sessions.c.person == id_))
                connection.execute(delete(api_tokens).where(api_tokens.c.person == id_))
            now = member_of(_line(connection, people.c.id == id_, id_))
            self._audit.write(
                connection, caller, "person.change", f"people/{id_}", before=shown(was), after=shown(now)
            )
        return now

    def change_password(self, caller: Caller, old: str, new: str, keep_session: str) -> None:
        """Let a person choose another password; other sessions end.

        Raises:
            SignInRefused: the old one is not right.
            PasswordWeak: the new one is easy to guess.
        """
        self.checked(caller.email, old)
        require_strong(new, caller.email)
        kept = self._passwords.hash(new)
        with self._database.writing() as connection:
            connection.execute(update(people).where(people.c.id == caller.id).values(password=kept))
            others = (sessions.c.person == caller.id) & (sessions.c.id != keep_session)
            connection.execute(delete(sessions).where(others))
            self._audit.write(connection, caller, "person.password", f"people/{caller.id}")


def add(
    connection: Connection,
    clock: Clock,
    *,
    email: str,
    name: str,
    role: Role,
    password: str = "",
    subject: str | None = None,
) -> Member:
    """Add somebody, as a part of a transaction.

    Args:
        connection: of the transaction.
        clock: tells since when.
        email: folded.
        name: of the person.
        role: likewise.
        password: what is kept of it; empty for who has none.
        subject: who it is at the provider of sign-ins, if there.

    Raises:
        PersonKnown: there is one with this e-mail.
    """
    member = Member(id=new_token(), email=email, name=name, role=role, disabled=False, created_at=clock.now())
    line = insert(people).values(
        id=member.id,
        email=email,
        name=name,
        role=role,
        password=password,
        disabled=False,
        created_at=member.created_at,
        subject=subject,
    )
    try:
        with connection.begin_nested():
            connection.execute(line)
    except IntegrityError as error:
        raise PersonKnown(f"There is somebody with the e-mail {email} already.") from error
    return member


def set_password(connection: Connection, id_: str, kept: str) -> Member:
    """Give one another password, as a part of a transaction, and end all sessions.

    At the provider of sign-ins the person may be another one from now on.
    """
    connection.execute(update(people).where(people.c.id == id_).values(password=kept, subject=None))
    connection.execute(delete(sessions).where(sessions.c.person == id_))
    return member_of(_line(connection, people.c.id == id_, id_))


def shown(member: Member) -> dict[str, Any]:
    """Return what the audit log says of somebody."""
    return {
        "email": member.email,
        "name": member.name,
        "role": member.role.value,
        "disabled": member.disabled,
    }


def is_empty(connection: Connection) -> bool:
    """Return whether there is nobody yet."""
    return connection.execute(select(people.c.id).limit(1)).first() is None


def require_admin(connection: Connection) -> None:
    """Make sure that there is an admin who can sign in.

    Raises:
        LastAdmin: there is none.
    """
    admins = (people.c.role == Role.ADMIN) & ~people.c.disabled
    if not connection.scalar(select(func.count()).select_from(people).where(admins)):
        raise LastAdmin("This is the last admin who can sign in.")


def _line(connection: Connection, which: ColumnElement[bool], said: str) -> RowMapping:
    line = connection.execute(select(people).where(which)).mappings().first()
    if line is None:
        raise NameUnknown(f"There is no person {said!r}.", remedy="`bookward user list` names all.")
    return line


def member_of(line: RowMapping) -> Member:
    """Return who a line of the table is."""
    fields = {name: line[name] for name in Member.__dataclass_fields__}
    return Member(**fields | {"role": Role(line["role"])})

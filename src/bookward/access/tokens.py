"""Tokens for scripts and other programs: a part of what a person may do, for a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from bookward.access.auditing import Audit
from bookward.access.bearers import hash_of, new_bearer
from bookward.access.caller import Caller
from bookward.access.roles import Role
from bookward.clock import Clock
from bookward.errors import NameUnknown, RoleTooLow, SignInNeeded
from bookward.ids import new_token
from bookward.store.access_tables import api_tokens, people
from bookward.store.database import Database

_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token; what it is itself was shown once."""

    id: str
    person: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class Tokens:
    """Keeps the tokens."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit

    def make(self, caller: Caller, name: str, role: Role, life: timedelta) -> tuple[str, Token]:
        """Make a token of the caller's own; return it, to be shown once, and what is kept.

        Raises:
            RoleTooLow: it would be allowed more than the caller, or the caller is no person who is signed in.
        """
        if caller.id is None or not caller.via.startswith("session:"):
            raise RoleTooLow("Only a person who is signed in makes tokens.", remedy="Sign in to make one.")
        if not caller.role.may(role):
            raise RoleTooLow(f"A {caller.role} cannot make a token of the role {role}.")
        bearer, now = new_bearer("bwt"), self._clock.now()
        token = Token(
            id=new_token(),
            person=caller.id,
            name=name,
            role=role,
            created_at=now,
            expires_at=now + life,
            used_at=None,
        )
        fields = {field: getattr(token, field) for field in Token.__dataclass_fields__}
        with self._database.writing() as connection:
            connection.execute(insert(api_tokens).values(hash=hash_of(bearer), **fields))
            self._audit.write(connection, caller, "token.make", f"tokens/{token.id}", after=_shown(token))
        return bearer, token

    def caller(self, bearer: str, address: str) -> Caller:
        """Return who bears a token, with the lesser role of the token's and the person's.

        Raises:
            SignInNeeded: it has expired, was revoked, or its person is disabled.
        """
        which = api_tokens.c.hash == hash_of(bearer)
        query = (
            select(api_tokens.c.id, api_tokens.c.role, api_tokens.c.expires_at, api_tokens.c.used_at)
            .add_columns(people.c.id.label("person"), people.c.email, people.c.name)
            .add_columns(people.c.role.label("own_role"))
            .select_from(api_tokens.join(people, people.c.id == api_tokens.c.person))
            .where(which, ~people.c.disabled)
        )
        with self._database.reading() as connection:
            line = connection.execute(query).first()
        now = self._clock.now()
        if line is None or now >= line.expires_at:
            raise SignInNeeded("The token is not known, or its time is over.")
        if line.used_at is None or now - line.used_at >= _USED_EVERY:
            with self._database.writing(at_once=False) as connection:
                connection.execute(update(api_tokens).where(which).values(used_at=now))
        return Caller(
            id=line.person,
            email=line.email,
            name=line.name,
            role=Role(line.role).at_most(Role(line.own_role)),
            via=f"token:{line.id}",
            address=address,
        )

    def list(self, person: str | None = None) -> Sequence[Token]:
        """Return the tokens of a person, or of all, the newest first."""
        columns = [api_tokens.c[name] for name in Token.__dataclass_fields__]
        query = select(*columns).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id)
        if person is not None:
            query = query.where(api_tokens.c.person == person)
        with self._database.reading() as connection:
            lines = connection.execute(query).mappings()
            return [Token(**{**line, "role": Role(line["role"])}) for line in lines]

    def revoke(self, caller: Caller, id_: str) -> None:
        """Make a token worth nothing: one's own, or as an admin anybody's.

        Raises:
            NameUnknown: there is none that the caller could revoke.
        """
        columns = [api_tokens.c[name] for name in Token.__dataclass_fields__]
        query = select(*columns).where(api_tokens.c.id == id_)
        if not caller.role.may(Role.ADMIN):
            query = query.where(api_tokens.c.person == caller.id)
        with self._database.writing() as connection:
            line = connection.execute(query).mappings().first()
            if line is None:
                raise NameUnknown(f"There is no token {id_!r}.", remedy="It may have been revoked already.")
            connection.execute(delete(api_tokens).where(api_tokens.c.id == id_))
            was = Token(**{**line, "role": Role(line["role"])})
            self._audit.write(connection, caller, "token.revoke", f"tokens/{id_}", before=_shown(was))


def _shown(token: Token) -> dict[str, Any]:
    return {
        "person": token.person,
        "name": token.name,
        "role": token.role.value,
        "expires_at": token.expires_at.isoformat(),
    }

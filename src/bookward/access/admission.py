"""Whom the provider's word lets in, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from bookward.access import people as persons
from bookward.access.auditing import Audit
from bookward.access.caller import Caller
from bookward.access.links import take_invitation
from bookward.access.people import Member, folded_email
from bookward.access.roles import Role
from bookward.clock import Clock
from bookward.errors import LastAdmin, RequestInvalid, SettingInvalid, SignInRefused
from bookward.settings import OpenIdSettings
from bookward.store.access_tables import people
from bookward.store.database import Database

VIA = "openid"

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody, as the provider says who it is."""

    subject: str  #: the same for ever, whatever else changes
    email: str
    name: str
    role: Role | None  #: that the provider gives; None: it gives none


class Admission:
    """Decides, and adds whom it lets in."""

    def __init__(self, settings: OpenIdSettings, database: Database, clock: Clock, audit: Audit) -> None:
        """Use these rules.

        Raises:
            SettingInvalid: one of them names a role that there is not.
        """
        self._settings = settings
        self._database = database
        self._clock = clock
        self._audit = audit
        self._newcomers = _role("BOOKWARD_OIDC_NEWCOMERS", settings.newcomers) if settings.newcomers else None
        self._roles = {each: _role("BOOKWARD_OIDC_ROLES", role) for each, role in settings.roles.items()}

    def identity(self, claims: Mapping[str, Any]) -> Identity:
        """Return who the claims say it is.

        Raises:
            SignInRefused: they do not say it, or the e-mail is not known to be the person's own.
        """
        try:
            email = folded_email(str(claims.get("email") or ""))
        except RequestInvalid:
            raise SignInRefused(
                "The provider does not say your e-mail.", remedy="Let it give the scope `email` to Bookward."
            ) from None
        if claims.get("email_verified") not in (True, "true"):
            raise SignInRefused(
                f"The provider does not say that {email} is verified.",
                remedy="Verify the e-mail at the provider; it has to send the claim email_verified.",
            )
        if self._settings.domains and email.partition("@")[2] not in self._settings.domains:
            raise SignInRefused(
                f"E-mails such as {email} are not let in here.",
                remedy="Sign in with an account of your organisation; BOOKWARD_OIDC_DOMAINS says which.",
            )
        name = " ".join(str(claims.get("name") or email).split())[:_LONGEST_NAME]
        subject = f"{self._settings.issuer} {claims['sub']}"
        return Identity(subject=subject, email=email, name=name, role=self._role_of(claims))

    def admit(self, who: Identity, address: str) -> Member:
        """Return the person, added where an invitation or the rules say so.

        Raises:
            SignInRefused: it is nobody who is let in.
        """
        with self._database.writing(alone=persons.ALONE) as connection:
            line = self._known(connection, who)
            member = self._promoted(connection, line, who, address) if line else None
            return member or self._joined(connection, who, address)

    def _known(self, connection: Connection, who: Identity) -> RowMapping | None:
        for which in (people.c.subject == who.subject, people.c.email == who.email):
            line = connection.execute(select(people).where(which)).mappings().first()
            if line is not None:
                break
        else:
            return None
        if line["disabled"]:
            raise SignInRefused(f"{line['email']} is disabled.", remedy="Ask an admin.")
        if line["subject"] is None:
            connection.execute(update(people).where(people.c.id == line["id"]).values(subject=who.subject))
        elif line["subject"] != who.subject:
            raise SignInRefused(
                f"{who.email} belongs to another account at the provider than before.",
                remedy="If it is the same person, an admin sends a link for a new password, and once it is "
                "used the new account is let in.",
            )
        return line

    def _promoted(self, connection: Connection, line: RowMapping, who: Identity, address: str) -> Member:
        """Return a known person with the role that the provider gives, if it gives any."""
        was = persons.member_of(line)
        if who.role in (None, was.role):
            return was
        with suppress(LastAdmin), connection.begin_nested():
            connection.execute(update(people).where(people.c.id == was.id).values(role=who.role))
            persons.require_admin(connection)
            now = persons.member_of(
                connection.execute(select(people).where(people.c.id == was.id)).mappings().one()
            )
            self._audit.write(
                connection,
                caller_by_word(now, address),
                "person.change",
                f"people/{now.id}",
                before=persons.shown(was),
                after=persons.shown(now),
            )
            return now
        return was

    def _joined(self, connection: Connection, who: Identity, address: str) -> Member:
        invited = take_invitation(connection, who.email, self._clock.now())
        role = who.role or invited or self._newcomers
        if role is None:
            raise SignInRefused(
                f"Nobody has invited {who.email}.",
                remedy="Ask an admin for an invitation, then sign in again.",
            )
        if persons.is_empty(connection) and role is not Role.ADMIN:
            raise SignInRefused(
                "There is no admin yet.",
                remedy="The first one starts with the link that `bookward serve` prints.",
            )
        member = persons.add(
            connection, self._clock, email=who.email, name=who.name, role=role, subject=who.subject
        )
        self._audit.write(
            connection,
            caller_by_word(member, address),
            "person.join",
            f"people/{member.id}",
            after=persons.shown(member),
        )
        return member

    def _role_of(self, claims: Mapping[str, Any]) -> Role | None:
        said = claims.get(self._settings.claim) if self._settings.claim else None
        values = said if isinstance(said, list) else [said]
        given = [self._roles[str(each)] for each in values if str(each) in self._roles]
        return max(given, key=tuple(Role).index, default=None)


def caller_by_word(member: Member, address: str) -> Caller:
    """Return somebody as who comes by the provider's word."""
    return Caller(
        id=member.id, email=member.email, name=member.name, role=member.role, via=VIA, address=address
    )


def _role(name: str, value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise SettingInvalid(
            f"{name} names the role {value!r}, which there is not.",
            remedy=f"The roles are {', '.join(Role)}.",
        ) from None

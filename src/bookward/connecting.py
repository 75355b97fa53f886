"""Signing in at destinations through a person's browser, which leaves and comes back in another request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import Connection

from bookward.access.access import Access
from bookward.access.caller import Caller
from bookward.access.departures import Departure
from bookward.access.roles import Role
from bookward.destinations.base import Destination, destination_classes
from bookward.errors import NameUnknown, ProjectInvalid, RoleTooLow, SessionNeeded
from bookward.ports import Consent, SignedIn, Tokens
from bookward.records import Organisation
from bookward.wiring import Wiring

PURPOSE = "connect"
CHOICE_LIFE = timedelta(hours=1)
"""How long a sign-in waits for one of its organisations to be chosen."""

NEEDED = Role.ADMIN
_SESSION = "session:"


class Standing(StrEnum):
    """Whether a destination is signed in."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"
    LOST = "lost"  #: the destination has refused to go on with the sign-in
    ELSEWHERE = "elsewhere"  #: it was made at another server than the one that the destination's file names


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInState:
    """What people may know of the sign-in of a destination."""

    destination: str
    state: Standing
    organisation: Organisation | None
    scope: str
    expires_at: datetime | None  #: the access token's; it is renewed whenever it is needed
    lost_at: datetime | None
    timezone: str | None  #: in which the organisation tells the days, as it was read last
    page: str | None  #: where a person sees its books
    choices: tuple[Organisation, ...]  #: one of them is to be chosen before a new sign-in counts


class _Away(msgspec.Struct, frozen=True):
    """What is needed again when the browser comes back."""

    destination: str
    session: str
    consent: Consent


class Connecting:
    """The sign-ins of destinations, begun and ended by admins."""

    def __init__(self, wiring: Wiring, access: Access) -> None:
        self._wiring = wiring
        self._access = access

    def state(self, slug: str) -> SignInState:
        """Return how the sign-in of a destination stands; nobody is asked.

        Raises:
            NameUnknown: there is no such destination.
        """
        with suppress(ProjectInvalid):  # what is kept is the same, whatever the file says now
            self._wiring.named("destinations", slug)
        vault = self._wiring.store.vault
        tokens, aside = vault.load(slug), vault.aside(slug, self._wiring.clock.now())
        choices = aside.organisations if aside else ()
        if tokens is None:
            return SignInState(
                destination=slug,
                state=Standing.DISCONNECTED,
                organisation=None,
                scope="",
                expires_at=None,
                lost_at=None,
                timezone=None,
                page=None,
                choices=choices,
            )
        return SignInState(
            destination=slug,
            state=self._standing(slug, tokens),
            organisation=Organisation(id=tokens.tenant_id, name=tokens.tenant_name),
            scope=tokens.scope,
            expires_at=tokens.expires_at,
            lost_at=tokens.lost_at,
            timezone=self._zone(slug, tokens.tenant_id),
            page=self._page(slug, tokens.tenant_id),
            choices=choices,
        )

    def _standing(self, slug: str, tokens: Tokens) -> Standing:
        if tokens.lost_at is not None:
            return Standing.LOST
        spec = self._wiring.project.destinations.get(slug)
        # Of a file that cannot be read it is not known where it leads.
        here = spec is None or destination_classes()[spec.type].led_to(spec, tokens.at)
        return Standing.CONNECTED if here else Standing.ELSEWHERE

    def _zone(self, slug: str, organisation: str) -> str | None:
        spec = self._wiring.project.destinations.get(slug)
        if spec is None:
            return None
        return destination_classes()[spec.type].zone_of(organisation, self._wiring.store.index)

    def _page(self, slug: str, organisation: str) -> str | None:
        spec = self._wiring.project.destinations.get(slug)
        if spec is None:
            return None
        return destination_classes()[spec.type].books_of(spec, organisation, self._wiring.store.index)

    def begin(self, caller: Caller, slug: str, redirect_uri: str) -> Departure | None:
        """Ask for a person's consent; where none is needed, sign in at once and return None.

        Args:
            caller: whose browser is to be sent to the destination.
            slug: of the destination.
            redirect_uri: where the browser is to come back to.

        Raises:
            SessionNeeded: the caller has no browser, but a token.
            SettingInvalid: the destination lets no browser come back there.
            NameUnknown, ProjectInvalid: there is no such destination, or its file is broken.
            StopRun, RetryLater: signing in at once went wrong.
        """
        with self._destination(slug) as destination:
            consent = destination.ask_consent(redirect_uri)
            if consent is None:
                self._enter(caller, slug, destination, None, {})
                return None
        away = _Away(destination=slug, session=_session_of(caller), consent=consent)

        def audited(connection: Connection) -> None:
            self._access.audit.write(connection, caller, "connection.ask", f"destinations/{slug}")

        carried = msgspec.json.encode(away)
        return self._access.departures.leave(PURPOSE, consent.url, consent.state, carried, audited)

    def come_back(self, visit: Mapping[str, str], browser: str, address: str) -> SignInState:
        """Take in a browser that comes back from a destination.

        It may come without its session: browsers bring no strict cookie along from another site. So the
        session that sent it is looked at anew, and what the person may do by now.

        Args:
            visit: the query that it brings.
            browser: the secret that was left in it.
            address: the network address.

        Raises:
            ReturnRefused: it was not sent, or is too late.
            SignInNeeded: the session that sent it has ended.
            RoleTooLow: the person is no admin any more.
            StopRun, RetryLater: access was not granted, or the destination does not give tokens for it.
        """
        carried = self._access.departures.back(PURPOSE, visit.get("state", ""), browser)
        away = msgspec.json.decode(carried, type=_Away)
        caller = self._access.sessions.again(away.session, address)
        if not caller.role.may(NEEDED):
            raise RoleTooLow(f"This needs the role {NEEDED}; yours is {caller.role} by now.")
        with self._destination(away.destination) as destination:
            self._enter(caller, away.destination, destination, away.consent, visit)
        return self.state(away.destination)

    def choose(self, caller: Caller, slug: str, organisation: str) -> SignInState:
        """Choose one of the organisations that a sign-in reaches, by its id.

        Raises:
            NameUnknown: there is no such destination, nothing to be chosen, or not this.
        """
        vault = self._wiring.store.vault
        with (
            self._destination(slug) as destination,
            self._access.audit.around(caller, "connection.choose", f"destinations/{slug}") as after,
        ):
            signed_in, chosen = _named(organisation, vault.aside(slug, self._wiring.clock.now()))
            destination.keep(signed_in, chosen)
            vault.drop_aside(slug)
            after["organisation"] = _shown(chosen)
        return self.state(slug)

    def _enter(
        self,
        caller: Caller,
        slug: str,
        destination: Destination,
        consent: Consent | None,
        visit: Mapping[str, str],
    ) -> None:
        """Sign in, and keep the tokens at once: in use where there is one organisation, else aside."""
        vault = self._wiring.store.vault
        with self._access.audit.around(caller, "connection.make", f"destinations/{slug}") as after:
            signed_in = destination.enter(consent, visit)
            if len(signed_in.organisations) > 1:
                vault.put_aside(slug, signed_in, self._wiring.clock.now() + CHOICE_LIFE)
                after["choices"] = [_shown(each) for each in signed_in.organisations]
                return
            (organisation,) = signed_in.organisations
            destination.keep(signed_in, organisation)
            vault.drop_aside(slug)
            after["organisation"] = _shown(organisation)

    @contextmanager
    def _destination(self, slug: str) -> Iterator[Destination]:
        with self._wiring.steady():
            destination = self._wiring.destination(slug)
            try:
                yield destination
            finally:
                self._wiring.let_go(destination)


def _session_of(caller: Caller) -> str:
    if not caller.via.startswith(_SESSION):
        raise SessionNeeded(
            "Access is granted in a browser that is signed in here, not with a token.",
            remedy="Open the destination in Bookward, or run `bookward connect` where the server runs.",
        )
    return caller.via.removeprefix(_SESSION)


def _named(organisation: str, aside: SignedIn | None) -> tuple[SignedIn, Organisation]:
    if aside is None:
        raise NameUnknown("There is no organisation to choose.", remedy="Connect the destination anew.")
    found = [each for each in aside.organisations if each.id == organisation]
    if not found:
        names = ", ".join(f"{each.name} ({each.id})" for each in aside.organisations)
        raise NameUnknown(
            f"This sign-in reaches no organisation {organisation!r}.", remedy=f"Choose one of: {names}."
        )
    return aside, found[0]


def _shown(organisation: Organisation) -> dict[str, str]:
    return {"id": organisation.id, "name": organisation.name}

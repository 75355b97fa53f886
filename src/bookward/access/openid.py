"""Signing in at an OpenID provider: the browser leaves, and comes back with a code."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from bookward.access.admission import VIA, Admission
from bookward.access.auditing import Audit
from bookward.access.caller import Caller
from bookward.access.departures import Departure, Departures
from bookward.access.idtoken import KeyUnknown, true_claims
from bookward.access.people import Member
from bookward.access.provider import Granted, Provider
from bookward.access.roles import Role
from bookward.clock import Clock
from bookward.errors import SignInRefused
from bookward.pkce import new_verifier
from bookward.store.database import Database

PURPOSE = "sign-in"

_LONGEST = 256


class _Away(msgspec.Struct, frozen=True):
    """What is needed again when the browser comes back."""

    nonce: str
    verifier: str
    redirect_uri: str


class OpenId:
    """Sends browsers to the provider, and lets in whom its answer names."""

    def __init__(
        self,
        provider: Provider,
        admission: Admission,
        departures: Departures,
        audit: Audit,
        database: Database,
        clock: Clock,
    ) -> None:
        self._provider = provider
        self._admission = admission
        self._departures = departures
        self._audit = audit
        self._database = database
        self._clock = clock

    @property
    def issuer(self) -> str:
        """Return which provider it is."""
        return self._provider.settings.issuer

    def begin(self, redirect_uri: str) -> Departure:
        """Send a browser to the provider.

        Raises:
            ProviderUnavailable, SettingInvalid: it cannot be said where that is.
        """
        state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), new_verifier()
        url = self._provider.authorize_url(redirect_uri, state, nonce, verifier)
        away = _Away(nonce=nonce, verifier=verifier, redirect_uri=redirect_uri)
        return self._departures.leave(PURPOSE, url, state, msgspec.json.encode(away))

    def come_back(self, visit: Mapping[str, str], browser: str, address: str) -> Member:
        """Return who has signed in at the provider.

        Args:
            visit: the query that the browser brings.
            browser: the secret that was left in it.
            address: the network address.

        Raises:
            ReturnRefused: it was not sent, or is too late.
            SignInRefused: the provider says no, what it says is not true, or nobody is let in by it.
            ProviderUnavailable: it cannot be asked.
        """
        carried = self._departures.back(PURPOSE, visit.get("state", ""), browser)
        away = msgspec.json.decode(carried, type=_Away)
        if not visit.get("code"):
            said = visit.get("error", "no reason given")[:100]
            raise SignInRefused(f"The provider did not sign you in ({said}).", remedy="Sign in again.")
        granted = self._provider.exchange(visit["code"], away.redirect_uri, away.verifier)
        claims = self._with_email(self._claims(granted.id_token, away.nonce), granted)
        try:
            return self._admission.admit(self._admission.identity(claims), address)
        except SignInRefused as error:
            self._note(error, claims, address)
            raise

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """Return what the ID token says; where no key fits, the provider's keys are asked for anew, once."""
        for anew in (False, True):
            try:
                return true_claims(
                    token,
                    self._provider.keys(anew=anew),
                    issuer=self._provider.settings.issuer,
                    client_id=self._provider.settings.client_id,
                    nonce=nonce,
                    now=self._clock.now(),
                )
            except KeyUnknown:
                continue
        raise SignInRefused(
            "What came from the provider is not signed with any of its keys.", remedy="Sign in again."
        )

    def _with_email(self, claims: Mapping[str, Any], granted: Granted) -> Mapping[str, Any]:
        """Return the claims, with what the provider says elsewhere where the ID token lacks the e-mail."""
        if claims.get("email"):
            return claims
        said = self._provider.userinfo(granted.access_token)
        return {**said, **claims} if said.get("sub") == claims["sub"] else claims

    def _note(self, error: SignInRefused, claims: Mapping[str, Any], address: str) -> None:
        """Write down whom the provider named, and who was not let in."""
        email = str(claims.get("email") or claims["sub"])[:_LONGEST]
        nobody = Caller(id=None, email=email, name="", role=Role.VIEWER, via=VIA, address=address)
        with self._database.writing() as connection:
            self._audit.write(
                connection,
                nobody,
                "session.refuse",
                "people",
                after={"why": error.message},
                outcome=error.code,
            )

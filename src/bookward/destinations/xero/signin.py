"""Signing in to Xero: get tokens, choose the organisation, keep both.

Three steps, with a person's browser between the first two: ``ask_consent``, ``enter``, ``keep``. ``sign_in``
takes them all on one machine; a server takes them one at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from urllib.parse import urlsplit

import httpx

from bookward.destinations.base import Services
from bookward.destinations.xero import oauth
from bookward.destinations.xero.callback import CallbackServer
from bookward.destinations.xero.recording import Recorder
from bookward.destinations.xero.session import obtain
from bookward.destinations.xero.spec import XeroSpec, is_meant
from bookward.errors import AccessDenied, SettingInvalid, SignInLost
from bookward.pkce import new_verifier
from bookward.ports import Consent, SignedIn, Tokens
from bookward.records import Organisation

PATIENCE_SECONDS = 300
"""How long a person may take; Xero's authorisation code itself lives as long."""


def sign_in(
    name: str,
    spec: XeroSpec,
    services: Services,
    *,
    show: Callable[[str], None],
    choose: Callable[[Sequence[Organisation]], Organisation],
    port: int = 0,
    transport: httpx.BaseTransport | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Tokens:
    """Sign in, keep the tokens in the vault, and return them.

    Args:
        show: is given the address at which a person grants access; not called for a Custom Connection.
        choose: picks one of the organisations.
        port: the local port that the browser comes back to; 0 for any that is free.
        patience: seconds to wait for the browser.

    Raises:
        SignInLost: the sign-in was refused or given up.
        AccessDenied: the organisation asked for is not among those that the sign-in reaches.
        RetryLater: Xero could not be asked.
    """
    consent: Consent | None = None
    visit: Mapping[str, str] = {}
    if needs_person(spec):
        state = new_state()
        with CallbackServer(port, state) as server:
            consent = ask_consent(spec, server.redirect_uri, state)
            show(consent.url)
            visit = server.wait(patience)
    signed_in = enter(name, spec, services, consent, visit, transport)
    return keep(name, services, signed_in, choose(signed_in.organisations))


def needs_person(spec: XeroSpec) -> bool:
    """Say whether somebody has to grant access in a browser; a Custom Connection was granted it before."""
    return spec.grant == "authorization_code"


def new_state() -> str:
    """Return what tells the answer to one question for consent from any other."""
    return secrets.token_urlsafe(32)


def ask_consent(spec: XeroSpec, redirect_uri: str, state: str | None = None) -> Consent:
    """Return the question for a person's consent; nothing is sent.

    Raises:
        SettingInvalid: Xero lets no browser come back there.
    """
    require_allowed(redirect_uri)
    state = state or new_state()
    verifier = new_verifier() if oauth.uses_pkce(spec) else None
    url = oauth.authorize_url(spec, redirect_uri, state, verifier)
    return Consent(url=url, redirect_uri=redirect_uri, state=state, verifier=verifier, at=spec.stand_in)


def require_allowed(redirect_uri: str) -> None:
    """Make sure that Xero would take a redirect URI. Source: Xero, OAuth 2.0.

    Raises:
        SettingInvalid: it would not.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme != "https" and parts.hostname != "localhost":
        raise SettingInvalid(
            f"Xero lets no browser come back to {redirect_uri}: only https is allowed, or http://localhost.",
            remedy="Put a proxy with https before the server and set BOOKWARD_URL to its address, or open "
            "Bookward as http://localhost on the machine itself.",
        )


def enter(
    name: str,
    spec: XeroSpec,
    services: Services,
    consent: Consent | None,
    visit: Mapping[str, str],
    transport: httpx.BaseTransport | None = None,
) -> SignedIn:
    """Exchange what the browser has brought back for tokens, and see which organisations they reach.

    Args:
        consent: that was asked for; None for a Custom Connection.
        visit: the query with which the browser came back.

    Raises:
        SignInLost: the sign-in was refused or given up.
        AccessDenied: the organisation asked for is not among those that the sign-in reaches.
        RetryLater: Xero could not be asked.
    """
    with closing(Recorder(name, spec, services, transport)) as recorder:
        grant = _grant(spec, services, recorder, consent, visit)
        answer = recorder.exchange(oauth.connections_request(spec, grant.access_token))
        reached = oauth.read_connections(recorder.clean(answer), services.clock.now())
    return SignedIn(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        expires_at=grant.expires_at,
        scope=grant.scope,
        organisations=tuple(fitting(reached, spec.organisation)),
        at=spec.stand_in,
    )


def keep(name: str, services: Services, signed_in: SignedIn, organisation: Organisation) -> Tokens:
    """Keep the tokens for one of the organisations that they reach."""
    tokens = Tokens(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_at=signed_in.expires_at,
        scope=signed_in.scope,
        tenant_id=organisation.id,
        tenant_name=organisation.name,
        at=signed_in.at,
    )
    # Under the refreshers' lock: one of them could otherwise put the old sign-in back.
    with services.vault.refreshing(name):
        services.vault.save(name, tokens)
    return tokens


def fitting(reached: Sequence[Organisation], wanted: str | None) -> Sequence[Organisation]:
    """Return those of the organisations reached that fit ``wanted``, at least one.

    Raises:
        AccessDenied: the sign-in reaches none, or not the one that is wanted.
    """
    if not reached:
        raise AccessDenied(
            "This sign-in reaches no organisation.",
            remedy="Sign in again and allow access to the organisation in Xero's own page.",
        )
    found = [each for each in reached if is_meant(each.id, each.name, wanted)]
    if not found:
        names = ", ".join(repr(each.name) for each in reached)
        raise AccessDenied(
            f"This sign-in does not reach the organisation {wanted!r}, only {names}.",
            remedy="Correct `organisation` in the file, or sign in again and allow access to it.",
        )
    return found


def _grant(
    spec: XeroSpec,
    services: Services,
    recorder: Recorder,
    consent: Consent | None,
    visit: Mapping[str, str],
) -> oauth.Grant:
    if consent is None:
        return obtain(recorder, oauth.client_credentials_request(spec), spec, services.clock.now())
    code = oauth.read_visit(visit, consent.state)
    if consent.at != spec.stand_in:
        raise SignInLost(
            f"Access was granted at {consent.at or 'Xero itself'}, and the destination's file now leads to "
            f"{spec.stand_in or 'Xero itself'}.",
            remedy="See that `base_url` in the file is right, and sign in again.",
        )
    asked = oauth.code_request(spec, code, consent.redirect_uri, consent.verifier)
    try:
        return obtain(recorder, asked, spec, services.clock.now())
    except SignInLost as error:
        lost = error
    if "invalid_grant" in lost.message:
        raise SignInLost(
            lost.message,
            remedy="Sign in again: what Xero gives the browser is good once, for five minutes, and for the "
            f"redirect URI {consent.redirect_uri}, which has to be entered at Xero exactly so.",
        )
    raise lost

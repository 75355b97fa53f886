"""Signing in to Xero: get tokens, choose the organisation, keep both."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import closing

import httpx

from bookward.destinations.base import Services
from bookward.destinations.xero import oauth
from bookward.destinations.xero.callback import CallbackServer
from bookward.destinations.xero.recording import Recorder
from bookward.destinations.xero.session import obtain
from bookward.destinations.xero.spec import XeroSpec, is_meant
from bookward.errors import AccessDenied
from bookward.ports import Tokens
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
    with closing(Recorder(name, spec, services, transport)) as recorder:
        grant = _grant(spec, services, recorder, show, port, patience)
        answer = recorder.exchange(oauth.connections_request(spec, grant.access_token))
        reached = oauth.read_connections(recorder.clean(answer), services.clock.now())
    organisation = pick(reached, spec.organisation, choose)
    tokens = Tokens(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        expires_at=grant.expires_at,
        scope=grant.scope,
        tenant_id=organisation.id,
        tenant_name=organisation.name,
    )
    # Under the refreshers' lock: one of them could otherwise put the old sign-in back.
    with services.vault.refreshing(name):
        services.vault.save(name, tokens)
    return tokens


def pick(
    reached: Sequence[Organisation],
    wanted: str | None,
    choose: Callable[[Sequence[Organisation]], Organisation],
) -> Organisation:
    """Return the organisation that is chosen among those reached, or among those that fit ``wanted``.

    Raises:
        AccessDenied: the sign-in reaches none, or not the one that is wanted.
    """
    if not reached:
        raise AccessDenied(
            "This sign-in reaches no organisation.",
            remedy="Sign in again and allow access to the organisation in Xero's own page.",
        )
    fitting = [each for each in reached if is_meant(each.id, each.name, wanted)]
    if not fitting:
        names = ", ".join(repr(each.name) for each in reached)
        raise AccessDenied(
            f"This sign-in does not reach the organisation {wanted!r}, only {names}.",
            remedy="Correct `organisation` in the file, or sign in again and allow access to it.",
        )
    return choose(fitting)


def _grant(
    spec: XeroSpec,
    services: Services,
    recorder: Recorder,
    show: Callable[[str], None],
    port: int,
    patience: float,
) -> oauth.Grant:
    if spec.grant == "client_credentials":
        asked = oauth.client_credentials_request(spec)
    else:
        state, verifier = secrets.token_urlsafe(32), None
        if oauth.uses_pkce(spec):
            verifier = oauth.new_verifier()
        with CallbackServer(port, state) as server:
            show(oauth.authorize_url(spec, server.redirect_uri, state, verifier))
            code = server.wait(patience)
            asked = oauth.code_request(spec, code, server.redirect_uri, verifier)
    return obtain(recorder, asked, spec, services.clock.now())

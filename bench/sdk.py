"""The same contacts by a plain loop over the official SDK: one call a contact, and Retry-After slept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from bookward.clock import Clock
from bookward.demo.xero import DEMO_COMPANY, WEB_APP, LocalXero, approve

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from xero_python.accounting import AccountingApi, Contact, Contacts
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
    from xero_python.exceptions import HTTPStatusException

_REDIRECT = "http://localhost:8765/callback"
_SCOPES = "offline_access accounting.contacts"


def insert_contacts(xero: LocalXero, clock: Clock, rows: int) -> tuple[int, int]:
    """Create so many contacts one by one; return the calls made, and how many were answered 429."""
    api = _signed_in(xero)
    calls = refused = 0
    for n in range(rows):
        contacts = Contacts(contacts=[_contact(n)])
        while True:
            calls += 1
            wait = _tried(lambda made=contacts: api.create_contacts(DEMO_COMPANY.id, made), api)
            if wait is None:
                break
            refused += bool(wait)
            clock.sleep(wait)
    return calls, refused


def _contact(n: int) -> Contact:
    return Contact(contact_number=str(n), name=f"New {n}", email_address=f"n{n}@example.com")


def _tried(call: Callable[[], Any], api: AccountingApi) -> float | None:
    """Make a call; return the seconds to wait before it is made again, None when it was taken."""
    try:
        call()
    except HTTPStatusException as error:
        if error.status == 429:
            return float(error.headers["Retry-After"])
        if error.status == 401:  # a sign-in lasts half an hour
            api.api_client.refresh_oauth2_token()
            return 0.0
        raise
    return None


def _signed_in(xero: LocalXero) -> AccountingApi:
    TokenApi.refresh_token_url = f"{xero.url}/connect/token"
    tokens = _tokens(xero) | {"scope": _SCOPES.split()}
    configuration = Configuration(oauth2_token=OAuth2Token(WEB_APP.id, WEB_APP.secret))
    client = ApiClient(configuration, oauth2_token_getter=lambda: tokens, oauth2_token_saver=tokens.update)
    # urllib3 below would sleep Retry-After itself, and on the wall's clock.
    client.rest_client.pool_manager.connection_pool_kw["retries"] = False
    api = AccountingApi(client)
    api.base_url = f"{xero.url}/api.xro/2.0"
    return api


def _tokens(xero: LocalXero) -> dict[str, Any]:
    asked = {"response_type": "code", "client_id": WEB_APP.id, "redirect_uri": _REDIRECT, "scope": _SCOPES}
    page = f"{xero.url}/identity/connect/authorize?{urlencode(asked | {'state': 'bench'})}"
    (code,) = parse_qs(urlsplit(approve(page, ())).query)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _REDIRECT}
    answer = httpx.post(f"{xero.url}/connect/token", data=form, auth=(WEB_APP.id, str(WEB_APP.secret)))
    return dict(answer.raise_for_status().json())

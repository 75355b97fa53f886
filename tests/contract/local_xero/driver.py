"""What the tests here say to a local Xero again and again."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from bookward.demo.xero import WEB_APP, App, LocalXero, approve

CONTACTS = "/api.xro/2.0/Contacts"
ORGANISATION = "/api.xro/2.0/Organisation"
REDIRECT = "http://localhost:8765/callback"
SCOPES = (
    "openid offline_access accounting.settings accounting.contacts accounting.invoices accounting.payments"
)
NO_TLS = httpx.create_ssl_context(verify=False)  # everything is plain HTTP here, so load no certificates
ZERO = "00000000-0000-0000-0000-000000000000"


def call(method: str, url: str, **more: Any) -> httpx.Response:
    """Make one request on a connection of its own."""
    return httpx.request(method, url, verify=NO_TLS, **more)


def authorise_url(xero: LocalXero, app: App = WEB_APP, **changes: str | None) -> str:
    """Return the address a browser is sent to; a change to None leaves a parameter out."""
    query: dict[str, str | None] = {
        "response_type": "code",
        "client_id": app.id,
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "state": "xyz",
    }
    query |= changes
    given = {name: value for name, value in query.items() if value is not None}
    return f"{xero.url}/identity/connect/authorize?{urlencode(given)}"


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def token_request(xero: LocalXero, app: App = WEB_APP, **form: str) -> httpx.Response:
    auth = (app.id, app.secret) if app.secret else None
    if not app.secret:
        form["client_id"] = app.id
    return call("POST", f"{xero.url}/connect/token", data=form, auth=auth)


def sign_in(xero: LocalXero, *tenants: str, scope: str = SCOPES) -> dict[str, Any]:
    """Return the tokens after consent to these organisations."""
    code = query_of(approve(authorise_url(xero, scope=scope), tenants))["code"]
    answer = token_request(xero, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def client_of(xero: LocalXero, token: str, tenant: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": tenant, "Accept": "application/json"}
    return httpx.Client(base_url=xero.url, headers=headers, verify=NO_TLS)


def signed_in(xero: LocalXero, tenant: str, scope: str = SCOPES) -> httpx.Client:
    return client_of(xero, sign_in(xero, tenant, scope=scope)["access_token"], tenant)


def put(api: httpx.Client, *elements: Any, **headers: str) -> list[dict[str, Any]]:
    return _write(api, "PUT", elements, headers)


def post(api: httpx.Client, *elements: Any, **headers: str) -> list[dict[str, Any]]:
    return _write(api, "POST", elements, headers)


def _write(api: httpx.Client, method: str, elements: Any, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = api.request(
        method,
        CONTACTS,
        params={"summarizeErrors": "false"},
        json={"Contacts": elements},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["Contacts"])


def errors(element: dict[str, Any]) -> list[str]:
    return [error["Message"] for error in element["ValidationErrors"]]


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [contact["Name"] for contact in answer.json()["Contacts"]]


def complaints(answer: httpx.Response) -> list[str]:
    """Return the messages of the one element that a summarised answer refuses."""
    assert (answer.status_code, answer.json()["Type"]) == (400, "ValidationException"), answer.text
    (element,) = answer.json()["Elements"]
    return errors(element)

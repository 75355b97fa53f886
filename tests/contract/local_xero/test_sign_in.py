"""Authorisation code, PKCE, rotation, revocation, client credentials, scopes."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx
import pytest

from bookward.demo.xero import (
    CUSTOM_APP,
    DEMO_COMPANY,
    PKCE_APP,
    WEB_APP,
    Company,
    LocalXero,
    Options,
    approve,
)
from bookward.demo.xero.oauth_authorise import redirect_allowed
from tests.contract.local_xero.driver import (
    CONTACTS,
    ORGANISATION,
    REDIRECT,
    authorise_url,
    call,
    client_of,
    query_of,
    sign_in,
    signed_in,
    token_request,
)


def claims(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4))))


def test_consent_page_names_app_organisations_and_scopes(xero: LocalXero, browser: httpx.Client) -> None:
    xero.options = Options(companies=(DEMO_COMPANY, Company(id="c2", name="Tea & <Co>")))
    page = browser.get(authorise_url(xero))
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for text in (WEB_APP.name, DEMO_COMPANY.name, "Tea &amp; &lt;Co&gt;", "accounting.contacts", "checkbox"):
        assert text in page.text
    assert "checkbox" not in browser.get(authorise_url(xero, acr_values="bulk_connect:false")).text


def test_approval_sends_code_and_state_back(xero: LocalXero) -> None:
    location = approve(authorise_url(xero))
    assert location.startswith(REDIRECT + "?")
    assert query_of(location)["state"] == "xyz"
    assert query_of(location)["code"]


def test_denial_sends_the_error_back(xero: LocalXero) -> None:
    assert query_of(approve(authorise_url(xero), decision="deny")) == {
        "error": "access_denied",
        "state": "xyz",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "nobody"}, "unauthorized_client"),
        ({"redirect_uri": "http://127.0.0.1:8765/callback"}, "invalid_request"),
        ({"redirect_uri": "http://example.com/"}, "invalid_request"),
        ({"redirect_uri": "https://example.com/unregistered"}, "invalid_request"),
        ({"scope": "accounting.contacts nonsense"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "accounting.transactions"}, "unauthorized_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_bad_request_gives_an_error_page(xero: LocalXero, changes: dict[str, str | None], code: str) -> None:
    with pytest.raises(ValueError, match=code):
        approve(authorise_url(xero, **changes))


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("http://localhost/", True),
        ("http://localhost:1234/callback", True),
        ("http://127.0.0.1:1234/callback", False),
        ("http://localhost.example.com/", False),
        ("https://example.com/callback", True),
        ("https://example.com/other", False),
        ("ftp://localhost/", False),
    ],
)
def test_redirect_uris_are_https_or_localhost(uri: str, allowed: bool) -> None:
    app = replace(WEB_APP, redirect_uris=("http://localhost", "https://example.com/callback"))
    assert redirect_allowed(app, uri) is allowed


def test_exact_localhost_uri_leaves_no_other_port() -> None:
    app = replace(WEB_APP, redirect_uris=("http://localhost:8080/cb",))
    assert redirect_allowed(app, "http://localhost:8080/cb")
    assert not redirect_allowed(app, "http://localhost:8081/cb")


def test_tokens_have_the_documented_shape(xero: LocalXero) -> None:
    tokens = sign_in(xero)
    assert tokens["expires_in"] == 1800
    assert tokens["token_type"] == "Bearer"
    found = claims(tokens["access_token"])
    assert {"authentication_event_id", "xero_userid", "scope", "exp", "nbf", "client_id"} <= found.keys()
    assert found["exp"] - found["nbf"] == 1800
    identity = claims(tokens["id_token"])
    assert identity["exp"] - identity["nbf"] == 300


def test_without_offline_access_there_is_no_refresh_token(xero: LocalXero) -> None:
    tokens = sign_in(xero, scope="accounting.contacts")
    assert "refresh_token" not in tokens
    assert "id_token" not in tokens


def code_of(xero: LocalXero) -> str:
    return query_of(approve(authorise_url(xero)))["code"]


def test_code_works_once(xero: LocalXero) -> None:
    form = {"grant_type": "authorization_code", "code": code_of(xero), "redirect_uri": REDIRECT}
    assert token_request(xero, **form).status_code == 200
    again = token_request(xero, **form)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_code_lives_five_minutes(xero: LocalXero) -> None:
    form = {"grant_type": "authorization_code", "code": code_of(xero), "redirect_uri": REDIRECT}
    xero.clock.jump(minutes=5)
    assert token_request(xero, **form).json() == {"error": "invalid_grant"}


def test_code_needs_its_own_redirect_uri(xero: LocalXero) -> None:
    form = {"grant_type": "authorization_code", "code": code_of(xero), "redirect_uri": REDIRECT + "2"}
    assert token_request(xero, **form).json() == {"error": "invalid_grant"}


def test_pkce_needs_the_right_verifier_and_no_secret(xero: LocalXero) -> None:
    verifier = "v" * 64
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = authorise_url(xero, PKCE_APP, code_challenge=challenge, code_challenge_method="S256")
    for sent, status in (("w" * 64, 400), (verifier, 200)):
        code = query_of(approve(url))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        assert token_request(xero, PKCE_APP, code_verifier=sent, **form).status_code == status


def test_pkce_app_must_send_a_challenge(xero: LocalXero) -> None:
    with pytest.raises(ValueError, match="code challenge required"):
        approve(authorise_url(xero, PKCE_APP))


def test_secret_must_be_right_and_may_stand_in_the_form(xero: LocalXero) -> None:
    wrong = token_request(
        xero, replace(WEB_APP, secret="wrong"), grant_type="refresh_token", refresh_token="x"
    )
    assert (wrong.status_code, wrong.json()) == (400, {"error": "invalid_client"})
    form = {
        "grant_type": "refresh_token",
        "refresh_token": sign_in(xero)["refresh_token"],
        "client_id": WEB_APP.id,
        "client_secret": WEB_APP.secret,
    }
    assert call("POST", f"{xero.url}/connect/token", data=form).status_code == 200


def test_broken_basic_header_is_an_invalid_client(xero: LocalXero) -> None:
    answer = call("POST", f"{xero.url}/connect/token", headers={"Authorization": "Basic %%%"})
    assert answer.json() == {"error": "invalid_client"}


def test_unknown_grant_is_refused(xero: LocalXero) -> None:
    assert token_request(xero, grant_type="password").json() == {"error": "unsupported_grant_type"}


def refreshed(xero: LocalXero, token: str) -> httpx.Response:
    return token_request(xero, grant_type="refresh_token", refresh_token=token)


def test_refresh_rotates_and_the_previous_token_has_thirty_minutes_of_grace(xero: LocalXero) -> None:
    first = sign_in(xero)["refresh_token"]
    second = refreshed(xero, first).json()["refresh_token"]
    assert second != first
    xero.clock.jump(minutes=29)
    assert refreshed(xero, first).status_code == 200
    xero.clock.jump(minutes=1)
    dead = refreshed(xero, first)
    assert (dead.status_code, dead.json()) == (400, {"error": "invalid_grant"})
    assert refreshed(xero, second).status_code == 200


def test_refresh_token_lives_sixty_days(xero: LocalXero) -> None:
    token = sign_in(xero)["refresh_token"]
    xero.clock.jump(days=59)
    token = refreshed(xero, token).json()["refresh_token"]
    xero.clock.jump(days=60)
    assert refreshed(xero, token).json() == {"error": "invalid_grant"}


def test_access_token_lives_thirty_minutes(xero: LocalXero, api: httpx.Client) -> None:
    xero.clock.jump(minutes=29)
    assert api.get(CONTACTS).status_code == 200
    xero.clock.jump(minutes=1)
    over = api.get(CONTACTS)
    assert over.status_code == 401
    assert over.json()["Title"] == "Unauthorized"
    assert "invalid_token" in over.headers["www-authenticate"]


def test_expired_by_hand_leaves_the_refresh_token(xero: LocalXero) -> None:
    tokens = sign_in(xero)
    xero.expire_tokens()
    with client_of(xero, tokens["access_token"], DEMO_COMPANY.id) as api:
        assert api.get(CONTACTS).status_code == 401
    fresh = refreshed(xero, tokens["refresh_token"]).json()["access_token"]
    with client_of(xero, fresh, DEMO_COMPANY.id) as api:
        assert api.get(CONTACTS).status_code == 200


@pytest.mark.parametrize("token", ["a", "a.b", "a.b.c", "é.é.é"])
def test_forged_token_is_unauthorised(xero: LocalXero, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode(), "xero-tenant-id": DEMO_COMPANY.id.encode()}
    assert call("GET", xero.url + CONTACTS, headers=headers).status_code == 401


def test_no_token_is_unauthorised(xero: LocalXero, browser: httpx.Client) -> None:
    assert browser.get(CONTACTS).status_code == 401


def test_revocation_ends_tokens_and_connections(xero: LocalXero) -> None:
    tokens = sign_in(xero)
    answer = call(
        "POST",
        f"{xero.url}/connect/revocation",
        data={"token": tokens["refresh_token"]},
        auth=(WEB_APP.id, WEB_APP.secret or ""),
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert refreshed(xero, tokens["refresh_token"]).json() == {"error": "invalid_grant"}
    with client_of(xero, tokens["access_token"], DEMO_COMPANY.id) as api:
        assert api.get(CONTACTS).status_code == 401
    with signed_in(xero, DEMO_COMPANY.id) as api:
        assert len(api.get("/connections").json()) == 1


def test_revoking_an_unknown_token_is_fine(xero: LocalXero) -> None:
    form = {"token": "unknown", "client_id": PKCE_APP.id}
    assert call("POST", f"{xero.url}/connect/revocation", data=form).status_code == 200


def test_custom_connection_needs_no_browser_and_no_tenant(xero: LocalXero) -> None:
    answer = token_request(xero, CUSTOM_APP, grant_type="client_credentials", scope="accounting.contacts")
    assert "refresh_token" not in answer.json()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert call("GET", xero.url + CONTACTS, headers=headers).status_code == 200
    connections = call("GET", f"{xero.url}/connections", headers=headers).json()
    assert [connection["tenantId"] for connection in connections] == [DEMO_COMPANY.id]


def test_client_credentials_of_a_web_app_reach_connections_only(xero: LocalXero) -> None:
    sign_in(xero)
    refused = token_request(xero, grant_type="client_credentials", scope="accounting.contacts")
    assert refused.json() == {"error": "invalid_scope"}
    token = token_request(xero, grant_type="client_credentials", scope="app.connections").json()[
        "access_token"
    ]
    headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": DEMO_COMPANY.id}
    assert len(call("GET", f"{xero.url}/connections", headers=headers).json()) == 1
    assert call("GET", xero.url + CONTACTS, headers=headers).status_code == 401


def test_pkce_app_has_no_client_credentials(xero: LocalXero) -> None:
    answer = token_request(xero, PKCE_APP, grant_type="client_credentials")
    assert answer.json() == {"error": "unauthorized_client"}


def test_missing_scope_is_named(xero: LocalXero) -> None:
    with signed_in(xero, DEMO_COMPANY.id, scope="accounting.contacts.read") as api:
        assert api.get(CONTACTS).status_code == 200
        for answer in (api.put(CONTACTS, json={"Contacts": [{"Name": "A"}]}), api.get(ORGANISATION)):
            assert answer.status_code == 401
            assert "insufficient_scope" in answer.headers["www-authenticate"]
        xero.options = Options(scope_error_status=403)
        assert api.get(ORGANISATION).status_code == 403


@pytest.mark.parametrize("tenant", ["", "b0c1d2e3-0001-4000-8000-00000000ffff", "nonsense"])
def test_unconnected_organisation_is_forbidden(api: httpx.Client, tenant: str) -> None:
    answer = api.get(CONTACTS, headers={"xero-tenant-id": tenant})
    assert (answer.status_code, answer.json()["Title"]) == (403, "Forbidden")


def test_tenant_header_ignores_case(api: httpx.Client) -> None:
    assert api.get(CONTACTS, headers={"XERO-TENANT-ID": DEMO_COMPANY.id.upper()}).status_code == 200


@pytest.mark.parametrize(("body", "type_"), [("html", "text/html"), ("empty", "")])
def test_sign_in_errors_may_have_other_bodies(
    xero: LocalXero, browser: httpx.Client, body: Any, type_: str
) -> None:
    xero.options = Options(sign_in_error_body=body)
    answer = browser.get(CONTACTS)
    assert answer.status_code == 401
    assert answer.headers.get("content-type", "").startswith(type_)


def test_discovery_points_at_this_server(xero: LocalXero, browser: httpx.Client) -> None:
    found = browser.get("/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == f"{xero.url}/connect/token"
    assert found["authorization_endpoint"] == f"{xero.url}/identity/connect/authorize"

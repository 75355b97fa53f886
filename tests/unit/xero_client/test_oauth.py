"""The messages of OAuth, made and read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from bookward.destinations.xero import oauth
from bookward.destinations.xero.exchange import Answer
from bookward.destinations.xero.faults import Unavailable
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import AccessDenied, AnswerLost, SignInLost
from bookward.pkce import challenge, new_verifier
from tests.unit.xero_client.fakes import spec

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def answer(value: object, status: int = 200) -> Answer:
    return Answer(
        status=status, headers={"content-type": "application/json"}, body=json.dumps(value).encode()
    )


def form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def test_the_challenge_is_the_one_of_the_standard():
    # RFC 7636, appendix B.
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_verifier_has_the_length_that_the_standard_asks_for():
    assert 43 <= len(new_verifier()) <= 128
    assert new_verifier() != new_verifier()


def test_xeros_own_hosts_are_the_default():
    endpoints = spec(base_url=None).endpoints
    assert endpoints.authorize == "https://login.xero.com/identity/connect/authorize"
    assert endpoints.token == "https://identity.xero.com/connect/token"
    assert endpoints.revocation == "https://identity.xero.com/connect/revocation"
    assert endpoints.connections == "https://api.xero.com/connections"
    assert endpoints.api == "https://api.xero.com/api.xro/2.0"


def test_a_local_xero_replaces_all_hosts():
    endpoints = spec(base_url="http://localhost:5000/").endpoints
    assert endpoints.authorize == "http://localhost:5000/identity/connect/authorize"
    assert endpoints.token == "http://localhost:5000/connect/token"
    assert endpoints.connections == "http://localhost:5000/connections"
    assert endpoints.api == "http://localhost:5000/api.xro/2.0"


def test_the_authorize_address_asks_for_the_scopes():
    url = oauth.authorize_url(spec(), "http://localhost:1/callback", "s", None)
    assert "scope=offline_access%20accounting.settings%20" in url
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["CLIENT"],
        "redirect_uri": ["http://localhost:1/callback"],
        "scope": [
            "offline_access accounting.settings accounting.contacts accounting.invoices accounting.payments"
        ],
        "state": ["s"],
    }


def test_an_app_without_a_secret_uses_pkce():
    bare = spec(client_secret=None)
    assert oauth.uses_pkce(bare)
    assert not oauth.uses_pkce(spec())
    url = oauth.authorize_url(bare, "http://localhost:1/callback", "s", "v" * 43)
    assert "code_challenge_method=S256" in url
    assert "v" * 43 not in url
    asked = oauth.code_request(bare, "c0de", "http://localhost:1/callback", "v" * 43)
    assert "Authorization" not in asked.headers
    assert form(asked.body) == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "http://localhost:1/callback",
        "code_verifier": "v" * 43,
        "client_id": "CLIENT",
    }


def test_an_app_with_a_secret_shows_it_in_the_header_only():
    asked = oauth.refresh_request(spec(), "r")
    assert asked.headers["Authorization"] == "Basic Q0xJRU5UOnRoZS1jbGllbnQtc2VjcmV0"
    assert form(asked.body) == {"grant_type": "refresh_token", "refresh_token": "r"}
    assert "the-client-secret" not in repr((asked, spec()))


def test_a_grant_is_read():
    grant = oauth.read_grant(
        answer({"access_token": "a", "refresh_token": "r", "expires_in": 1800, "scope": "x y"}),
        NOW,
        scopes=[],
    )
    assert (grant.access_token, grant.refresh_token, grant.scope) == ("a", "r", "x y")
    assert grant.expires_at == NOW + timedelta(minutes=30)
    assert "'a'" not in repr(grant)


@pytest.mark.parametrize("life", [None, "soon", {}])
def test_a_grant_that_does_not_say_how_long_it_lives_lives_as_long_as_xeros(life):
    grant = oauth.read_grant(answer({"access_token": "a", "expires_in": life}), NOW, scopes=["x"])
    assert grant.expires_at == NOW + timedelta(minutes=30)
    assert grant.scope == "x"


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        ("invalid_grant", "bookward connect"),
        ("invalid_client", "client_secret"),
        ("unauthorized_client", "client_secret"),
        ("invalid_scope", "scopes"),
    ],
)
def test_a_refused_sign_in_says_what_to_do(error, remedy):
    with pytest.raises(SignInLost, match=error) as caught:
        oauth.read_grant(answer({"error": error}, 400), NOW, scopes=[])
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "value", [[], {}, {"access_token": ""}, {"access_token": 5}, {"access_token": "a b"}, None]
)
def test_an_answer_without_a_usable_token_is_lost(value):
    with pytest.raises(AnswerLost):
        oauth.read_grant(answer(value), NOW, scopes=[])


def test_connections_are_the_organisations_among_them():
    reached = oauth.read_connections(
        answer(
            [
                {"id": "c1", "tenantId": "t1", "tenantType": "ORGANISATION", "tenantName": "One"},
                {"id": "c2", "tenantId": "t2", "tenantType": "PRACTICE", "tenantName": "Two"},
                {"id": "c3", "tenantId": "t3", "tenantName": None},
                {"id": "c4"},
                "?",
            ]
        ),
        NOW,
    )
    assert [(each.id, each.name) for each in reached] == [("t1", "One"), ("t3", "t3")]


@pytest.mark.parametrize(
    ("status", "value", "error"),
    [
        (401, {}, SignInLost),
        (403, {}, AccessDenied),
        (404, {}, AccessDenied),
        (500, {}, Unavailable),
        (429, {}, Unavailable),
        (200, {}, AnswerLost),
    ],
)
def test_connections_that_cannot_be_listed(status, value, error):
    with pytest.raises(error):
        oauth.read_connections(answer(value, status), NOW)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grant": "client_credentials", "client_secret": None}, "client_secret"),
        ({"base_url": "localhost:5000"}, "http://"),
        ({"client_id": ""}, "at least 1"),
        ({"batch_size": 0}, "greater than or equal to 1"),
        ({"day_reserve": 1}, "less than 1"),
        ({"timeout_seconds": 0}, "greater than 0"),
        ({"tennant": "x"}, "Extra inputs"),
    ],
)
def test_a_wrong_file_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        spec(**wrong)


def test_every_setting_explains_itself():
    described = XeroSpec.model_json_schema()["properties"]
    assert all(field.get("description") for field in described.values())

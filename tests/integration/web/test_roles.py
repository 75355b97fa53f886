"""Every role against every route: allowed, or refused before anything else is looked at."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

import httpx
import pytest

from bookward.app import App
from bookward.serving import Role
from bookward.web.routes import Anyone, GuardedRoute
from bookward.web.server import create_api
from tests.integration.web.site import Site, code_of

ANYONE, VIEWER, EDITOR, APPROVER, ADMIN = "anyone", "viewer", "editor", "approver", "admin"

EXPECTED = {
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /api/openapi.json": ANYONE,
    "GET /api/v1/session/ways": ANYONE,
    "POST /api/v1/session/openid": ANYONE,
    "GET /api/v1/callback/sign-in": ANYONE,
    "POST /api/v1/session": ANYONE,
    "GET /api/v1/session": VIEWER,
    "DELETE /api/v1/session": VIEWER,
    "PUT /api/v1/session/password": VIEWER,
    "GET /api/v1/session/all": VIEWER,
    "DELETE /api/v1/session/all/{id}": VIEWER,
    "GET /api/v1/people": ADMIN,
    "GET /api/v1/people/{id}": ADMIN,
    "PATCH /api/v1/people/{id}": ADMIN,
    "POST /api/v1/people/{id}/reset": ADMIN,
    "GET /api/v1/people/{id}/sessions": ADMIN,
    "DELETE /api/v1/people/{id}/sessions/{session}": ADMIN,
    "GET /api/v1/audit": ADMIN,
    "GET /api/v1/invitations": ADMIN,
    "POST /api/v1/invitations": ADMIN,
    "DELETE /api/v1/invitations/{id}": ADMIN,
    "POST /api/v1/join/look": ANYONE,
    "POST /api/v1/join": ANYONE,
    "GET /api/v1/tokens": VIEWER,
    "POST /api/v1/tokens": VIEWER,
    "DELETE /api/v1/tokens/{id}": VIEWER,
    "GET /api/v1/schemas/{kind}": VIEWER,
    "GET /api/v1/files/{kind}": VIEWER,
    "POST /api/v1/files/{kind}": EDITOR,
    "GET /api/v1/files/{kind}/{slug}": VIEWER,
    "PUT /api/v1/files/{kind}/{slug}": EDITOR,
    "DELETE /api/v1/files/{kind}/{slug}": EDITOR,
    "POST /api/v1/syncs/{slug}/rename": EDITOR,
    "POST /api/v1/files/{kind}/{slug}/test": EDITOR,
    "POST /api/v1/destinations/{slug}/rename": ADMIN,
    "POST /api/v1/files/{kind}/{slug}/rename": EDITOR,
    "GET /api/v1/files/{kind}/{slug}/history": VIEWER,
    "GET /api/v1/files/{kind}/{slug}/history/{version}": VIEWER,
    "POST /api/v1/files/{kind}/{slug}/revert": EDITOR,
    "POST /api/v1/files/{kind}/{slug}/check": EDITOR,
    "POST /api/v1/models/{slug}/preview": EDITOR,
    "GET /api/v1/models/{slug}/columns": EDITOR,
    "GET /api/v1/destinations/{slug}/objects": VIEWER,
    "GET /api/v1/destinations/{slug}/objects/{object}": VIEWER,
    "POST /api/v1/syncs/{slug}/rehearsal": EDITOR,
    "POST /api/v1/models/{slug}/key": EDITOR,
    "GET /api/v1/secrets": EDITOR,
    "PUT /api/v1/secrets/{name}": EDITOR,
    "DELETE /api/v1/secrets/{name}": EDITOR,
    "GET /api/v1/check": VIEWER,
    "GET /api/v1/models/{slug}/preview": EDITOR,
    "GET /api/v1/models/{slug}/suggestion": EDITOR,
    "GET /api/v1/sources/{slug}/tables": EDITOR,
    "GET /api/v1/dbt/models": EDITOR,
    "GET /api/v1/dbt/jobs/{job}/models": EDITOR,
    "POST /api/v1/sources/{slug}/test": EDITOR,
    "POST /api/v1/destinations/{slug}/test": EDITOR,
    "GET /api/v1/redirect-uri": VIEWER,
    "GET /api/v1/destinations/{slug}/connection": VIEWER,
    "POST /api/v1/destinations/{slug}/connect": ADMIN,
    "GET /api/v1/callback/connect": ANYONE,
    "POST /api/v1/destinations/{slug}/organisation": ADMIN,
    "POST /api/v1/destinations/{slug}/disconnect": ADMIN,
    "GET /api/v1/project": VIEWER,
    "GET /api/v1/activity": VIEWER,
    "GET /api/v1/syncs": VIEWER,
    "GET /api/v1/runs": VIEWER,
    "GET /api/v1/runs/{id}": VIEWER,
    "GET /api/v1/runs/{id}/rows": VIEWER,
    "GET /api/v1/runs/{id}/reasons": VIEWER,
    "GET /api/v1/runs/{id}/rows/{seq}": VIEWER,
    "GET /api/v1/metrics": VIEWER,
    "GET /api/v1/runs/{id}/report": VIEWER,
    "GET /api/v1/runs/{id}/calls": VIEWER,
    "GET /api/v1/runs/{id}/calls/{number}": VIEWER,
    "GET /api/v1/runs/{id}/live": VIEWER,
    "GET /api/v1/runs/{id}/export": VIEWER,
    "GET /api/v1/syncs/{slug}/rows": VIEWER,
    "GET /api/v1/syncs/{slug}/row": VIEWER,
    "GET /api/v1/quotas": VIEWER,
    "POST /api/v1/syncs/{slug}/runs": EDITOR,
    "POST /api/v1/syncs/{slug}/plans": EDITOR,
    "GET /api/v1/syncs/{slug}/plans": VIEWER,
    "GET /api/v1/syncs/{slug}/plans/{plan}": VIEWER,
    "POST /api/v1/syncs/{slug}/plans/{plan}/discard": EDITOR,
    "GET /api/v1/syncs/{slug}/plans/{plan}/operations": VIEWER,
    "GET /api/v1/syncs/{slug}/plans/{plan}/reasons": VIEWER,
    "POST /api/v1/syncs/{slug}/approvals": APPROVER,
    "POST /api/v1/syncs/{slug}/retry": EDITOR,
    "GET /api/v1/syncs/{slug}/uncertain": EDITOR,
    "POST /api/v1/syncs/{slug}/settle": APPROVER,
    "GET /api/v1/tickets": VIEWER,
    "GET /api/v1/tickets/{id}": VIEWER,
    "POST /api/v1/tickets/{id}/cancel": EDITOR,
    "GET /api/v1/schedule": VIEWER,
    "POST /api/v1/syncs/{slug}/times": EDITOR,
    "GET /api/v1/alerts": VIEWER,
    "GET /api/v1/alerts/{slug}/messages": VIEWER,
    "POST /api/v1/alerts/{slug}/test": EDITOR,
    "POST /api/v1/alerts/{slug}/preview": VIEWER,
    "GET /api/v1/states": VIEWER,
    "GET /api/v1/silences": VIEWER,
    "POST /api/v1/silences": EDITOR,
    "DELETE /api/v1/silences/{kind}/{slug}": EDITOR,
}
"""What a person decided; the routes themselves are held against it, in both directions."""

NAMES = {"kind": "syncs", "slug": "no-such-thing", "number": "1"}


@pytest.fixture
def routes(app: App) -> dict[str, GuardedRoute]:
    api = create_api(app, url="http://localhost")
    found = [route for route in api.router.routes if isinstance(route, GuardedRoute)]
    assert len(found) == len(api.router.routes)
    return {f"{method} {route.path}": route for route in found for method in route.methods}


def test_every_route_has_the_role_that_a_person_decided(routes: dict[str, GuardedRoute]) -> None:
    assert {name: str(route.needs) for name, route in routes.items()} == EXPECTED
    assert {str(route.needs) for route in routes.values() if isinstance(route.needs, Anyone)} == {ANYONE}


def test_nobody_is_let_into_what_needs_somebody(site: Site) -> None:
    with site.client() as client:
        for name, needed in EXPECTED.items():
            response = client.request(*_request(name))
            if needed == ANYONE:
                assert response.status_code not in {401, 403}, name
            else:
                assert code_of(response) == (401, "sign_in_needed"), name


FOR_PEOPLE = {
    "POST /api/v1/tokens",
    "DELETE /api/v1/session",
    "PUT /api/v1/session/password",
    "POST /api/v1/destinations/{slug}/connect",
}


@pytest.mark.parametrize("by", ["session", "token"])
@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_into_what_it_may_and_nothing_else(site: Site, role: Role, by: str) -> None:
    for name, needed in EXPECTED.items():
        with _client(site, role, by) as client:
            response = client.request(*_request(name))
        if needed != ANYONE and not role.may(Role(needed)):
            assert code_of(response) == (403, "role_too_low"), name
        elif response.status_code in {401, 403}:
            # Not the role: tokens make no tokens, and have no browser that could sign out or grant access.
            assert (by, name in FOR_PEOPLE) == ("token", True), (name, response.text)


@pytest.mark.parametrize("role", Role)
def test_a_cookie_alone_changes_nothing(site: Site, role: Role) -> None:
    with site.client(role) as client:
        for wrong in ("", "wrong"):
            client.headers["X-CSRF-Token"] = wrong
            for name, needed in EXPECTED.items():
                if needed != ANYONE and not name.startswith("GET "):
                    assert code_of(client.request(*_request(name))) == (403, "cross_site"), name
        assert client.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize("said", ["Basic YTpi", "Bearer", "Bearer bwt_none", "bws_none", "Bearer \u00e9"])
def test_a_header_that_is_no_token_lets_nobody_in_even_with_a_cookie(site: Site, said: str) -> None:
    with site.client(Role.ADMIN) as client:
        response = client.get("/api/v1/session", headers={"Authorization": said.encode()})
    assert code_of(response) == (401, "sign_in_needed")


def _client(site: Site, role: Role, by: str) -> AbstractContextManager[httpx.Client]:
    # A new session each time: one of the routes ends it.
    site.bearers[role] = bearer = site.session(role)
    if by == "session":
        return site.client(role)
    caller = site.app.access.sessions.caller(bearer, "")
    return site.client(token=site.app.access.tokens.make(caller, "t", role, timedelta(days=1))[0])


def _request(name: str) -> tuple[str, str]:
    method, path = name.split()
    for part in ("kind", "slug", "id", "number", "session", "version", "plan", "name", "object"):
        path = path.replace(f"{{{part}}}", NAMES.get(part, "nothing"))
    return method, path

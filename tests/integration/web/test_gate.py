"""What holds for every request, whatever its route: hosts, sizes, shapes, headers, how many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from bookward.access.people import People
from bookward.app import App
from bookward.serving import Role
from bookward.web.gate import LARGEST, hosts_of
from bookward.web.routes import Routes, add_routes, require_guarded
from tests.fakes import FakeClock
from tests.integration.web.site import Site, code_of


def test_health_is_told_to_anyone(site: Site) -> None:
    with site.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize("path", ["/healthz", "/api/nowhere", "/api/v1/people", "/page"])
def test_every_answer_has_the_headers_that_keep_browsers_in_bounds(site: Site, path: str) -> None:
    with site.client() as client:
        headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"].replace("style-src-attr 'unsafe-inline'", "")
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in headers


def test_https_is_kept_to_where_people_reach_the_server_by_it(app: App) -> None:
    with Site.running(app, url="https://localhost:8000") as site, site.client() as client:
        assert "strict-transport-security" in client.get("/healthz").headers
        said = {"email": "admin@example.com", "password": "correct horse battery"}
        cookie = client.post("/api/v1/session", json=said).headers["set-cookie"]
    assert "Secure" in cookie


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "localhost.evil.example", "[::2]"])
def test_a_host_that_is_not_ours_is_refused(site: Site, host: str) -> None:
    with site.client() as client:
        assert code_of(client.get("/healthz", headers={"host": host})) == (421, "host_refused")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_the_machines_own_names_are_ours(site: Site, host: str) -> None:
    with site.client() as client:
        assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_names_are_those_of_the_machine_of_what_is_bound_and_those_given() -> None:
    own = {"localhost", "127.0.0.1", "::1"}
    assert hosts_of("0.0.0.0", ["books.lan"]) == own | {"books.lan"}
    assert hosts_of("10.0.0.5", []) == own | {"10.0.0.5"}
    assert hosts_of("books.lan", []) == own | {"books.lan"}


def test_an_address_or_method_that_is_none_has_the_one_shape(site: Site) -> None:
    with site.client(Role.ADMIN) as client:
        assert code_of(client.get("/api/nowhere")) == (404, "route_unknown")
        refused = client.put("/api/v1/people")
        assert code_of(refused) == (405, "method_refused")
        assert "GET" in refused.headers["allow"]


BROKEN = [b"", b"{", b"[]", b'"\xff"', b'{"email": 1}', b'{"a": NaN}', b"[" * 100_000]


@pytest.mark.parametrize("body", BROKEN)
def test_a_body_that_is_none_has_the_one_shape_and_is_not_repeated(site: Site, body: bytes) -> None:
    with site.client() as client:
        response = client.post("/api/v1/session", content=body, headers={"content-type": "application/json"})
    assert code_of(response) == (422, "request_invalid")
    assert response.json()["error"]["problems"]


def test_a_password_is_not_said_again_when_the_request_is_wrong(site: Site) -> None:
    with site.client() as client:
        response = client.post("/api/v1/session", json={"email": ["hunter2"], "password": {"x": "hunter2"}})
    assert response.status_code == 422
    assert "hunter2" not in response.text


def test_what_is_too_large_is_refused_by_its_length_and_by_its_bytes(site: Site) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(LARGEST // 65536 + 2):
            yield b" " * 65536

    json = {"content-type": "application/json"}
    with site.client() as client:
        said = client.post("/api/v1/session", content=b" " * (LARGEST + 1), headers=json)
        unsaid = client.post("/api/v1/session", content=parts(), headers=json)
    assert code_of(said) == code_of(unsaid) == (413, "request_too_large")


@pytest.mark.parametrize("site_said", ["cross-site", "same-site"])
def test_a_form_of_another_site_changes_nothing(site: Site, site_said: str) -> None:
    with site.client(Role.ADMIN) as client:
        response = client.delete("/api/v1/session", headers={"sec-fetch-site": site_said})
        assert code_of(response) == (403, "cross_site")
        assert client.get("/api/v1/session", headers={"sec-fetch-site": site_said}).status_code == 200


def test_a_fault_tells_its_kind_and_not_its_text(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError("row of Acme Ltd")

    monkeypatch.setattr(People, "any", fails)
    with site.client() as client:
        response = client.get("/readyz")
    assert code_of(response) == (500, "fault")
    assert "RuntimeError" in response.text
    assert "Acme" not in response.text + caplog.text
    assert response.headers["cache-control"] == "no-store"


def test_who_asks_too_often_waits(app: App, clock: FakeClock) -> None:
    with Site.running(app, requests_a_minute=5) as site, site.client(Role.VIEWER) as client:
        left = [client.get("/api/v1/session").headers["ratelimit-remaining"] for _ in range(5)]
        refused = client.get("/api/v1/session")
        assert (left, code_of(refused)) == (["4", "3", "2", "1", "0"], (429, "too_many_requests"))
        assert refused.headers["retry-after"] == "60"
        with site.client(Role.EDITOR) as another:
            assert another.get("/api/v1/session").status_code == 200
        clock.jump(minutes=1)
        assert client.get("/api/v1/session").headers["ratelimit-limit"] == "5"


def test_who_tries_tokens_waits(app: App) -> None:
    with Site.running(app, requests_a_minute=3) as site, site.client(token="bwt_guess") as client:
        codes = [client.get("/api/v1/people").status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]


def test_a_route_without_a_role_stops_the_start() -> None:
    routes = Routes("x")
    with pytest.raises(TypeError, match="needs"):
        routes.route("GET", "/x")  # type: ignore[call-arg]
    api = FastAPI()
    add_routes(api, "", ())
    with pytest.raises(TypeError, match="/plain"):
        api.router.add_api_route("/plain", lambda: None)
    bare = FastAPI(openapi_url=None)
    bare.add_route("/bare", lambda _: PlainTextResponse(""))
    with pytest.raises(TypeError, match="/bare"):
        require_guarded(bare.router.routes)


def test_any_host_can_be_allowed(app: App) -> None:
    with Site.running(app, hosts=["*"]) as site, site.client() as client:
        assert client.get("/healthz", headers={"host": "any.example"}).status_code == 200


@pytest.mark.parametrize("query", ["who=a&who=b", "whoo=a", "=a", "cursor=%00", "limit=0", "limit=501"])
def test_a_parameter_that_would_be_ignored_is_refused(site: Site, query: str) -> None:
    with site.client(Role.ADMIN) as client:
        assert code_of(client.get(f"/api/v1/audit?{query}")) == (422, "request_invalid")

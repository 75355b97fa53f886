"""Connecting a destination through the API, by a browser that goes to the local Xero and comes back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bookward.app import App
from bookward.demo.xero.consent import approve
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import CUSTOM_APP, DEMO_COMPANY, PKCE_APP, WEB_APP, Company, Options
from bookward.demo.xero.server import LocalXero
from bookward.ports import Tokens
from bookward.serving import Role
from bookward.store.runs import RunState
from tests.fakes import FakeClock
from tests.integration.web.browser import Browser
from tests.integration.web.site import Site, code_of
from tests.integration.world import DESTINATION

OTHER = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Harbour & Sons <Ltd>")
USERS = 20
BOTH = (DEMO_COMPANY.id, OTHER.id)


@pytest.fixture
def xero(clock: FakeClock) -> Iterator[LocalXero]:
    with LocalXero.running(None, clock=clock, options=Options(companies=(DEMO_COMPANY, OTHER))) as running:
        yield running


@pytest.fixture
def environ(xero: LocalXero, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID", WEB_APP.id)
    monkeypatch.setenv("XERO_CLIENT_SECRET", str(WEB_APP.secret))
    monkeypatch.setenv("XERO_URL", xero.url)


@pytest.fixture
def app(root: Path, clock: FakeClock, environ: None) -> Iterator[App]:
    (root / "destinations/xero.yaml").write_text(DESTINATION)
    (root / "models/users.sql").write_text(f"SELECT * FROM users ORDER BY id LIMIT {USERS}")
    with closing(App(root, clock=clock)) as opened:
        yield opened


@pytest.fixture
def browser(site: Site) -> Browser:
    return signed_in(site, Role.ADMIN)


def signed_in(site: Site, role: Role) -> Browser:
    browser = Browser()
    browser.cookie(home(site), "bookward_session", site.session(role))
    return browser


def home(site: Site) -> str:
    """Return the address that people use; Xero knows it, and no other."""
    return site.url.replace("127.0.0.1", "localhost")


def api(site: Site, path: str) -> str:
    return f"{home(site)}/api/v1/{path}"


def begun(site: Site, browser: Browser, slug: str = "xero") -> dict[str, Any]:
    response = browser.fetch("POST", api(site, f"destinations/{slug}/connect"))
    assert response.status_code == 201, response.text
    said: dict[str, Any] = response.json()
    return said


def granted(site: Site, browser: Browser, *tenants: str, decision: str = "allow") -> httpx.Response:
    """Begin, press a button on Xero's page, and follow it back."""
    url = begun(site, browser)["url"]
    assert "Allow access" in browser.visit(url, clicked_on=home(site)).text
    form = {"decision": decision, "tenant": list(tenants or (DEMO_COMPANY.id,))}
    return browser.visit(url, clicked_on=url, form=form)


def standing(site: Site, browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = browser.fetch("GET", api(site, "destinations/xero/connection")).json()
    return found


def entries(site: Site) -> list[tuple[str, str, str]]:
    with site.client(Role.ADMIN) as client:
        found = client.get("/api/v1/audit", params={"target": "destinations/xero"}).json()["items"]
    return [(each["action"], each["who"], each["outcome"]) for each in reversed(found)]


def kept(app: App, slug: str = "xero") -> Tokens:
    tokens = app._wiring.store.vault.load(slug)
    assert tokens is not None
    return tokens


def test_a_browser_goes_to_xero_and_comes_back_and_a_run_works(
    site: Site, browser: Browser, xero: LocalXero
) -> None:
    assert standing(site, browser)["state"] == "disconnected"
    page = granted(site, browser)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "writes to Demo Company (NZ) from now on" in page.text
    assert '<a href="/destinations/xero">' in page.text
    back = browser.asked[-1]
    assert back.url.path == "/api/v1/callback/connect"
    # It came without its session, as browsers do, and nothing is left in it that would let it come again.
    assert "bookward_session" not in back.headers["cookie"]
    assert [name for _, name in browser.cookies] == ["bookward_session"]
    now = standing(site, browser)
    assert (now["state"], now["organisation"]["name"]) == ("connected", "Demo Company (NZ)")
    assert now["timezone"] == "Pacific/Auckland"
    assert now["page"] == f"{xero.url}/"
    assert entries(site) == [
        ("connection.ask", "admin@example.com", "done"),
        ("connection.make", "admin@example.com", "done"),
    ]
    report = site.app.run("users")
    assert (report.run.state, len(xero.contacts())) == (RunState.DONE, USERS), report.run.counts


def test_what_is_left_in_the_browser_says_nothing_and_goes_nowhere_else(site: Site, browser: Browser) -> None:
    said = begun(site, browser)
    assert said["redirect_uri"] == api(site, "callback/connect")
    assert browser.fetch("GET", api(site, "redirect-uri")).json() == {"redirect_uri": said["redirect_uri"]}
    (cookie,) = [each for (_, name), each in browser.cookies.items() if name.startswith("bookward_away_")]
    assert (cookie.same_site, cookie.http_only, cookie.path) == ("lax", True, "/api/v1/callback")
    assert cookie.max_age == "600"
    assert cookie.value not in said["url"]


def test_two_at_once_in_one_browser_do_not_meet(site: Site, browser: Browser) -> None:
    one, two = (begun(site, browser)["url"] for _ in range(2))
    for url in (one, two):
        page = browser.visit(url, clicked_on=url, form={"decision": "allow", "tenant": DEMO_COMPANY.id})
        assert page.status_code == 200


def test_a_visit_that_answers_no_question_is_refused(site: Site, browser: Browser, clock: FakeClock) -> None:
    url = begun(site, browser)["url"]
    back = approve(url)
    site.app.access.departures.leave("elsewhere", url, "the-state", b"{}")

    def refused(address: str, by: Browser = browser) -> bool:
        page = by.visit(address, clicked_on=url)
        return page.status_code == 400 and "Begin again, and stay in one browser" in page.text

    assert refused(api(site, "callback/connect"))
    assert refused(back.replace("state=", "state=x"))
    assert refused(back, signed_in(site, Role.ADMIN))
    assert refused(f"{api(site, 'callback/connect')}?state=the-state&code=x")
    assert standing(site, browser)["state"] == "disconnected"
    assert browser.visit(back, clicked_on=url).status_code == 200
    assert refused(back)
    late = begun(site, browser)["url"]
    back = approve(late)
    clock.jump(minutes=10)
    assert refused(back)


def test_the_state_alone_does_not_let_another_browser_use_it_up(site: Site, browser: Browser) -> None:
    url = begun(site, browser)["url"]
    back = approve(url)
    assert "begun in another browser" in Browser().visit(back, clicked_on=url).text
    assert browser.visit(back, clicked_on=url).status_code == 200


def test_who_is_signed_out_or_no_admin_any_more_connects_nothing(site: Site, browser: Browser) -> None:
    url = begun(site, browser)["url"]
    assert browser.fetch("DELETE", api(site, "session")).status_code == 204
    assert "The session has ended" in browser.visit(approve(url), clicked_on=url).text
    browser = signed_in(site, Role.APPROVER)
    access, person = site.app.access, site.app.access.people.find("approver@example.com").id
    with site.client(Role.ADMIN) as client:
        client.patch(f"/api/v1/people/{person}", json={"role": "admin"}).raise_for_status()
        url = begun(site, browser)["url"]
        client.patch(f"/api/v1/people/{person}", json={"role": "editor"}).raise_for_status()
    assert "yours is editor by now" in browser.visit(approve(url), clicked_on=url).text
    assert access.people.get(person).role is Role.EDITOR
    assert site.app._wiring.store.vault.load("xero") is None


def test_access_that_is_not_granted_changes_nothing(site: Site, browser: Browser) -> None:
    page = granted(site, browser, decision="deny")
    assert page.status_code == 400
    assert "Access was not granted (access_denied)" in page.text
    assert "press the button that allows access" in page.text
    assert entries(site)[-1] == ("connection.make", "admin@example.com", "sign_in_lost")
    assert standing(site, browser)["state"] == "disconnected"


def test_a_code_that_is_too_old_says_what_to_do(site: Site, browser: Browser, clock: FakeClock) -> None:
    url = begun(site, browser)["url"]
    back = approve(url)
    clock.jump(minutes=6)
    page = browser.visit(back, clicked_on=url)
    assert "invalid_grant" in page.text
    assert f"redirect URI {api(site, 'callback/connect')}" in page.text


def test_xero_that_does_not_answer_is_said(site: Site, browser: Browser, xero: LocalXero) -> None:
    url = begun(site, browser)["url"]
    back = approve(url)
    xero.faults.add(Fault(kind=FaultKind.STATUS, path="*/connect/token", times=None))
    assert "Xero" in browser.visit(back, clicked_on=url).text
    assert entries(site)[-1][2] == "remote_unavailable"


def test_of_several_organisations_none_is_taken_by_itself(site: Site, browser: Browser) -> None:
    granted(site, browser)
    before = kept(site.app)
    page = granted(site, browser, *BOTH)
    assert "reaches several organisations" in page.text
    assert "Harbour &amp; Sons &lt;Ltd&gt;" in page.text
    now = standing(site, browser)
    assert {each["id"] for each in now["choices"]} == set(BOTH)
    assert (now["organisation"]["id"], kept(site.app)) == (DEMO_COMPANY.id, before)
    path = api(site, "destinations/xero/organisation")
    assert code_of(browser.fetch("POST", path, json={"id": "elsewhere"})) == (404, "name_unknown")
    chosen = browser.fetch("POST", path, json={"id": OTHER.id}).json()
    assert (chosen["state"], chosen["organisation"]["id"], chosen["choices"]) == ("connected", OTHER.id, [])
    assert kept(site.app).access_token != before.access_token
    assert code_of(browser.fetch("POST", path, json={"id": OTHER.id})) == (404, "name_unknown")
    assert entries(site)[-3:] == [
        ("connection.choose", "admin@example.com", "name_unknown"),
        ("connection.choose", "admin@example.com", "done"),
        ("connection.choose", "admin@example.com", "name_unknown"),
    ]


def test_a_choice_is_there_for_an_hour_and_the_file_may_have_made_it(
    site: Site, browser: Browser, clock: FakeClock, root: Path
) -> None:
    granted(site, browser, *BOTH)
    clock.jump(hours=1)
    assert standing(site, browser)["choices"] == []
    (root / "destinations/xero.yaml").write_text(f"{DESTINATION}organisation: {OTHER.name!r}\n")
    assert "writes to Harbour" in granted(site, browser, *BOTH).text
    assert kept(site.app).tenant_id == OTHER.id
    (root / "destinations/xero.yaml").write_text(f"{DESTINATION}organisation: Nobody\n")
    assert "does not reach the organisation" in granted(site, browser, *BOTH).text
    assert kept(site.app).tenant_id == OTHER.id


def test_an_app_without_a_secret_proves_itself(
    site: Site, browser: Browser, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID", PKCE_APP.id)
    (root / "destinations/xero.yaml").write_text(
        DESTINATION.replace("client_secret: ${XERO_CLIENT_SECRET}\n", "")
    )
    asked = parse_qs(urlsplit(begun(site, browser)["url"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert granted(site, browser).status_code == 200


def test_a_custom_connection_needs_no_browser(
    site: Site, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID", CUSTOM_APP.id)
    monkeypatch.setenv("XERO_CLIENT_SECRET", str(CUSTOM_APP.secret))
    (root / "destinations/xero.yaml").write_text(f"{DESTINATION}grant: client_credentials\n")
    with site.client(Role.ADMIN) as client:
        said = client.post("/api/v1/destinations/xero/connect").json()
    assert (said["url"], said["connection"]["state"]) == (None, "connected")
    assert said["connection"]["organisation"]["id"] == DEMO_COMPANY.id


def test_what_could_not_come_back_is_not_sent(app: App, site: Site, browser: Browser) -> None:
    by_number = browser.fetch  # opened as 127.0.0.1, the cookies would be of another host than the redirect's
    browser.cookie(site.url, "bookward_session", site.session(Role.ADMIN))
    refused = by_number("POST", f"{site.url}/api/v1/destinations/xero/connect")
    assert code_of(refused) == (422, "request_invalid")
    assert f"Open {home(site)} instead" in refused.json()["error"]["remedy"]
    with Site.running(app, url="http://books.lan") as other, other.client(Role.ADMIN) as client:
        refused = client.post("/api/v1/destinations/xero/connect")
    assert code_of(refused) == (500, "setting_invalid")
    assert "BOOKWARD_URL" in refused.json()["error"]["remedy"]


def test_a_token_has_no_browser_and_below_an_admin_nobody_connects(site: Site) -> None:
    with site.client(Role.ADMIN) as client:
        token = client.post("/api/v1/tokens", json={"name": "t", "role": "admin"}).json()["token"]
    with site.client(token=token) as client:
        assert code_of(client.post("/api/v1/destinations/xero/connect")) == (403, "session_needed")
    with site.client(Role.APPROVER) as client:
        assert code_of(client.post("/api/v1/destinations/xero/connect")) == (403, "role_too_low")
        assert client.get("/api/v1/destinations/xero/connection").json()["state"] == "disconnected"


def test_disconnecting_ends_it_on_both_sides(site: Site, browser: Browser, xero: LocalXero) -> None:
    granted(site, browser)
    headers = {"Authorization": f"Bearer {kept(site.app).access_token}"}
    done = browser.fetch("POST", api(site, "destinations/xero/disconnect")).json()
    assert (done["connection_ended"], done["sign_in_revoked"]) == (True, True)
    assert standing(site, browser)["state"] == "disconnected"
    assert httpx.get(f"{xero.url}/connections", headers=headers, trust_env=False).status_code == 401
    again = browser.fetch("POST", api(site, "destinations/xero/disconnect"))
    assert code_of(again) == (409, "not_connected")
    assert entries(site)[-2:] == [
        ("connection.end", "admin@example.com", "done"),
        ("connection.end", "admin@example.com", "not_connected"),
    ]


def test_a_sign_in_that_xero_has_ended_is_shown_as_lost(
    site: Site, browser: Browser, xero: LocalXero, clock: FakeClock
) -> None:
    granted(site, browser)
    form = {"token": str(kept(site.app).refresh_token)}
    app = (WEB_APP.id, str(WEB_APP.secret))
    httpx.post(f"{xero.url}/connect/revocation", data=form, auth=app, trust_env=False)
    clock.jump(hours=1)
    assert standing(site, browser)["state"] == "connected"  # nobody has tried
    browser.fetch("POST", api(site, "destinations/xero/test"))
    now = standing(site, browser)
    assert (now["state"], now["organisation"]["id"]) == ("lost", DEMO_COMPANY.id)
    assert now["lost_at"].startswith("2026-11-02T10:00:00")
    granted(site, browser)
    assert (standing(site, browser)["state"], standing(site, browser)["lost_at"]) == ("connected", None)


def test_a_sign_in_is_not_shown_as_connected_where_its_file_leads_elsewhere(
    site: Site, browser: Browser, root: Path
) -> None:
    granted(site, browser)
    elsewhere = DESTINATION.replace("${XERO_URL}", "http://localhost:1")
    (root / "destinations/xero.yaml").write_text(elsewhere)
    now = standing(site, browser)
    assert (now["state"], now["organisation"]["id"]) == ("elsewhere", DEMO_COMPANY.id)


def test_no_token_is_shown_logged_or_kept_in_clear(
    site: Site, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vault = site.app._wiring.store.vault
    url = begun(site, browser)["url"]
    granted(site, browser)
    granted(site, browser, *BOTH)
    aside, tokens = vault.aside("xero", site.app.clock.now()), kept(site.app)
    assert aside is not None
    asked = [parse_qs(each.url.query.decode()) for each in browser.asked if "callback" in each.url.path]
    codes = [query["code"][0] for query in asked]
    cookies = [
        each.headers["cookie"].partition("=")[2] for each in browser.asked if "callback" in each.url.path
    ]
    secrets = [*codes, *cookies, str(WEB_APP.secret), parse_qs(urlsplit(url).query)["state"][0]]
    for each in (aside, tokens):
        secrets += [each.access_token, str(each.refresh_token)]
    with site.client(Role.ADMIN) as client:
        for path in ("audit", "destinations/xero/connection", "files/destinations/xero", "quotas"):
            browser.answers.append(client.get(f"/api/v1/{path}").text)
    # Uvicorn's log of requests is off; pytest lets it speak all the same.
    spoken = [each for each in caplog.records if not each.name.startswith(("http", "uvicorn.access"))]
    logged = [each.getMessage() for each in spoken]
    own = [text for text in browser.answers if "wants access" not in text and "authorize?" not in text]
    said = "\n".join([*own, *logged])
    assert [each for each in secrets if each in said] == []
    state = site.app._wiring.settings.state
    files = b"".join(file.read_bytes() for file in state.glob("state.db*"))
    assert [each for each in secrets if each.encode() in files] == []

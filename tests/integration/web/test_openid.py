"""Signing in at an OpenID provider: a real one in a process of its own, which can be told to lie."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bookward.app import App
from bookward.errors import SettingInvalid
from bookward.pkce import challenge
from bookward.serving import Role, shell
from tests.fakes import FakeClock
from tests.integration.web.browser import Browser
from tests.integration.web.site import PASSWORD, Site, code_of, email_of
from tests.peers.openid import CLIENT_ID, CLIENT_SECRET, Provider, running_provider


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.tamper()
    return running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))  # the provider's own is real


@pytest.fixture
def serving(
    root: Path, provider: Provider, clock: FakeClock, monkeypatch: Any
) -> Iterator[Callable[..., Site]]:
    """Return what serves the project with the provider and more settings."""
    with ExitStack() as opened:

        def serve(*, people: bool = True, **settings: str) -> Site:
            given = {
                "BOOKWARD_OIDC_ISSUER": provider.url,
                "BOOKWARD_OIDC_CLIENT_ID": CLIENT_ID,
                "BOOKWARD_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            }
            for name, value in (
                given | {f"BOOKWARD_{name}": value for name, value in settings.items()}
            ).items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("XERO_SECRET", "x")
            app = opened.enter_context(closing(App(root, clock=clock)))
            return opened.enter_context(Site.running(app, people=people))

        yield serve


def address(site: Site, path: str) -> str:
    return f"{site.url.replace('127.0.0.1', 'localhost')}/api/v1/{path}"


def left(site: Site, browser: Browser) -> str:
    """Begin; return the provider's address."""
    response = browser.fetch("POST", address(site, "session/openid"))
    assert response.status_code == 201, response.text
    url: str = response.json()["url"]
    return url


def signed_in(site: Site, browser: Browser, subject: str, *, action: str = "authorize") -> httpx.Response:
    """Go to the provider, say there who one is, and follow it back."""
    url = left(site, browser)
    assert browser.visit(url).status_code == 200
    # The provider is another port of the same host here; a real one is another site.
    browser.foreign.add(httpx.URL(url).port or 0)
    return browser.visit(url, clicked_on=url, form={"sub": subject, "action": action})


def me(site: Site, browser: Browser) -> httpx.Response:
    return browser.fetch("GET", address(site, "session"))


def came_in(site: Site, subject: str) -> tuple[str, str]:
    """Sign in in a new browser; return the name and the role that one has then."""
    browser = Browser()
    signed_in(site, browser, subject)
    said = me(site, browser).json()
    return said["name"], said["role"]


def verified(provider: Provider, subject: str, email: str, **more: Any) -> None:
    provider.person(subject, email=email, email_verified=True, **more)


def log(site: Site, action: str) -> list[dict[str, Any]]:
    with site.client(Role.ADMIN) as client:
        found: list[dict[str, Any]] = client.get("/api/v1/audit", params={"action": action}).json()["items"]
    return found


def test_a_person_signs_in_at_the_provider_and_has_a_session_like_any_other(
    serving: Callable[..., Site], provider: Provider
) -> None:
    site, browser = serving(), Browser()
    assert httpx.get(f"{site.url}/api/v1/session/ways").json() == {"passwords": True, "openid": provider.url}
    verified(provider, "s1", email_of(Role.EDITOR).upper(), name="Eddie")
    page = signed_in(site, browser, "s1")
    back, landed = browser.asked[-2:]
    assert (page.status_code, back.url.path, landed.url.path) == (200, "/api/v1/callback/sign-in", "/")
    # As browsers do: where the other site leads, the strict cookie does not go.
    assert "cookie" not in landed.headers
    (session,) = [each for (_, name), each in browser.cookies.items() if name == "bookward_session"]
    assert (session.same_site, session.http_only) == ("strict", True)
    said = me(site, browser).json()
    assert (said["email"], said["role"]) == (email_of(Role.EDITOR), "editor")
    assert browser.fetch("PUT", address(site, "secrets/S"), json={"value": "x"}).status_code == 204
    assert browser.fetch("DELETE", address(site, "session")).status_code == 204
    assert me(site, browser).status_code == 401


def test_the_question_and_the_exchange_are_what_the_standards_ask_for(
    serving: Callable[..., Site], provider: Provider
) -> None:
    site, browser = serving(), Browser()
    verified(provider, "s1", email_of(Role.EDITOR))
    url = left(site, browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid email profile", "S256")
    assert asked["redirect_uri"] == address(site, "callback/sign-in")
    browser.visit(url, clicked_on=url, form={"sub": "s1", "action": "authorize"})
    (sent,) = provider.token_requests()
    assert challenge(sent["code_verifier"]) == asked["code_challenge"]
    user, _, secret = base64.b64decode(sent["authorization"].removeprefix("Basic ")).decode().partition(":")
    assert (user, secret) == (CLIENT_ID, "provider%20s3cret%3A%20with%20%2F%20and%20%25")
    assert "client_secret" not in sent


LIES: dict[str, dict[str, Any]] = {
    "another question": {"claims": {"nonce": "of another"}},
    "no question": {"claims": {"nonce": None}},
    "another client": {"claims": {"aud": "somebody else"}},
    "others as well": {"claims": {"aud": [CLIENT_ID, "somebody else"]}},
    "another provider": {"claims": {"iss": "https://elsewhere.example.com"}},
    "over": {"claims": {"exp": 1_700_000_000}},
    "without an end": {"claims": {"exp": None}},
    "nobody": {"claims": {"sub": ""}},
    "unsigned": {"alg": "none"},
    "signed with what everybody knows": {"alg": "HS256"},
    "signed by a stranger": {"stranger": True},
}


def test_a_lie_lets_nobody_in(serving: Callable[..., Site], provider: Provider) -> None:
    site, browser = serving(), Browser()
    verified(provider, "s1", email_of(Role.ADMIN))
    for lie, wrong in LIES.items():
        provider.tamper(**wrong)
        page = signed_in(site, browser, "s1")
        assert page.status_code == 400, lie
        assert "no true answer" in page.text or "not signed with any of its keys" in page.text, lie
    assert me(site, browser).status_code == 401
    provider.tamper()
    assert signed_in(site, browser, "s1").status_code == 200


def test_a_clock_that_is_a_little_off_is_forgiven_and_an_old_answer_is_not(
    serving: Callable[..., Site], provider: Provider, clock: FakeClock
) -> None:
    site = serving()
    verified(provider, "s1", email_of(Role.EDITOR))
    clock.jump(seconds=3600 + 30)  # the provider's tokens live for an hour
    assert signed_in(site, Browser(), "s1").status_code == 200
    clock.jump(seconds=60)
    assert "no true answer" in signed_in(site, Browser(), "s1").text


@pytest.mark.parametrize("nameless", [False, True])
def test_keys_are_changed_under_way(serving: Callable[..., Site], provider: Provider, nameless: bool) -> None:
    site = serving()
    verified(provider, "s1", email_of(Role.EDITOR))
    provider.tamper(nameless=nameless)
    assert signed_in(site, Browser(), "s1").status_code == 200
    provider.tamper(nameless=nameless, rotate=True)
    assert signed_in(site, Browser(), "s1").status_code == 200


def test_only_who_is_known_by_a_verified_email_is_let_in(
    serving: Callable[..., Site], provider: Provider
) -> None:
    site, browser = serving(OIDC_DOMAINS="example.com, Example.ORG"), Browser()
    verified(provider, "stranger", "stranger@example.com")
    provider.person("unverified", email=email_of(Role.ADMIN), email_verified=False)
    provider.person("silent", email=email_of(Role.ADMIN))
    provider.person("nameless", email_verified=True)
    verified(provider, "outside", "admin@example.com.evil.test")
    for subject, why in {
        "stranger": "Nobody has invited stranger@example.com.",
        "unverified": "does not say that admin@example.com is verified",
        "silent": "does not say that admin@example.com is verified",
        "nameless": "does not say your e-mail",
        "outside": "are not let in here",
    }.items():
        page = signed_in(site, browser, subject)
        assert (page.status_code, why in page.text) == (400, True), page.text
        assert me(site, browser).status_code == 401
    noted = log(site, "session.refuse")
    assert [(each["who"], each["via"], each["outcome"]) for each in noted][-1] == (
        "stranger@example.com", "openid", "sign_in_refused",
    )  # fmt: skip
    assert len(noted) == 5


def test_who_is_disabled_stays_out(serving: Callable[..., Site], provider: Provider) -> None:
    site, browser = serving(), Browser()
    verified(provider, "s1", email_of(Role.EDITOR))
    signed_in(site, browser, "s1")
    person = site.app.access.people.find(email_of(Role.EDITOR)).id
    with site.client(Role.ADMIN) as client:
        client.patch(f"/api/v1/people/{person}", json={"disabled": True}).raise_for_status()
        assert me(site, browser).status_code == 401
        assert "is disabled" in signed_in(site, browser, "s1").text
        client.patch(f"/api/v1/people/{person}", json={"disabled": False}).raise_for_status()
    assert signed_in(site, browser, "s1").status_code == 200


def test_an_invitation_is_taken_up_at_the_provider(serving: Callable[..., Site], provider: Provider) -> None:
    site = serving()
    verified(provider, "s2", "Ben@example.com", name="Ben  Roe")
    with site.client(Role.ADMIN) as client:
        invited = {"email": "ben@example.com", "role": "approver"}
        client.post("/api/v1/invitations", json=invited).raise_for_status()
        assert came_in(site, "s2") == ("Ben Roe", "approver")
        assert client.get("/api/v1/invitations").json()["items"] == []
    (joined,) = [each for each in log(site, "person.join") if each["who"] == "ben@example.com"]
    assert joined["via"] == "openid"
    # Who has no password does not sign in with one, whatever it is.
    for password in ("", "the password of nobody"):
        said = {"email": "ben@example.com", "password": password}
        assert code_of(httpx.post(f"{site.url}/api/v1/session", json=said))[1] == "sign_in_refused"


def test_an_email_that_another_account_has_by_now_is_not_the_person(
    serving: Callable[..., Site], provider: Provider
) -> None:
    site = serving()
    verified(provider, "first", email_of(Role.EDITOR))
    verified(provider, "second", email_of(Role.EDITOR))
    assert signed_in(site, Browser(), "first").status_code == 200
    assert "another account at the provider" in signed_in(site, Browser(), "second").text
    verified(provider, "first", "renamed@example.com")
    assert came_in(site, "first") == ("Editor", "editor")
    person = site.app.access.people.find(email_of(Role.EDITOR))
    secret, _ = site.app.access.links.reset(shell("root"), person.id)
    site.app.access.links.accept(secret, "another one altogether")
    assert signed_in(site, Browser(), "second").status_code == 200


def test_newcomers_and_roles_by_a_claim(serving: Callable[..., Site], provider: Provider) -> None:
    site = serving(OIDC_NEWCOMERS="viewer", OIDC_ROLES="groups: Finance team=approver, it=admin")
    verified(provider, "s3", "cy@example.com", name="Cy")
    assert came_in(site, "s3") == ("Cy", "viewer")
    verified(provider, "s3", "cy@example.com", groups=["staff", "Finance team", "it"])
    assert came_in(site, "s3") == ("Cy", "admin")
    verified(provider, "s3", "cy@example.com", groups="Finance team")
    assert came_in(site, "s3") == ("Cy", "approver")
    verified(provider, "s3", "cy@example.com")
    assert came_in(site, "s3") == ("Cy", "approver")
    changes = [each["after"]["role"] for each in log(site, "person.change")]
    assert changes == ["approver", "admin"]
    verified(provider, "boss", email_of(Role.ADMIN), groups=["Finance team"])  # the last admin stays one
    assert came_in(site, "boss") == ("Admin", "admin")


def test_before_there_is_an_admin_newcomers_wait(serving: Callable[..., Site], provider: Provider) -> None:
    site = serving(people=False, OIDC_NEWCOMERS="viewer")
    verified(provider, "s4", "di@example.com")
    assert "There is no admin yet" in signed_in(site, Browser(), "s4").text
    assert site.app.access.links.first(shell("root")) is not None


def test_without_passwords_only_the_provider_and_links_for_admins_let_in(
    serving: Callable[..., Site], provider: Provider
) -> None:
    site, browser = serving(PASSWORDS="off"), Browser()
    assert browser.fetch("GET", address(site, "session/ways")).json()["passwords"] is False
    said = {"email": email_of(Role.ADMIN), "password": PASSWORD}
    refused = browser.fetch("POST", address(site, "session"), json=said)
    assert code_of(refused) == (401, "sign_in_refused")
    access = site.app.access
    for role in (Role.EDITOR, Role.ADMIN):
        secret, _ = access.links.reset(shell("root"), access.people.find(email_of(role)).id)
        said = {"secret": secret, "password": "another one altogether"}
        joined = browser.fetch("POST", address(site, "join"), json=said)
        assert joined.status_code == (201 if role is Role.ADMIN else 401)
    assert me(site, browser).json()["email"] == email_of(Role.ADMIN)


def test_what_comes_back_wrong_is_refused(
    serving: Callable[..., Site], provider: Provider, clock: FakeClock
) -> None:
    site, browser = serving(), Browser()
    verified(provider, "s1", email_of(Role.EDITOR))
    assert "did not sign you in (access_denied)" in signed_in(site, browser, "s1", action="deny").text
    assert signed_in(site, browser, "s1").status_code == 200
    once = str(browser.asked[-2].url)
    assert "is not known, was used already" in browser.visit(once).text
    state = parse_qs(urlsplit(left(site, browser)).query)["state"][0]
    made_up = f"{address(site, 'callback/sign-in')}?code=made-up&state={state}"
    assert "begun in another browser" in Browser().visit(made_up).text
    assert "invalid_grant" in browser.visit(made_up).text
    url = left(site, browser)
    clock.jump(minutes=10)
    late = browser.visit(url, clicked_on=url, form={"sub": "s1", "action": "authorize"})
    assert "has taken too long" in late.text


def test_a_provider_that_is_away_or_another_one_is_said(
    serving: Callable[..., Site], provider: Provider, clock: FakeClock
) -> None:
    site, browser = serving(), Browser()
    begin = lambda: browser.fetch("POST", address(site, "session/openid"))  # noqa: E731
    provider.tamper(down=True)
    assert code_of(begin()) == (503, "provider_unavailable")
    provider.tamper(metadata={"issuer": "https://elsewhere.example.com"})
    refused = begin()
    assert code_of(refused) == (500, "setting_invalid")
    assert "'https://elsewhere.example.com'" in refused.json()["error"]["message"]
    provider.tamper(metadata={"token_endpoint": "http://elsewhere.example.com/token"})
    assert code_of(begin()) == (503, "provider_unavailable")
    provider.tamper(metadata={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    verified(provider, "s1", email_of(Role.EDITOR))
    assert signed_in(site, browser, "s1").status_code == 200
    assert provider.token_requests()[0]["client_secret"] == CLIENT_SECRET
    provider.tamper(claims={"email": None, "email_verified": None})  # said at its other place only
    assert signed_in(site, Browser(), "s1").status_code == 200


def test_no_secret_is_shown_logged_or_kept_in_clear(
    serving: Callable[..., Site], provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site, browser = serving(), Browser()
    verified(provider, "s1", email_of(Role.EDITOR))
    asked = parse_qs(urlsplit(left(site, browser)).query)
    signed_in(site, browser, "s1")
    secrets = [
        CLIENT_SECRET,
        asked["nonce"][0],
        asked["state"][0],
        provider.token_requests()[0]["code_verifier"],
    ]
    said = [text for text in browser.answers if "authorize?" not in text and "<form" not in text]
    spoken = [each for each in caplog.records if not each.name.startswith(("http", "uvicorn.access"))]
    said += [each.getMessage() for each in spoken]
    assert [each for each in secrets if each in "\n".join(said)] == []
    state = site.app._wiring.settings.state
    files = b"".join(file.read_bytes() for file in state.glob("state.db*"))
    assert [each for each in secrets if each.encode() in files] == []


@pytest.mark.parametrize("name", ["OIDC_NEWCOMERS", "OIDC_ROLES"])
def test_a_role_that_there_is_not_stops_the_start(serving: Callable[..., Site], name: str) -> None:
    with pytest.raises(SettingInvalid, match=f"BOOKWARD_{name} names the role 'boss'"):
        serving(**{name: "groups: it=boss" if name == "OIDC_ROLES" else "boss"})

"""A real browser is sent to another site and comes back: what its rules on cookies let through is enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, Office
from tests.integration.web.site import make_project
from tests.integration.web.test_process import secret_of, serving
from tests.peers.openid import CLIENT_ID, CLIENT_SECRET, running_provider

BEGIN = """async ([path, csrf]) => {
    const answer = await fetch(path, {method: "POST", headers: {"X-CSRF-Token": csrf}});
    location.href = (await answer.json()).url;
}"""


@pytest.mark.usefixtures("office")
def test_xero_sends_the_browser_back_and_the_destination_is_connected(
    page_of: Callable[[str | None], Page], office: Office
) -> None:
    page = page_of("admin")
    page.goto("/destinations/xero-demo")
    csrf = page.evaluate("async () => (await (await fetch('/api/v1/session')).json()).csrf")
    office.admin.post("/destinations/xero-demo/disconnect").raise_for_status()
    page.evaluate(BEGIN, ["/api/v1/destinations/xero-demo/connect", csrf])
    page.get_by_role("button", name="Allow access").click()
    expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    assert office.admin.get("/destinations/xero-demo/connection").json()["state"] == "connected"
    page.get_by_role("link", name="Go on in Bookward").click()
    page.wait_for_url("**/destinations/xero-demo")
    expect(page.get_by_role("button", name="Account of Ana Lima")).to_be_visible()


def test_a_provider_sends_the_browser_back_signed_in(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_project(tmp_path / "books")
    monkeypatch.setenv("XERO_SECRET", "x")
    with running_provider() as provider:
        # By number, it is another site than the server is by name.
        issuer = provider.url.replace("localhost", "127.0.0.1")
        monkeypatch.setenv("BOOKWARD_OIDC_ISSUER", issuer)
        monkeypatch.setenv("BOOKWARD_OIDC_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("BOOKWARD_OIDC_CLIENT_SECRET", CLIENT_SECRET)
        provider.person("s1", email="ana@example.com", email_verified=True)
        with serving(root) as process, browser.new_context(base_url=process.url) as context:
            said = {"secret": secret_of(process.first_admin), "email": "ana@example.com", "name": "Ana Lima"}
            joined = httpx.post(f"{process.url}/api/v1/join", json=said | {"password": PASSWORD})
            joined.raise_for_status()
            page = context.new_page()
            page.goto("/sign-in")
            page.evaluate(BEGIN, ["/api/v1/session/openid", ""])
            page.locator("input[name=sub]").fill("s1")
            page.get_by_role("button", name="Authorize").click()
            expect(page.get_by_role("heading", name="Overview")).to_be_visible()
            assert {each["sameSite"] for each in context.cookies()} == {"Strict"}

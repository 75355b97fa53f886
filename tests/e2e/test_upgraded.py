"""A page that is still open after an upgrade asks for parts that are gone, and is loaded anew."""

from __future__ import annotations

from contextlib import closing

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import PASSWORD, Office


def test_a_page_of_which_a_part_is_gone_is_loaded_anew(browser: Browser, office: Office) -> None:
    # With a context of its own, since the browser rightly complains here.
    with closing(browser.new_context(base_url=office.url)) as context:
        said = {"email": "viewer@example.com", "password": PASSWORD}
        assert context.request.post("/api/v1/session", data=said).ok
        page = context.new_page()
        page.goto("/")
        parts = "**/assets/RunsPage-*.js"
        page.route(parts, lambda route: route.continue_(url=f"{office.url}/assets/RunsPage-of-yesterday.js"))
        page.get_by_role("link", name="Runs", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("This page could not be loaded whole")
        page.unroute(parts)
        page.get_by_role("button", name="Load it anew").click()
        expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()

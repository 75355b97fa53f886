"""A source and a destination are added as a newcomer would click it."""

from __future__ import annotations

from collections.abc import Callable

from dotenv import dotenv_values
from playwright.sync_api import Page, expect

from bookward.demo.xero.options import WEB_APP
from tests.e2e.conftest import Office

PageOf = Callable[[str | None], Page]


def taken_away(office: Office, slug: str) -> None:
    """Delete a source: other tests choose among those that are there."""
    as_seen = {"If-Match": office.admin.get(f"/files/sources/{slug}").headers["ETag"]}
    office.admin.delete(f"/files/sources/{slug}", headers=as_seen).raise_for_status()


def test_a_source_is_chosen_tested_and_named(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/sources")
    page.get_by_role("link", name="Add source").click()
    page.get_by_role("radio", name="The sample warehouse").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="More settings").click()
    page.get_by_role("textbox", name="Path").fill("second.duckdb")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("status").get_by_label("good").first).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Second Warehouse")
    assert page.get_by_label("Slug").input_value() == "second-warehouse"
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="second-warehouse")).to_be_visible()
    saved = office.admin.get("/files/sources/second-warehouse").json()
    assert saved["values"] == {"type": "sample", "path": "second.duckdb"}
    taken_away(office, "second-warehouse")


def test_a_password_is_sealed_and_the_check_that_fails_says_what_to_do(
    page_of: PageOf, office: Office
) -> None:
    page = page_of("editor")
    page.goto("/sources/new")
    page.get_by_role("radio", name="PostgreSQL").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Host").fill("127.0.0.1")
    page.get_by_role("textbox", name="Database").fill("analytics")
    page.get_by_role("textbox", name="User").fill("bookward")
    page.get_by_role("textbox", name="Password").fill("a word that nobody reads")
    page.get_by_role("button", name="More settings").click()
    page.get_by_role("textbox", name="Port").fill("1")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("status").get_by_label("failed")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Closed")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="closed")).to_be_visible()
    saved = office.admin.get("/files/sources/closed").json()
    assert saved["values"]["password"] == "${CLOSED_PASSWORD}"
    assert "CLOSED_PASSWORD" in {each["name"] for each in office.admin.get("/secrets").json()["items"]}
    assert "a word that nobody reads" not in (office.root / "sources" / "closed.yaml").read_text()
    taken_away(office, "closed")


def test_xero_is_chosen_authorised_and_named(page_of: PageOf, office: Office) -> None:
    page = page_of("admin")
    page.goto("/")
    page.get_by_role("link", name="Destinations").click()
    page.get_by_role("link", name="Add destination").click()
    page.get_by_role("radio", name="Xero").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Client ID").fill(WEB_APP.id)
    page.get_by_role("textbox", name="Client secret").fill(str(WEB_APP.secret))
    page.get_by_role("button", name="More settings").click()
    page.get_by_role("textbox", name="Base URL").fill(str(dotenv_values(office.root / ".env")["XERO_URL"]))
    page.get_by_role("button", name="Authorise at Xero").click()
    page.get_by_role("button", name="Allow access").click()
    page.get_by_role("link", name="Go on in Bookward").click()
    expect(page.get_by_text("Connected to Demo Company (NZ)")).to_be_visible()
    page.get_by_label("Name").fill("Xero Production")
    assert page.get_by_label("Slug").input_value() == "xero-production"
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="xero-production")).to_be_visible()
    expect(page.get_by_text("Connected to Demo Company (NZ)")).to_be_visible()
    assert "new-xero" not in office.admin.get("/files/destinations").json()["items"]
    saved = office.admin.get("/files/destinations/xero-production").json()
    assert saved["values"]["client_secret"] == "${NEW_XERO_CLIENT_SECRET}"
    assert office.admin.get("/destinations/xero-production/connection").json()["state"] == "connected"

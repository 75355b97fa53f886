"""A source and a destination are added as a newcomer would click it."""

from __future__ import annotations

from collections.abc import Callable

from dotenv import dotenv_values
from playwright.sync_api import Page, expect

from bookward.demo.xero.options import DEMO_COMPANY, WEB_APP, Company, Options
from bookward.demo.xero.server import LocalXero
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
    assert saved["values"] == {"type": "sample", "path": "second.duckdb", "title": "Second Warehouse"}
    taken_away(office, "second-warehouse")


def test_a_password_is_sealed_and_the_check_that_fails_says_what_to_do(
    page_of: PageOf, office: Office
) -> None:
    page = page_of("editor")
    page.goto("/sources/new")
    expect(page.get_by_role("radio").first).to_be_visible()
    shown = page.get_by_role("radio").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert "PostgreSQL" in shown
    assert shown == sorted(shown, key=str.lower)
    page.get_by_label("Find a kind").fill("postg")
    expect(page.get_by_role("radio")).to_have_count(1)
    page.get_by_role("radio", name="PostgreSQL").click()
    page.get_by_role("button", name="Continue").click()
    host, port = (page.get_by_role("textbox", name=name, exact=True) for name in ("Host", "Port"))
    expect(host).to_have_attribute("required", "")
    expect(page.get_by_label("CA certificate (sslrootcert)")).to_be_hidden()
    host.fill("127.0.0.1")
    port.fill("1")
    page.get_by_role("textbox", name="Database").fill("analytics")
    page.get_by_role("textbox", name="User").fill("bookward")
    page.get_by_role("textbox", name="Password").fill("a word that nobody reads")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("status").get_by_label("failed")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("The source cannot be reached at 127.0.0.1")
    page.get_by_role("button", name="More settings").click()
    expect(page.get_by_label("CA certificate (sslrootcert)")).to_be_visible()
    page.get_by_role("button", name="Continue all the same").click()
    page.get_by_label("Name").fill("Closed")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="closed")).to_be_visible()
    saved = office.admin.get("/files/sources/closed").json()
    assert saved["values"]["password"] == "${CLOSED_PASSWORD}"
    assert "CLOSED_PASSWORD" in {each["name"] for each in office.admin.get("/secrets").json()["items"]}
    assert "a word that nobody reads" not in (office.root / "sources" / "closed.yaml").read_text()
    taken_away(office, "closed")


def to_xero(page: Page, office: Office, url: str = "") -> None:
    """Enter what a new destination is, and go to Xero."""
    page.goto("/destinations")
    page.get_by_role("link", name="Add destination").click()
    page.get_by_role("radio", name="Xero").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(office.admin.get("/redirect-uri").json()["redirect_uri"])).to_be_visible()
    page.get_by_role("textbox", name="Client ID").fill(WEB_APP.id)
    page.get_by_role("textbox", name="Client secret").fill(str(WEB_APP.secret))
    page.get_by_role("button", name="More settings").click()
    xero = url or str(dotenv_values(office.root / ".env")["XERO_URL"])
    page.get_by_role("textbox", name="Base URL").fill(xero)
    page.get_by_role("button", name="Authorise at Xero").click()
    expect(page.get_by_role("button", name="Allow access")).to_be_visible()


def secrets_of(office: Office) -> set[str]:
    return {each["name"] for each in office.admin.get("/secrets").json()["items"]}


def test_xero_is_chosen_authorised_and_named(page_of: PageOf, office: Office) -> None:
    page = page_of("admin")
    to_xero(page, office)
    page.get_by_role("button", name="Allow access").click()
    page.get_by_role("link", name="Go on in Bookward").click()
    expect(page.get_by_text("Connected to Demo Company (NZ)")).to_be_visible()
    page.get_by_label("Name").fill("Xero Production")
    assert page.get_by_label("Slug").input_value() == "xero-production"
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Xero Production xero-production")).to_be_visible()
    expect(page.get_by_text("Connected to Demo Company (NZ)")).to_be_visible()
    assert "new-xero" not in office.admin.get("/files/destinations").json()["items"]
    saved = office.admin.get("/files/destinations/xero-production").json()
    assert saved["values"]["client_secret"] == "${NEW_XERO_CLIENT_SECRET}"
    assert office.admin.get("/destinations/xero-production/connection").json()["state"] == "connected"


def test_a_destination_that_was_left_without_a_name_is_gone_on_with_or_discarded(
    page_of: PageOf, office: Office
) -> None:
    before = secrets_of(office)
    page = page_of("admin")
    to_xero(page, office)
    (made,) = secrets_of(office) - before
    assert made.startswith("NEW_XERO_CLIENT_SECRET")
    page = page_of("admin")  # another browser, another day
    page.goto("/destinations/new")
    begun = page.get_by_role("alert").filter(has_text="Somebody began to add a destination")
    begun.get_by_role("link", name="Go on").click()
    expect(page.get_by_text("Not connected yet.")).to_be_visible()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Allow access").click()
    page.get_by_role("link", name="Go on in Bookward").click()
    expect(page.get_by_text("Connected to Demo Company (NZ)")).to_be_visible()
    page.goto("/destinations/new")
    begun.get_by_role("button", name="Discard").click()
    expect(begun).to_have_count(0)
    assert "new-xero" not in office.admin.get("/files/destinations").json()["items"]
    assert secrets_of(office) == before


def test_of_several_organisations_one_is_chosen_before_the_name(page_of: PageOf, office: Office) -> None:
    other = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Harbour & Sons <Ltd>")
    with LocalXero.running(None, options=Options(companies=(DEMO_COMPANY, other))) as xero:
        page = page_of("admin")
        to_xero(page, office, xero.url)
        page.get_by_label(other.name).check()
        page.get_by_role("button", name="Allow access").click()
        expect(page.get_by_role("heading", name="Choose the organisation")).to_be_visible()
        page.get_by_role("link", name="Go on in Bookward").click()
        expect(page.get_by_label("Name")).to_have_count(0)
        page.get_by_role("combobox", name="Organisation").click()
        page.get_by_role("option", name=other.name).click()
        page.get_by_role("button", name="Choose").click()
        expect(page.get_by_text(f"Connected to {other.name}")).to_be_visible()
        expect(page.get_by_label("Name")).to_be_visible()
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("heading", name="Destinations")).to_be_visible()
    assert "new-xero" not in office.admin.get("/files/destinations").json()["items"]


def test_a_sign_in_that_was_made_at_another_server_is_said_to_be_so(page_of: PageOf, office: Office) -> None:
    file = office.root / "destinations/xero-demo.yaml"
    before = file.read_text()
    assert "${XERO_URL}" in before
    try:
        file.write_text(before.replace("${XERO_URL}", "http://localhost:1"))
        page = page_of("admin")
        page.goto("/destinations/xero-demo")
        expect(
            page.get_by_text("was made at another server than the one that the file names now")
        ).to_be_visible()
    finally:
        file.write_text(before)

"""What became of one row: where it came from, what was sent, when, and by which call."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, selling

PageOf = Callable[[str | None], Page]


def test_an_accepted_row_tells_its_story(page_of: PageOf, office: Office) -> None:
    with selling(office, "telling", price="19.90"):
        run, page = done(office, "runs", "telling"), page_of("editor")
        page.goto(f"/runs/{run}")
        expect(page.get_by_text("Amounts are without the tax that Xero adds.")).to_be_visible()
        page.get_by_label("Search the rows").fill("buyer 2")
        expect(page.get_by_role("row", name="T-1")).to_have_count(0)
        expect(page.get_by_role("row", name="T-2 Buyer 2")).to_contain_text("39.80 NZD")
        page.get_by_role("row", name="T-2").click()
        story = page.get_by_role("dialog")
        expect(story.get_by_role("region", name="The row in the source")).to_contain_text("buyerBuyer 2")
        expect(
            story.get_by_role("region", name="Its lines").get_by_role("row", name="Seat 2")
        ).to_contain_text("19.90")
        expect(story.get_by_role("region", name="What was sent")).to_contain_text('"InvoiceNumber": "T-2"')
        expect(story).to_contain_text("39.80 NZD")
        expect(story).to_contain_text("Amounts are without the tax that Xero adds.")
        expect(story).to_contain_text("accepted")
        expect(story.get_by_role("row", name="When")).to_contain_text("2026")
        story.get_by_role("button", name="Call ").last.click()  # the one before made the contact
        expect(story).to_contain_text("/api.xro/2.0/Invoices")

        page.keyboard.press("Escape")
        page.goto("/syncs/telling?tab=rows")
        page.get_by_role("row", name="T-2").click()
        story = page.get_by_role("dialog", name="Row T-2")
        expect(story.get_by_role("region", name="What was sent")).to_contain_text('"InvoiceNumber": "T-2"')
        story.get_by_role("link", name="Its run").click()
        expect(page.get_by_role("tab", name="API calls")).to_be_visible()

        page = page_of("viewer")
        page.goto(f"/runs/{run}")
        page.get_by_role("row", name="T-2").click()
        story = page.get_by_role("dialog")
        expect(story).to_contain_text("they are shown to editors")
        expect(story).not_to_contain_text("Buyer 2")

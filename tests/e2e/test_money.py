"""A plan of invoices as a bookkeeper reads it: whose they are, and what they come to, before and after."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, only_creating, sell, selling

PageOf = Callable[[str | None], Page]


def test_a_plan_of_invoices_tells_contact_and_money(page_of: PageOf, office: Office) -> None:
    with selling(office, "selling"):
        page = page_of("editor")
        page.goto(f"/syncs/selling/plans/{done(office, 'plans', 'selling')}")
        expect(page.get_by_role("main")).to_contain_text("Books, without added tax7,407,407.34")
        page.get_by_role("button", name="Run this plan").click()
        asked = page.get_by_role("dialog", name="Run this plan")
        expect(asked).to_contain_text("It books 7,407,407.34 NZD, and the tax that Xero adds.")
        page.keyboard.press("Escape")
        expect(asked).to_have_count(0)
        row = page.get_by_role("row", name="S-1")
        expect(row.get_by_role("cell").nth(2)).to_have_text("S-1Buyer 1")
        expect(row.get_by_role("cell").nth(3)).to_have_text("2,469,135.78 NZD")
        row.click()
        drawer = page.get_by_role("dialog")
        expect(drawer).to_contain_text("Amount after2,469,135.78 NZD")
        expect(drawer).to_contain_text("Amounts are without the tax that Xero adds.")
        expect(drawer.get_by_role("row", name="Seat 2")).to_contain_text("1,234,567.89")
        page.keyboard.press("Escape")

        done(office, "runs", "selling")
        sell(office, "selling", price="10.10")
        page.goto(f"/syncs/selling/plans/{done(office, 'plans', 'selling')}")
        expect(page.get_by_role("main")).to_contain_text("-7,407,346.74 NZD7,407,407.34 before, 60.60 after")
        page.get_by_label("Search the operations").fill("buyer 2")
        expect(page.get_by_role("row", name="S-1")).to_have_count(0)
        amount = page.get_by_role("row", name="S-2").get_by_role("cell").nth(3)
        expect(amount).to_have_text("2,469,135.78 NZD20.20 NZD")
        expect(amount.locator(".before")).to_have_text("2,469,135.78 NZD")
        with only_creating(office, "selling-new", "selling"):
            page.goto(f"/syncs/selling-new/plans/{done(office, 'plans', 'selling-new')}")
            left = "3 adopt found in the books, left as they are: nothing is sent"
            expect(page.get_by_role("row", name=left)).to_be_visible()


def test_the_rows_of_a_sync_are_known_by_number_contact_and_money(page_of: PageOf, office: Office) -> None:
    with selling(office, "noted", price="10.00", good=2, most=3):
        done(office, "runs", "noted")
        page = page_of("editor")
        page.goto("/syncs/noted?tab=rows")
        row = page.get_by_role("row", name="N-1")
        expect(row.get_by_role("cell").nth(2)).to_have_text("N-1Buyer 1")
        expect(row.get_by_role("cell").nth(3)).to_have_text("20.00 NZD")
        page.get_by_label("Search the rows").fill("buyer 2")
        expect(row).to_have_count(0)
        expect(page.get_by_role("row", name="N-2")).to_contain_text("Buyer 2")


def test_a_viewer_sees_neither_names_nor_sums(page_of: PageOf, office: Office) -> None:
    with selling(office, "hidden", most=1):
        page = page_of("viewer")
        page.goto(f"/syncs/hidden/plans/{done(office, 'plans', 'hidden')}")
        expect(page.get_by_role("row", name="H-1")).to_be_visible()
        expect(page.get_by_text("Your role does not show what rows say.")).to_be_visible()
        expect(page.get_by_text("Buyer 1")).to_have_count(0)
        expect(page.get_by_role("columnheader", name="Amount")).to_have_count(0)


def test_a_few_rows_of_a_plan_are_run_alone(page_of: PageOf, office: Office) -> None:
    with selling(office, "trying", price="10.00"):
        planned = f"/syncs/trying/plans/{done(office, 'plans', 'trying')}"
        viewing = page_of("viewer")
        viewing.goto(planned)
        expect(viewing.get_by_role("row", name="T-1")).to_be_visible()
        expect(viewing.get_by_role("checkbox", name="Run row")).to_have_count(0)
        page = page_of("editor")
        page.goto(planned)
        for key in ("T-1", "T-2"):
            page.get_by_role("checkbox", name=f"Run row {key}").check()
        page.get_by_role("button", name="Run only these rows").click()
        asked = page.get_by_role("dialog", name="Run only these rows")
        expect(asked).to_contain_text("All other rows are left for the next run.")
        asked.get_by_role("button", name="Run 2 rows").click()
        expect(page.get_by_role("row", name="Done")).to_contain_text("2 chosen rows of 3 changes")
        expect(page.get_by_text("1 row not sent yet")).to_be_visible()
        expect(page.get_by_text("All is well")).to_have_count(0)
        run = office.admin.get("/runs", params={"sync": "trying"}).json()["items"][0]
        assert run["counts"]["rows_accepted"] == 2
        page.goto(planned)
        expect(page.get_by_text("It can no longer be executed: the sync has run since")).to_be_visible()
        expect(page.get_by_role("checkbox", name="Run row T-3")).to_have_count(0)
        page.goto(f"/syncs/trying/plans/{done(office, 'plans', 'trying')}")
        expect(page.get_by_role("checkbox", name="Run row T-3")).to_be_visible()
        expect(page.get_by_role("row", name="T-1")).to_have_count(0)

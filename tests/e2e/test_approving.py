"""A plan that waits: who made it, what became of it, and that it can be discarded."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, selling, write

PageOf = Callable[[str | None], Page]


def test_a_plan_is_discarded_and_another_approved(page_of: PageOf, office: Office) -> None:
    with selling(office, "approving", most=2):
        values = office.admin.get("/files/syncs/approving").json()["values"]
        write(office, "syncs", "approving", values | {"guards": {"max_changes": 1}})
        page = page_of("approver")
        page.goto("/syncs/approving?tab=file")
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_role("dialog", name="Run approving").get_by_role("button", name="Run", exact=True).click()
        told = page.get_by_role("alert").filter(has_text="A plan waits for approval")
        told.get_by_role("link", name="of approving").click()
        parked = page.url.rpartition("/")[2]
        expect(page.get_by_text("Nothing was sent: a guard stopped this run before.")).to_be_visible()
        page.goto("/syncs/approving?tab=history")
        expect(page.get_by_role("status").filter(has_text="A plan waits for approval.")).to_be_visible()
        page.goto("/syncs/approving")
        offers = page.get_by_role("region", name="Plans that can be executed")
        expect(offers).to_contain_text("2 records to write")
        expect(offers).to_contain_text("approver@example.com")
        page.goto(f"/runs/{parked}")
        page.get_by_role("link", name="Look at the plan that waits").click()
        expect(page.get_by_text("made by approver@example.com")).to_be_visible()
        page.get_by_role("button", name="Discard").click()
        asked = page.get_by_role("dialog", name="Discard this plan")
        asked.get_by_label("Why").fill("May is missing.")
        asked.get_by_role("button", name="Discard").click()
        expect(page.get_by_role("status")).to_contain_text(
            "Discarded by approver@example.com: May is missing"
        )
        expect(page.get_by_text("can be executed until")).to_have_count(0)
        expect(page.get_by_role("button", name="Approve and run")).to_have_count(0)

        second = done(office, "runs", "approving")
        page.goto(f"/syncs/approving/plans/{second}")
        page.get_by_role("button", name="Approve and run").click()
        asked = page.get_by_role("dialog", name="Approve this plan")
        asked.get_by_label("I have looked at what is beyond the guards").check()
        asked.get_by_role("button", name="Approve and run").click()
        expect(page.get_by_text("Approved by approver@example.com, run as")).to_be_visible()
        page.goto(f"/syncs/approving/plans/{second}")
        expect(page.get_by_role("status")).to_contain_text("Executed by approver@example.com, run as")
        page.get_by_role("link", name="Executed: see the run").click()
        said = "approved by approver@example.com, plan made by ana@example.com"
        expect(page.get_by_text(said)).to_be_visible()
        page.goto(f"/runs/{parked}")
        expect(page.get_by_text("Discarded by approver@example.com: May is missing")).to_be_visible()

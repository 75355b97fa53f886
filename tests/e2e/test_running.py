from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import USERS, Office

PageOf = Callable[[str | None], Page]
SYNC = "users-to-contacts"


def test_a_plan_a_run_and_those_who_watch(page_of: PageOf, office: Office) -> None:
    """One after the other, for each builds on what the books say then."""
    a_plan_is_looked_at_and_run(page_of)
    a_run_with_nothing_to_do_makes_no_call(page_of, office)
    a_viewer_watches_and_sees_nobody_s_data(page_of, office)


def a_plan_is_looked_at_and_run(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto(f"/syncs/{SYNC}")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("heading", name=f"Plan of {SYNC}")).to_be_visible()
    expect(page.get_by_role("row", name=f"{USERS:,} insert records to create")).to_be_visible()

    page.get_by_label("Search the operations").fill("42")
    expect(page.get_by_role("cell", name="42", exact=True)).to_be_visible()
    page.get_by_role("cell", name="42", exact=True).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("What is sent")
    expect(drawer).to_contain_text('"ContactNumber"')
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Run this plan").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"{USERS:,} records in")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name=SYNC)).to_be_visible()
    row = page.get_by_role("row", name="Done")
    expect(row).to_contain_text(f"{USERS:,}")
    row.click()
    expect(page.get_by_text("accepted", exact=True).first).to_be_visible()

    page.get_by_role("tab", name="API calls").click()
    page.get_by_role("option").filter(has_text="PUT").first.click()
    call = page.get_by_role("dialog")
    expect(call).to_contain_text('"Contacts"')
    expect(call.get_by_role("button", name="Copy as curl")).to_be_visible()
    page.reload()
    expect(page.get_by_role("tab", name="API calls")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("heading", name="Last runs")).to_be_visible()


def a_run_with_nothing_to_do_makes_no_call(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto(f"/syncs/{SYNC}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("row", name="Done").nth(1)).to_be_visible()
    last = office.admin.get("/runs/last").json()
    assert (last["state"], last["counts"]["calls"]) == ("done", 0)


def a_viewer_watches_and_sees_nobody_s_data(page_of: PageOf, office: Office) -> None:
    first = office.admin.get("/runs", params={"sync": SYNC}).json()["items"][-1]["id"]
    page = page_of("viewer")
    page.goto(f"/runs/{first}?tab=calls")
    page.get_by_role("option").filter(has_text="PUT").first.click()
    call = page.get_by_role("dialog")
    expect(call).to_contain_text("shown to editors")
    expect(call).not_to_contain_text("@")
    page.goto(f"/syncs/{SYNC}")
    expect(page.get_by_role("heading", name="Last runs")).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    page.goto("/settings")
    expect(page.get_by_role("tab", name="Account")).to_be_visible()
    expect(page.get_by_role("tab", name="Audit log")).to_have_count(0)

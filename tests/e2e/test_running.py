from __future__ import annotations

import json
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
    page.get_by_role("button", name="Run", exact=True).click()
    asked = page.get_by_role("dialog", name=f"Run {SYNC}")
    expect(asked).to_contain_text("This sync never ran")
    asked.get_by_role("button", name="Plan first").click()
    expect(page.get_by_role("heading", name=f"Plan of {SYNC}")).to_be_visible()
    expect(page.get_by_role("row", name=f"{USERS:,} insert records to create")).to_be_visible()

    page.get_by_label("Search the operations").fill("42")
    expect(page.get_by_role("cell", name="42", exact=True)).to_be_visible()
    page.get_by_role("cell", name="42", exact=True).click()
    drawer = page.get_by_role("dialog", name="Row")
    expect(drawer).to_contain_text("What is sent")
    expect(drawer).to_contain_text('"ContactNumber"')
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Run this plan").click()
    confirming = page.get_by_role("dialog", name="Run this plan")
    expect(confirming).to_contain_text(f"{USERS:,} records in")
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
    page.keyboard.press("Escape")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="HAR").click()
    assert downloading.value.suggested_filename.endswith(".har")
    entries = json.loads(downloading.value.path().read_text())["log"]["entries"]
    assert any('"Contacts"' in each["request"].get("postData", {}).get("text", "") for each in entries)
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Report").click()
    report = opening.value
    expect(report.get_by_role("heading", name="What became of the rows")).to_be_visible()
    expect(report.get_by_role("row", name=f"insert accepted {USERS:,}")).to_be_visible()
    assert report.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    report.close()

    page.reload()
    expect(page.get_by_role("tab", name="API calls")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("heading", name="Last runs")).to_be_visible()


def a_run_with_nothing_to_do_makes_no_call(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto(f"/syncs/{SYNC}")
    page.get_by_role("button", name="Run", exact=True).click()
    asked = page.get_by_role("dialog", name=f"Run {SYNC}")
    expect(asked).to_contain_text("you see it only afterwards")
    expect(asked).not_to_contain_text("never ran")
    asked.get_by_role("button", name="Back").click()
    expect(asked).to_have_count(0)
    assert len(office.admin.get("/runs", params={"sync": SYNC}).json()["items"]) == 1
    page.get_by_role("button", name="Run", exact=True).click()
    asked.get_by_role("button", name="Run", exact=True).click()
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

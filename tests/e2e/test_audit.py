"""The audit log as an admin reads it: in words, by person and kind, with what was refused told apart."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office

PageOf = Callable[[str | None], Page]


def test_the_log_says_in_words_what_was_done_and_what_was_refused(page_of: PageOf, office: Office) -> None:
    office.admin.post(
        "/invitations", json={"email": "ann@example.com", "role": "approver"}
    ).raise_for_status()
    refused = office.admin.post("/files/models", json={"slug": "no-model", "values": {"source": "nowhere"}})
    assert refused.status_code == 422
    page = page_of("admin")
    page.goto("/settings?tab=audit")
    invited = page.get_by_role("row").filter(has_text="ann@example.com")
    expect(invited).to_contain_text("Made an invitation link for ann@example.com as approver")
    expect(invited).not_to_contain_text("refused")
    made = page.get_by_role("row").filter(has_text="no-model")
    expect(made).to_contain_text("Created model no-model")
    expect(made).to_contain_text("refused")
    page.get_by_role("combobox", name="What").click()
    page.get_by_role("option", name="Invitations").click()
    expect(made).to_have_count(0)
    invited.click()
    said = page.get_by_role("dialog")
    expect(said).to_contain_text("approver")
    said.get_by_role("button", name="All about ann@example.com").click()
    expect(page.get_by_role("button", name="Not only links/")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_the_palette_finds_settings_and_what_can_be_added(page_of: PageOf) -> None:
    page = page_of("admin")
    page.goto("/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.keyboard.press("Control+K")
    sought = page.get_by_role("textbox", name="Go to")
    sought.fill("users contacts")
    expect(page.get_by_role("button", name="users-to-contacts").first).to_be_visible()
    sought.fill("audit")
    page.get_by_role("button", name="Audit log").click()
    expect(page.get_by_role("tab", name="Audit log")).to_have_attribute("aria-selected", "true")
    expect(sought).to_have_count(0)
    page.keyboard.press("Control+K")
    sought.fill("new model")
    page.get_by_role("button", name="Add model").click()
    expect(page.get_by_role("heading", name="Add model")).to_be_visible()

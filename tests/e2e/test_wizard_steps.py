"""Whoever adds something in steps can go back, reload, and leave: nothing is lost without a question."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect

from tests.e2e.test_editing import typed
from tests.e2e.test_wizard import begin, choose

PageOf = Callable[[str | None], Page]


class Answers:
    """What the browser asks, and what it is told: to stay, until somebody wants to leave."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.leaves = False
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        if self.leaves or dialog.type == "beforeunload":
            dialog.accept()
        else:
            dialog.dismiss()


def test_back_forward_and_reload_keep_what_a_sync_says(page_of: PageOf) -> None:
    page = page_of("editor")
    answers = Answers(page)
    begin(page, "users", "contacts")
    choose(page, "A row finds its record by", "ContactNumber")
    choose(page, "which is in the column", "id")
    page.go_back()
    expect(page.get_by_role("radio", name="xero-demo")).to_be_checked()
    page.go_back()
    expect(page.get_by_role("radio", name="users", exact=True)).to_be_checked()
    page.go_forward()
    page.go_forward()
    column = page.get_by_role("combobox", name="which is in the column", exact=True)
    expect(column).to_have_value("id")
    page.reload()
    expect(column).to_have_value("id")
    expect(page.get_by_role("heading", name="Mapping", exact=True)).to_be_visible()
    assert answers.asked == ["beforeunload"]
    page.get_by_role("link", name="Overview").click()
    expect(column).to_have_value("id")
    answers.leaves = True
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert answers.asked == ["beforeunload", "confirm", "confirm"]
    page.goto("/syncs/new")
    expect(page.get_by_role("radio", name="users", exact=True)).not_to_be_checked()


def test_back_and_reload_keep_what_a_model_says(page_of: PageOf) -> None:
    page = page_of("editor")
    answers = Answers(page)
    page.goto("/models")
    page.get_by_role("link", name="Add model").click()
    typed(page, "Query", "SELECT id, name FROM users WHERE id <= 25")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("All 25 rows")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Few")
    page.reload()
    expect(page.get_by_label("Slug")).to_have_value("few")
    expect(page.get_by_role("status")).to_contain_text("The key tells all 25 rows apart.")
    page.go_back()
    expect(page.get_by_role("textbox", name="Query")).to_contain_text("WHERE id <= 25")
    page.go_forward()
    expect(page.get_by_label("Slug")).to_have_value("few")
    answers.leaves = True
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert answers.asked == ["beforeunload", "confirm"]


def test_continue_is_in_sight_under_a_hundred_rows_and_the_keyboard_follows(page_of: PageOf) -> None:
    page = page_of("editor")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/models/new")
    typed(page, "Query", "SELECT * FROM users")
    preview = page.get_by_role("button", name="Preview")
    preview.click()
    expect(page.get_by_text("The first 100 rows")).to_be_visible()
    expect(preview).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Rows")).to_be_focused()
    go_on = page.get_by_role("button", name="Continue")
    expect(go_on).to_be_in_viewport(ratio=1)
    go_on.click()
    expect(page.get_by_role("heading", name="Name and key")).to_be_focused()
    expect(page.get_by_text("Step 2 of 2: Name and key")).to_be_attached()
    expect(page.get_by_label("Name")).to_be_in_viewport(ratio=1)


def test_a_field_that_has_to_have_a_value_holds_continue_back(page_of: PageOf) -> None:
    page = page_of("editor")
    begin(page, "users", "invoices")
    expect(page.get_by_role("heading", name="Mapping", exact=True)).to_be_visible()
    suggest = page.get_by_role("button", name="Suggest mappings")
    suggest.click()
    expect(page.get_by_role("combobox", name="A row finds its record by")).not_to_have_value("")
    expect(suggest).to_be_focused()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Type is required to create a record.")
    expect(page.get_by_role("alert")).not_to_contain_text("new-sync.yaml")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    kind = page.get_by_role("combobox", name="Type value")
    expect(kind).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Finish")).to_have_count(0)


def test_a_destination_says_whose_books_it_writes(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/syncs/new")
    page.get_by_role("radio", name="users", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Destination", exact=True)).to_be_focused()
    expect(page.get_by_role("radio", name="xero-demo")).to_contain_text("Writes to Demo Company (NZ)")

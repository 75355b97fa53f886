"""What a source has stands beside the query, and a click puts a name where the cursor is."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.test_editing import typed
from tests.e2e.test_keyboard import press, reach

PageOf = Callable[[str | None], Page]


def test_names_are_put_where_the_cursor_is(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    query, tables = page.get_by_role("textbox", name="Query"), page.get_by_role("region", name="Tables")
    typed(page, "Query", "SELECT\nFROM")
    tables.get_by_role("button", name="Insert main.users").click()
    expect(query).to_be_focused()
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    tables.get_by_role("button", name="Columns of users").click()
    tables.get_by_role("button", name="Insert email").click()
    page.keyboard.type(", ")
    tables.get_by_label("Find a table or column").fill("NAME")
    tables.get_by_role("button", name="Insert first_name").first.click()
    expect(query.locator(".cm-line")).to_have_text(["SELECT email, first_name", "FROM main.users"])
    expect(tables.get_by_role("button", name="Insert email")).to_have_count(0)


def test_names_are_put_without_a_mouse(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    typed(page, "Query", "SELECT * FROM ")
    press(page, "Insert main.users")
    expect(page.get_by_role("textbox", name="Query")).to_have_text("SELECT * FROM main.users")
    press(page, "Fold the list of tables")
    expect(page.get_by_label("Find a table or column")).to_have_count(0)
    reach(page, page.get_by_role("button", name="Show the list of tables"), "Shift+Tab")


def test_on_a_phone_the_list_is_folded_until_it_is_wanted(page_of: PageOf) -> None:
    page = page_of("editor")
    page.set_viewport_size({"width": 375, "height": 760})
    page.goto("/models/new")
    tables = page.get_by_role("region", name="Tables")
    expect(tables.get_by_role("button", name="Insert main.users")).to_have_count(0)
    tables.get_by_role("button", name="Show the list of tables").click()
    name = tables.get_by_role("button", name="Insert main.users")
    expect(name).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    name.click()
    expect(page.get_by_role("textbox", name="Query")).to_have_text("main.users")

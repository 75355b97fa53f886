"""What a form gets wrong is said at its field, in the form's words; the file is small print."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, selling

PageOf = Callable[[str | None], Page]


def said_at(page: Page, label: str) -> Locator:
    """Return what stands at a field as its error."""
    field = page.get_by_role("textbox", name=label, exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    ids = (field.get_attribute("aria-describedby") or "").split()
    return page.locator(f"[id='{next(each for each in ids if each.endswith('error'))}']")


def test_what_has_no_value_is_said_before_anything_is_asked(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/alerts/new")
    page.get_by_role("radio", name="E-mail", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("User", exact=True)).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("It has no value yet.").first).to_be_visible()
    expect(page.get_by_label("Slug")).to_have_count(0)


def test_a_refused_setting_is_marked_and_its_file_is_small_print(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/sources/warehouse")
    page.get_by_label("Users", exact=True).fill("-5")
    page.get_by_role("button", name="Save").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Users: Must be at least ")
    expect(alert).to_contain_text("sources/warehouse.yaml, line ")
    expect(alert).not_to_contain_text("warehouse.yaml:")
    expect(said_at(page, "Users")).not_to_be_empty()
    page.get_by_role("button", name="Undo all").click()


def test_a_schedule_that_is_none_is_said_at_its_field(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/syncs/users-to-contacts?tab=mapping")
    page.get_by_role("combobox", name="It runs").click()
    page.get_by_role("option", name="Every so often").click()
    page.get_by_label("Interval").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Schedule, Every: ")
    expect(said_at(page, "Interval")).not_to_be_empty()
    page.get_by_role("button", name="Undo all").click()


def test_a_name_that_is_taken_is_said_at_the_name(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/sources/new")
    page.get_by_role("radio", name="sample").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Warehouse")
    page.get_by_role("button", name="Finish").click()
    expect(said_at(page, "Slug")).to_contain_text("There is a source 'warehouse' already.")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert office.admin.get("/files/sources").json()["items"] == ["warehouse"]


def test_without_an_alert_the_form_says_how_to_add_one(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/syncs/users-to-contacts?tab=mapping")
    page.get_by_role("link", name="Add alert").click()
    expect(page.get_by_role("heading", name="Add alert")).to_be_visible()


def test_guards_are_called_alike_in_the_form_and_in_what_is_said_of_them(
    page_of: PageOf, office: Office
) -> None:
    with selling(office, "guarding", price="5.00", good=3, most=3):
        page = page_of("editor")
        page.goto("/syncs/guarding?tab=mapping")
        guards = page.get_by_role("group", name="Guards")
        expect(guards.get_by_label("Most removals")).to_be_visible()
        guards.get_by_label("Largest total amount").fill("much")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Guards, Largest total amount: ")
        expect(said_at(page, "Largest total amount")).not_to_be_empty()
        guards.get_by_label("Largest total amount").fill("29.99")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(re.compile("^Saved"))).to_be_visible()
        page.goto(f"/syncs/guarding/plans/{done(office, 'plans', 'guarding')}")
        expect(page.get_by_text("It moves 30.00 NZD, and “Largest total amount” is 29.99.")).to_be_visible()

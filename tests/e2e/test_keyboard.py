"""A sync is made with the keyboard alone: nothing is clicked."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, selling

PageOf = Callable[[str | None], Page]

MOST = 200  # keys to whatever stands on one page
FOCUSED = "element => element === document.activeElement"


def reach(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press a key until something has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MOST):
        if wanted.evaluate(FOCUSED):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached with {key}.")


def press(page: Page, name: str, role: str = "button") -> None:
    reach(page, page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
    page.keyboard.press("Enter")


def choose(page: Page, label: str, option: str) -> None:
    """Open a list and choose by its letters or by the arrows."""
    box = page.get_by_role("combobox", name=label, exact=True)
    reach(page, box)
    page.keyboard.press("ArrowDown")
    wanted = page.get_by_role("option", name=option).locator("visible=true")
    expect(wanted.first).to_be_visible()
    for _ in range(MOST):
        if wanted.first.get_attribute("data-combobox-selected") is not None:
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value(option)


def test_a_sync_is_made_without_a_mouse(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/syncs")
    press(page, "Add sync", "link")
    for radio in ("users", "xero-demo"):
        reach(page, page.get_by_role("radio", name=radio, exact=True))
        page.keyboard.press("Space")
        press(page, "Continue")
    choose(page, "Object", "contacts")
    press(page, "Suggest mappings")
    expect(page.get_by_role("combobox", name="EmailAddress column", exact=True)).to_have_value("email")
    choose(page, "EmailAddress column", "company")
    choose(page, "EmailAddress column", "email")
    press(page, "Continue")
    reach(page, page.get_by_role("textbox", name="Name", exact=True))
    page.keyboard.type("By Keyboard")
    press(page, "Finish")
    expect(page.get_by_role("heading", name="by-keyboard")).to_be_visible()
    values = office.admin.get("/files/syncs/by-keyboard").json()["values"]
    assert (values["model"], values["object"]) == ("users", "contacts")
    assert values["fields"]["EmailAddress"] == "email"
    seen = {"If-Match": office.admin.get("/files/syncs/by-keyboard").headers["ETag"]}
    office.admin.delete("/files/syncs/by-keyboard", headers=seen).raise_for_status()


def test_a_row_is_opened_and_closed_without_a_mouse(page_of: PageOf, office: Office) -> None:
    with selling(office, "tabbing"):
        plan, page = done(office, "plans", "tabbing"), page_of("editor")
        page.goto(f"/syncs/tabbing/plans/{plan}")
        first, second = (page.get_by_role("row", name=f"T-{n}") for n in (1, 2))
        reach(page, first)
        assert first.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
        page.keyboard.press("ArrowDown")
        for key in ("Enter", "Space"):
            expect(second).to_be_focused()
            page.keyboard.press(key)
            expect(page.get_by_role("dialog")).to_contain_text("Row T-2")
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
        expect(second).to_be_focused()


def test_a_run_its_rows_and_its_calls_are_looked_at_without_a_mouse(page_of: PageOf, office: Office) -> None:
    with selling(office, "keying"):
        run, page = done(office, "runs", "keying"), page_of("editor")
        page.goto("/syncs/keying")
        reach(page, page.get_by_role("row", name="Done").get_by_role("link"))
        page.keyboard.press("Enter")
        row = page.get_by_role("row", name="K-1")
        reach(page, row)
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text("Row K-1")
        page.keyboard.press("Escape")
        expect(row).to_be_focused()
        page.goto(f"/runs/{run}?tab=calls")
        calls = page.get_by_role("listbox", name="API calls")
        reach(page, calls)
        page.keyboard.press("End")
        last = page.get_by_role("option").last
        assert last.get_attribute("id") == calls.get_attribute("aria-activedescendant")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text("/api.xro/2.0/Invoices")
        page.keyboard.press("Escape")
        expect(calls).to_be_focused()

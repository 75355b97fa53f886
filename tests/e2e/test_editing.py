from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office

PageOf = Callable[[str | None], Page]


def typed(page: Page, label: str, text: str) -> None:
    """Put a text in place of an editor's."""
    page.get_by_role("textbox", name=label).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def test_a_query_that_is_none_is_said_before_anything_is_saved(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    typed(page, "Query", "SELECT * FROM nowhere_at_all")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("nowhere_at_all")
    assert "new-model" not in office.admin.get("/files/models").json()["items"]


def test_what_is_wrong_is_said_at_its_line_and_nothing_is_saved(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/models/users?tab=file")
    typed(page, "models/users.yaml", "source: warehouse\nprimary_kye: id\n")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("primary_kye")
    expect(page.get_by_role("alert")).to_contain_text("line 2")
    assert "primary_key" in (office.root / "models" / "users.yaml").read_text()
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_two_editors_never_overwrite_each_other(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/sources/warehouse?tab=file")
    expect(page.get_by_role("textbox", name="sources/warehouse.yaml")).to_be_visible()
    file = office.root / "sources" / "warehouse.yaml"
    before = file.read_text()
    file.write_text(f"# changed in an editor\n{before}")
    typed(page, "sources/warehouse.yaml", f"# changed in the browser\n{before}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Show what is there now")).to_be_visible()
    assert file.read_text().startswith("# changed in an editor")
    page.get_by_role("button", name="Show what is there now").click()
    expect(page.get_by_role("textbox", name="sources/warehouse.yaml")).to_contain_text("changed in an editor")


def test_what_is_not_saved_is_not_lost_by_a_click(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/destinations/xero-demo?tab=file")
    typed(page, "destinations/xero-demo.yaml", "type: xero\n")
    asked = list[str]()

    def stay(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.get_by_role("link", name="Runs").click()
    page.wait_for_timeout(200)
    assert asked == ["What you changed is not saved. Leave it?"]
    assert page.url.endswith("/destinations/xero-demo?tab=file")


def test_what_is_not_saved_is_not_planned(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/syncs/users-to-contacts?tab=file")
    plan = page.get_by_role("button", name="Plan", exact=True)
    expect(plan).to_be_enabled()
    typed(page, "syncs/users-to-contacts.yaml", "model: users\n")
    said = page.get_by_text("Save first, or undo: what is planned and run is the saved file.")
    expect(said).to_be_visible()
    expect(plan).to_be_disabled()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Undo all").click()
    expect(said).to_have_count(0)
    expect(plan).to_be_enabled()


def test_a_connection_is_tested_check_by_check(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/sources/warehouse")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("status").get_by_role("listitem").first).to_be_visible()

"""Whatever the project holds is renamed and deleted in the app: after being asked, and not while in use."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import delete, done, selling, write

PageOf = Callable[[str | None], Page]


def asked(page: Page, slug: str, what: str) -> Locator:
    """Open the menu of an object and choose; return the question."""
    page.get_by_role("button", name=f"More about {slug}").click()
    page.get_by_role("menuitem", name=what).click()
    return page.get_by_role("dialog")


def rename(page: Page, one: str, slug: str, new: str) -> None:
    question = asked(page, slug, f"Rename this {one}")
    question.get_by_label("Slug").fill(new.title())  # as people write names
    question.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name=new, level=1)).to_be_visible()


def test_a_model_in_use_is_not_deleted_and_is_renamed_with_what_names_it(
    page_of: PageOf, office: Office
) -> None:
    with selling(office, "moving", most=2):
        run, page = done(office, "runs", "moving"), page_of("editor")
        page.goto("/models/moving")
        question = asked(page, "moving", "Delete this model")
        expect(question).to_contain_text("Still used by 1 file")
        expect(question.get_by_role("link", name="syncs/moving")).to_be_visible()
        expect(question.get_by_role("button", name="Delete")).to_be_disabled()
        question.get_by_role("button", name="Back").click()
        rename(page, "model", "moving", "moved")
        assert office.admin.get("/files/syncs/moving").json()["values"]["model"] == "moved"

        page.goto("/syncs/moving")
        rename(page, "sync", "moving", "kept")
        expect(page.get_by_role("row", name="Done")).to_be_visible()
        assert office.admin.get(f"/runs/{run}").json()["sync"] == "kept"
        plan = office.admin.get(f"/syncs/kept/plans/{done(office, 'plans', 'kept')}").json()
        assert plan["operations"] == {}

        page.goto("/syncs/moving")
        expect(page.get_by_text("There is no sync moving")).to_be_visible()
        expect(page.get_by_role("link", name="Its runs")).to_be_visible()
        page.goto("/syncs/kept")
        rename(page, "sync", "kept", "moving")
        page.goto("/models/moved")
        rename(page, "model", "moved", "moving")


def test_what_nothing_refers_to_is_deleted_once_somebody_says_so(page_of: PageOf, office: Office) -> None:
    write(office, "models", "unused", {"source": "warehouse", "primary_key": "id", "sql": "SELECT 1 AS id"})
    page = page_of("editor")
    page.goto("/models/unused")
    question = asked(page, "unused", "Delete this model")
    expect(question).to_contain_text("Nothing refers to this model.")
    page.keyboard.press("Escape")
    assert "unused" in office.admin.get("/files/models").json()["items"]
    asked(page, "unused", "Delete this model").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    expect(page.get_by_role("link", name="unused")).to_have_count(0)
    assert "unused" not in office.admin.get("/files/models").json()["items"]
    page.goto("/models/unused")
    expect(page.get_by_text("There is no model unused")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_name_that_is_taken_is_said_where_it_is_asked_for(page_of: PageOf, office: Office) -> None:
    write(office, "models", "second", {"source": "warehouse", "primary_key": "id", "sql": "SELECT 1 AS id"})
    page = page_of("editor")
    page.goto("/models/second")
    question = asked(page, "second", "Rename this model")
    question.get_by_label("Slug").fill("users")
    question.get_by_role("button", name="Rename").click()
    expect(question.get_by_role("alert")).to_contain_text("There is a model 'users' already.")
    delete(office, "models", "second")


def test_who_may_not_has_no_menu(page_of: PageOf) -> None:
    page = page_of("viewer")
    page.goto("/models/users")
    expect(page.get_by_role("heading", name="users", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="More about users")).to_have_count(0)
    page = page_of("editor")
    page.goto("/destinations/xero-demo")
    page.get_by_role("button", name="More about xero-demo").click()
    expect(page.get_by_role("menuitem")).to_have_text(["Delete this destination"])

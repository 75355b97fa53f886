"""Every save is a version: who made it, what it changed, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import delete, write

PageOf = Callable[[str | None], Page]

MODEL = {"source": "warehouse", "primary_key": "id", "sql": "SELECT 1 AS id"}


@pytest.fixture
def remembered(office: Office) -> str:
    """Return the name of a model that was written twice."""
    slug = "remembered"
    write(office, "models", slug, MODEL | {"description": "As it was"})
    write(office, "models", slug, MODEL | {"description": "As it is"})
    return slug


def test_a_version_says_who_and_what_and_is_brought_back(
    page_of: PageOf, office: Office, remembered: str
) -> None:
    page = page_of("editor")
    page.goto(f"/models/{remembered}?tab=history")
    versions = page.get_by_role("tabpanel").locator(".mantine-Timeline-item")
    expect(versions).to_have_count(2)
    expect(versions.first).to_contain_text("Ana Lima")
    versions.first.get_by_role("button", name="Show the change").click()
    change = versions.first.get_by_role("group", name="What changed")
    expect(change.locator(".diff-removed")).to_contain_text("As it was")
    expect(change.locator(".diff-added")).to_contain_text("As it is")
    expect(change).not_to_contain_text("diff --git")

    page.once("dialog", lambda asked: asked.dismiss())
    versions.last.get_by_role("button", name="Back to this version").click()
    expect(versions).to_have_count(2)
    page.once("dialog", lambda asked: asked.accept())
    versions.last.get_by_role("button", name="Back to this version").click()
    expect(versions).to_have_count(3)
    expect(versions.first).to_contain_text("Editor")
    written = office.admin.get(f"/files/models/{remembered}").json()["values"]
    assert written["description"] == "As it was"
    delete(office, "models", remembered)


def test_who_may_only_look_brings_nothing_back(page_of: PageOf, office: Office, remembered: str) -> None:
    page = page_of("viewer")
    page.goto(f"/models/{remembered}?tab=history")
    expect(page.get_by_role("button", name="Show the change").first).to_be_visible()
    expect(page.get_by_role("button", name="Back to this version")).to_have_count(0)
    delete(office, "models", remembered)

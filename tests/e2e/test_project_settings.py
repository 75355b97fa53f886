"""The settings of the project are a form: what is kept, and where its logs go, with their secrets sealed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office

SAVED = re.compile("^Saved")  # and not that what is planned is the saved file

PageOf = Callable[[str | None], Page]


@pytest.fixture(autouse=True)
def _as_before(office: Office) -> Iterator[None]:
    """Leave the project as it was: others look at it too."""
    file = office.root / "project.yaml"
    before = file.read_bytes()
    yield
    file.write_bytes(before)


def test_an_admin_says_what_is_kept_and_where_logs_go(page_of: PageOf, office: Office) -> None:
    file = office.root / "project.yaml"
    file.write_text(f"# ours\n{file.read_text()}")
    page = page_of("admin")
    page.goto("/settings?tab=project")
    page.get_by_label("Calls", exact=True).fill("90")
    page.get_by_label("Outcomes: for ever").check()
    page.get_by_role("combobox", name="They are written").click()
    page.get_by_role("option", name="A PostgreSQL database").click()
    page.get_by_role("textbox", name="URL").fill("postgresql://ana:hush-hush@db/logs")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    values = office.admin.get("/files/project/project").json()["values"]
    assert values == {
        "name": "Demo company",
        "keep": {"calls": 90, "outcomes": None},
        "logs": {"type": "postgres", "url": "${PROJECT_LOGS_URL}"},
    }
    assert file.read_text().startswith("# ours\nname: Demo company\n")
    assert "hush" not in file.read_text()
    page.get_by_role("combobox", name="They are written").click()
    page.get_by_role("option", name="Nowhere").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.get_by_role("button", name="Save").click()
    assert "logs" not in office.admin.get("/files/project/project").json()["values"]
    office.admin.delete("/secrets/PROJECT_LOGS_URL").raise_for_status()


def test_the_repository_of_dbt_is_named_and_its_token_sealed(page_of: PageOf, office: Office) -> None:
    page = page_of("admin")
    page.goto("/settings?tab=project")
    page.get_by_role("combobox", name="Repository").click()
    page.get_by_role("option", name="Named").click()
    page.get_by_role("textbox", name="URL").fill("https://ana:hush-hush@github.com/acme/shop.git")
    page.get_by_role("textbox", name="Token").fill("hush-hush")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("hold no password").first).to_be_visible()
    page.get_by_role("textbox", name="URL").fill("https://github.com/acme/shop.git")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    said = office.admin.get("/files/project/project").json()["values"]["dbt_git"]
    assert said == {"url": "https://github.com/acme/shop.git", "token": "${PROJECT_DBT_GIT_TOKEN}"}
    assert "hush" not in (office.root / "project.yaml").read_text()
    office.admin.delete("/secrets/PROJECT_DBT_GIT_TOKEN")


def test_what_is_wrong_is_said_at_its_field_and_others_have_no_such_form(page_of: PageOf) -> None:
    page = page_of("admin")
    page.goto("/settings?tab=project")
    page.get_by_label("Outcomes: for ever").check()
    page.get_by_role("textbox", name="Name").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Name: It has no value yet.")
    page.get_by_role("button", name="Undo all").click()
    page = page_of("editor")
    page.goto("/settings")
    expect(page.get_by_role("tab", name="Account")).to_be_visible()
    expect(page.get_by_role("tab", name="Project")).to_have_count(0)

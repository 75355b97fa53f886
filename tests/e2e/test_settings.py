"""The settings of a source or destination that is there are changed in a form, as its file says them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.test_connecting import taken_away

SAVED = re.compile("^Saved")  # and not that what is planned is the saved file

PageOf = Callable[[str | None], Page]

LEDGER = {
    "type": "postgres",
    "host": "127.0.0.1",
    "port": 1,
    "database": "books",
    "user": "bookward",
    "password": "${LEDGER_PASSWORD}",
    "description": "The ledger's warehouse",
}


@pytest.fixture
def ledger(office: Office) -> Iterator[Path]:
    """Return the file of a source whose password is sealed."""
    said = {"slug": "ledger", "values": LEDGER, "secrets": {"LEDGER_PASSWORD": "the former word"}}
    office.admin.post("/files/sources", json=said).raise_for_status()
    file = office.root / "sources" / "ledger.yaml"
    file.write_text(f"# who to ask: the data team\n{file.read_text()}")
    yield file
    taken_away(office, "ledger")
    office.admin.delete("/secrets/LEDGER_PASSWORD")


@pytest.fixture
def destination(office: Office) -> Iterator[Path]:
    """Return the file of a destination, which is put back as it was."""
    file = office.root / "destinations" / "xero-demo.yaml"
    before = file.read_text()
    yield file
    file.write_text(before)


def test_what_is_in_the_form_is_tried_and_then_saved(page_of: PageOf, office: Office, ledger: Path) -> None:
    page = page_of("editor")
    page.goto("/sources/ledger")
    expect(page.get_by_text("set, as ${LEDGER_PASSWORD}")).to_be_visible()
    expect(page.get_by_role("textbox", name="Description")).to_have_value("The ledger's warehouse")
    page.get_by_role("textbox", name="Host", exact=True).fill("nowhere.invalid")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("status").get_by_label("failed")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("nowhere.invalid")
    assert "127.0.0.1" in ledger.read_text()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert ledger.read_text().startswith("# who to ask: the data team\n")
    saved = office.admin.get("/files/sources/ledger").json()["values"]
    assert saved == LEDGER | {"host": "nowhere.invalid"}
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_a_sealed_secret_is_replaced_under_its_name(page_of: PageOf, office: Office, ledger: Path) -> None:
    def sealed() -> dict[str, str]:
        found = office.admin.get("/secrets").json()["items"]
        return {each["name"]: each["set_by"] for each in found}

    assert sealed()["LEDGER_PASSWORD"] == "ana@example.com"
    before = ledger.read_text()
    page = page_of("editor")
    page.goto("/sources/ledger")
    page.get_by_role("button", name="Replace Password").click()
    page.get_by_role("button", name="Keep Password").click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("button", name="Replace Password").click()
    page.get_by_role("textbox", name="Password").fill("a word that nobody reads")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("set, as ${LEDGER_PASSWORD}")).to_be_visible()
    assert sealed()["LEDGER_PASSWORD"] == "editor@example.com"
    assert ledger.read_text() == before


def test_what_somebody_else_saved_is_shown_and_not_overwritten(page_of: PageOf, ledger: Path) -> None:
    page = page_of("editor")
    page.goto("/sources/ledger")
    page.get_by_role("textbox", name="Database").fill("mine")
    theirs = ledger.read_text().replace("database: books", "database: theirs")
    ledger.write_text(theirs)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("has changed")
    assert ledger.read_text() == theirs
    page.get_by_role("button", name="Show what is there now").click()
    expect(page.get_by_role("textbox", name="Database")).to_have_value("theirs")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_what_is_wrong_stands_at_its_setting(page_of: PageOf, ledger: Path) -> None:
    before = ledger.read_text()
    page = page_of("editor")
    page.goto("/sources/ledger")
    port = page.get_by_role("textbox", name="Port")
    port.fill("70000")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(port).to_have_attribute("aria-invalid", "true")
    assert ledger.read_text() == before


def test_numbers_keep_their_digits_and_what_no_form_asks_for_stays(
    page_of: PageOf, office: Office, destination: Path
) -> None:
    more = "day_reserve: 0.0200\nblackouts:\n  - {cron: 0 0 31 3 *, hours: 24, reason: closing}\n"
    destination.write_text(destination.read_text() + more)
    office.admin.get("/files/destinations/xero-demo").raise_for_status()
    page = page_of("editor")
    page.goto("/destinations/xero-demo")
    expect(page.get_by_text("The file also says blackouts")).to_be_visible()
    expect(page.get_by_role("textbox", name="Day reserve")).to_have_value("0.0200")
    page.get_by_role("button", name="More settings").click()
    page.get_by_role("textbox", name="Batch size").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert f"{more}batch_size: 20\n" in destination.read_text()


def test_viewers_read_the_file_and_have_no_form(page_of: PageOf, ledger: Path) -> None:
    page = page_of("viewer")
    page.goto("/sources/ledger")
    expect(page.get_by_role("textbox", name="sources/ledger.yaml")).to_contain_text("${LEDGER_PASSWORD}")
    expect(page.get_by_role("tab", name="Settings")).to_have_count(0)
    assert ledger.exists()


def test_a_secret_in_use_is_not_forgotten_without_a_question(page_of: PageOf, ledger: Path) -> None:
    page = page_of("editor")
    page.goto("/settings?tab=secrets")
    row = page.get_by_role("row").filter(has_text="LEDGER_PASSWORD")
    expect(row).to_contain_text("used by sources/ledger")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    row.get_by_role("button", name="Forget").click()
    assert asked == [
        "Forget LEDGER_PASSWORD for good? sources/ledger will not work until it is sealed again."
    ]
    page.reload()
    expect(row).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Forget").click()
    expect(row).to_have_count(0)

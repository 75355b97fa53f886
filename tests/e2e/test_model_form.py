"""A model that is there, changed by the form that it was added with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import QUERY, delete, selling, write
from tests.e2e.test_editing import typed
from tests.e2e.test_wizard import choose

PageOf = Callable[[str | None], Page]

LINES = "SELECT * FROM (VALUES ('A', 1, 'x'), ('A', 2, 'y'), ('B', 1, 'z')) AS t(number, line_no, item)"


@pytest.fixture
def model(office: Office) -> Iterator[str]:
    """A model whose file has comments."""
    text = "# of the shop\nsource: warehouse # read only\nprimary_key: id\ndescription: Everybody.\n"
    (office.root / "models" / "people.sql").write_text("SELECT * FROM users\n")
    (office.root / "models" / "people.yaml").write_text(text)
    yield "people"
    delete(office, "models", "people")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile("^Saved")).last).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_query_and_description_are_changed_and_comments_stay(
    page_of: PageOf, office: Office, model: str
) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    typed(page, "Query", "SELECT id, name, email FROM users WHERE id > 10")
    page.get_by_label("Description").fill("Who signed up.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("columnheader", name="email")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("The key tells all 990 rows apart.")
    save(page)
    folder = office.root / "models"
    assert (folder / "people.sql").read_text() == "SELECT id, name, email FROM users WHERE id > 10"
    assert (folder / "people.yaml").read_text() == (
        "# of the shop\nsource: warehouse # read only\nprimary_key: id\ndescription: Who signed up.\n"
    )


def test_a_key_is_chosen_from_the_columns_and_checked_before_it_is_saved(
    page_of: PageOf, office: Office, model: str
) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    typed(page, "Query", "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (2, 'c')) AS t(id, code)")
    page.get_by_role("button", name="Save").click()  # nobody has looked at the rows: they are read now
    said = page.get_by_role("status")
    expect(said).to_contain_text("2 of 3 rows cannot be synced with this key")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    assert (office.root / "models" / "people.sql").read_text() == "SELECT * FROM users\n"
    choose(page, "Primary key", "code")
    expect(said).to_contain_text("The key tells all 3 rows apart.")
    save(page)
    assert office.admin.get("/files/models/people").json()["values"]["primary_key"] == ["id", "code"]


def test_rows_are_left_out_when_a_person_says_so(page_of: PageOf, office: Office, model: str) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    typed(page, "Query", "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (2, 'c')) AS t(id, code)")
    page.get_by_role("button", name="Preview").click()
    page.get_by_label("Leave these 2 rows out").check()
    save(page)
    assert "VALUES" in office.admin.get("/files/models/people").json()["sql"]


def test_lines_are_proposed_from_the_rows(page_of: PageOf, office: Office, model: str) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    typed(page, "Query", LINES)
    page.get_by_role("combobox", name="Primary key").press("Backspace")
    choose(page, "Primary key", "number")
    page.keyboard.press("Escape")
    page.get_by_label("Rows with one key are the lines of one record").check()
    named = page.get_by_role("region", name="What tells its rows apart")
    expect(named.get_by_text("line_no", exact=True)).to_be_visible()
    save(page)
    assert office.admin.get("/files/models/people").json()["values"] == {
        "source": "warehouse",
        "primary_key": "number",
        "description": "Everybody.",
        "lines": {"order_by": ["line_no"], "columns": ["item"]},
        "sql": LINES,
    }


def test_what_says_something_of_a_line_is_proposed_though_no_row_differs(
    page_of: PageOf, office: Office, model: str
) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    typed(page, "Query", LINES.replace("item)", "what)").replace("*", "*, 'OUTPUT2' AS tax_type"))
    page.get_by_role("combobox", name="Primary key").press("Backspace")
    choose(page, "Primary key", "number")
    page.keyboard.press("Escape")
    page.get_by_label("Rows with one key are the lines of one record").check()
    expect(
        page.get_by_role("region", name="What tells its rows apart").get_by_text("tax_type")
    ).to_be_visible()
    save(page)
    lines = office.admin.get("/files/models/people").json()["values"]["lines"]
    assert lines == {"order_by": ["line_no"], "columns": ["what", "tax_type"]}


def test_a_suggestion_says_what_is_to_be_among_the_lines_first(page_of: PageOf, office: Office) -> None:
    with selling(office, "strays"):
        sql = QUERY.format(prefix="S", price="1.00", good=3, most=4).replace(
            "line,", "line, 'OUTPUT2' AS tax,", 1
        )
        lines = {"order_by": "line", "columns": ["what", "price", "account"]}
        write(
            office,
            "models",
            "strays",
            {"source": "warehouse", "primary_key": "number", "lines": lines, "sql": sql},
        )
        page = page_of("editor")
        page.goto("/syncs/strays?tab=mapping")
        page.get_by_role("button", name="Suggest mappings").click()
        said = page.get_by_role("status").filter(has_text="tax (TaxType) must be among the columns of a line")
        said.get_by_role("link", name="in model strays").click()
        expect(page.get_by_role("heading", name="strays")).to_be_visible()


def test_a_query_becomes_a_table_and_is_still_there_when_chosen_again(
    page_of: PageOf, office: Office, model: str
) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    page.get_by_text("Table", exact=True).click()
    page.get_by_text("SQL query", exact=True).click()
    expect(page.get_by_role("textbox", name="Query")).to_contain_text("SELECT * FROM users")
    page.get_by_text("Table", exact=True).click()
    choose(page, "Table", "main.users")
    save(page)
    assert office.admin.get("/files/models/people").json()["values"]["table"] == "main.users"
    assert not (office.root / "models" / "people.sql").exists()


def test_what_another_key_means_is_said_with_the_syncs_it_is_about(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/models/users")
    choose(page, "Primary key", "email")
    said = page.get_by_role("status").filter(has_text="What was synced is known by id")
    expect(said).to_contain_text("bookward run users-to-contacts --new-key")
    page.get_by_role("button", name="Undo all").click()
    expect(said).to_have_count(0)


def test_what_the_server_refuses_is_said_at_the_query(page_of: PageOf, office: Office, model: str) -> None:
    page = page_of("editor")
    page.goto(f"/models/{model}")
    typed(page, "Query", "SELECT * FROM nowhere_at_all")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("nowhere_at_all")
    assert office.admin.get("/files/models/people").json()["sql"] == "SELECT * FROM users\n"
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_role("alert")).to_have_count(0)

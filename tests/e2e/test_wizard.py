"""A sync is made as a newcomer would click it, from the model on, and planned and run."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import delete
from tests.e2e.test_editing import typed

SAVED = re.compile("^Saved")  # and not that what is planned is the saved file

PageOf = Callable[[str | None], Page]

ORDERS = """SELECT 'W-' || id AS number, name, DATE '2026-10-01' AS issued, line,
       'Seat ' || line AS what, line AS quantity, 19.90 AS price, '200' AS account
FROM users, range(1, 3) AS lines(line) WHERE id <= 5"""


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a list by its whole words."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option).locator("visible=true").first.click()


def begin(page: Page, model: str, object_: str) -> None:
    page.goto("/syncs")
    page.get_by_role("link", name="Add sync").click()
    page.get_by_role("radio", name=model, exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("radio", name="xero-demo").click()
    page.get_by_role("button", name="Continue").click()
    choose(page, "Object", object_)


def finish(page: Page, name: str, slug: str) -> None:
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    assert page.get_by_label("Slug").input_value() == slug
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name=slug)).to_be_visible()


def run(page: Page, slug: str) -> None:
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("heading", name=f"Plan of {slug}")).to_be_visible()
    page.get_by_role("button", name="Run this plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name=slug)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Done")).to_be_visible()


def add_model(page: Page, name: str, slug: str, query: str) -> None:
    page.goto("/models")
    page.get_by_role("link", name="Add model").click()
    typed(page, "Query", query)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row")).to_have_count(101)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    assert page.get_by_label("Slug").input_value() == slug
    expect(page.get_by_role("status")).to_contain_text("The key tells all 1,000 rows apart.")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name=slug)).to_be_visible()


def test_users_become_contacts(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/sources")
    expect(page.get_by_role("link", name="warehouse", exact=True)).to_be_visible()
    add_model(page, "All Users", "all-users", "SELECT * FROM users;")
    saved = office.admin.get("/files/models/all-users").json()
    assert (saved["values"]["primary_key"], saved["sql"].strip()) == ("id", "SELECT * FROM users;")
    begin(page, "all-users", "contacts")
    shown = page.get_by_role("region", name="What is sent")
    choose(page, "A row finds its record by", "ContactNumber")
    choose(page, "which is in the column", "id")
    expect(shown).to_contain_text("Name is required to create a record.")
    choose(page, "Name column", "name")
    expect(shown).not_to_contain_text("Not complete yet")
    expect(shown).to_contain_text('"Name"')

    choose(page, "Add a field", "EmailAddress")
    choose(page, "EmailAddress comes from", "Template")
    page.get_by_role("textbox", name="EmailAddress template").fill("{{ email | upcase }}")
    first = office.admin.get("/models/all-users/preview?limit=1").json()["rows"][0]
    expect(shown).to_contain_text(first["email"].upper())
    page.get_by_role("textbox", name="EmailAddress template").fill("{{ email }}")
    page.get_by_role("button", name="More about EmailAddress").click()
    choose(page, "When it is empty", "Empty the field")
    page.keyboard.press("Escape")

    choose(page, "Add a field", "Phones")
    choose(page, "Phones[1].PhoneType value", "MOBILE")
    choose(page, "Add a field to Phones[1]", "PhoneNumber")
    choose(page, "Phones[1].PhoneNumber column", "phone_number")
    expect(shown).to_contain_text(first["phone_number"])
    choose(page, "When a row is gone from the model", "Archive the record")
    finish(page, "All Users to Xero", "all-users-to-xero")
    assert office.admin.get("/files/syncs/all-users-to-xero").json()["values"] == {
        "model": "all-users",
        "destination": "xero-demo",
        "object": "contacts",
        "match": {"ContactNumber": "id"},
        "fields": {
            "Name": "name",
            "EmailAddress": {"template": "{{ email }}", "when_null": "clear"},
            "Phones": [{"PhoneType": {"value": "MOBILE"}, "PhoneNumber": "phone_number"}],
        },
        "on_removal": "archive",
        "title": "All Users to Xero",
    }
    expect(page.get_by_role("heading", name="All Users to Xero all-users-to-xero")).to_be_visible()
    page.get_by_role("link", name="Syncs").first.click()
    expect(page.get_by_role("link", name="All Users to Xero all-users-to-xero")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("textbox", name="Go to").fill("All Users to")
    expect(page.get_by_role("button", name="sync · all-users-to-xero")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="All Users to Xero")).to_be_visible()
    run(page, "all-users-to-xero")


def test_what_the_form_does_not_know_stays_in_the_file(page_of: PageOf, office: Office) -> None:
    path = office.root / "syncs" / "users-to-contacts.yaml"
    before = path.read_text()
    written = before.replace("mode: upsert", "mode: upsert  # both ways\npark_after: 3")
    path.write_text(written.replace("fields:\n", "fields:\n  AccountNumber: {value: 4.10}\n"))
    try:
        page = page_of("editor")
        page.goto("/syncs/users-to-contacts?tab=mapping")
        expect(page.get_by_role("combobox", name="Name column", exact=True)).to_have_value("name")
        choose(page, "Add a field", "CompanyNumber")
        choose(page, "CompanyNumber column", "company")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(SAVED)).to_be_visible()
        text = path.read_text()
        assert "mode: upsert  # both ways\npark_after: 3\n" in text
        assert "CompanyNumber: company" in text
        assert "  AccountNumber: {value: 4.10}\n" in text
        assert '- AddressType: {value: STREET}\n      AttentionTo: {template: "{{ company }}"}' in text
    finally:
        path.write_text(before)


def add_orders(page: Page) -> None:
    """Make a model whose rows are the lines of orders."""
    page.goto("/models/new")
    typed(page, "Query", ORDERS)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row")).to_have_count(11)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Orders")
    page.get_by_role("combobox", name="Primary key").fill("number")
    page.get_by_role("option", name="number").click()
    expect(page.get_by_role("status")).to_contain_text("10 of 10 rows cannot be synced with this key")
    page.get_by_label("Rows with one key are the lines of one record").check()
    expect(page.get_by_role("status")).to_contain_text("All 10 lines have a place")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="orders")).to_be_visible()


def test_orders_become_invoices_with_lines_and_a_contact_that_is_looked_up(
    page_of: PageOf, office: Office
) -> None:
    page = page_of("editor")
    add_orders(page)
    model = office.admin.get("/files/models/orders").json()["values"]
    assert model["lines"] == {"order_by": ["line"], "columns": ["what", "quantity", "price", "account"]}
    begin(page, "orders", "invoices")
    shown = page.get_by_role("region", name="What is sent")
    page.get_by_role("button", name="Suggest mappings").click()
    expect(page.get_by_role("combobox", name="LineItems.UnitAmount column")).to_have_value("price")
    expect(page.get_by_role("combobox", name="A row finds its record by")).to_have_value("InvoiceNumber")
    choose(page, "Type value", "ACCREC")
    choose(page, "Contact is found by", "Name")
    choose(page, "Contact column", "name")
    choose(page, "When the Contact is not there", "Create it first")
    choose(page, "Add a field", "DueDate")
    choose(page, "DueDate column", "issued")
    expect(shown).to_contain_text('"UnitAmount": 19.9')
    expect(shown).to_contain_text('"Description": "Seat 2"')
    expect(shown).not_to_contain_text("Not complete yet")
    choose(page, "Row", "W-3")
    expect(shown).to_contain_text('"InvoiceNumber": "W-3"')
    finish(page, "Orders to Xero", "orders-to-xero")
    values = office.admin.get("/files/syncs/orders-to-xero").json()["values"]
    assert values["look_up"] == {"Contact": {"by": "Name", "column": "name", "missing": "create"}}
    assert values["fields"]["LineItems"]["each"] == "lines"
    run(page, "orders-to-xero")
    rows = office.admin.get("/syncs/orders-to-xero/rows").json()["items"]
    assert {each["state"] for each in rows} == {"accepted"}


def test_a_model_is_a_table_and_a_key_that_is_none_is_said(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    page.get_by_text("Table", exact=True).click()
    page.get_by_role("combobox", name="Table").click()
    page.get_by_role("option", name="products").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("columnheader", name="account_code")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Products")
    expect(page.get_by_role("status")).to_contain_text("The key tells all")
    key = page.get_by_role("combobox", name="Primary key")
    key.press("Backspace")
    key.fill("account_code")
    page.get_by_role("option", name="account_code").click()
    expect(page.get_by_role("status")).to_contain_text("cannot be synced with this key")
    assert "products" not in office.admin.get("/files/models").json()["items"]


def test_a_new_model_leads_to_its_sync_which_has_a_name_already(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/models/users")
    page.get_by_role("link", name="Add sync").click()
    page.get_by_role("radio", name="xero-demo").click()
    page.get_by_role("button", name="Continue").click()
    choose(page, "Object", "contacts")
    page.get_by_role("button", name="Suggest mappings").click()
    expect(page.get_by_role("combobox", name="Name column", exact=True)).to_have_value("name")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("users to contacts 2")
    expect(page.get_by_label("Slug")).to_have_value("users-to-contacts-2")
    page.get_by_role("textbox", name="Name", exact=True).fill("People")
    expect(page.get_by_label("Slug")).to_have_value("people")
    page.get_by_role("textbox", name="Name", exact=True).fill("")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("")
    expect(page.get_by_role("button", name="Finish")).to_be_disabled()
    page.get_by_role("textbox", name="Name", exact=True).fill("Users again")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="users-again")).to_be_visible()
    assert office.admin.get("/files/syncs/users-again").json()["values"]["model"] == "users"
    delete(office, "syncs", "users-again")


def test_payments_begin_with_the_only_mode_that_they_have(page_of: PageOf) -> None:
    page = page_of("editor")
    begin(page, "users", "payments")
    expect(page.get_by_role("combobox", name="Mode", exact=True)).to_have_value("Only create (insert)")
    choose(page, "Object", "contacts")
    expect(page.get_by_role("combobox", name="Mode", exact=True)).to_have_value("Update or create (upsert)")

"""What a form for mappings asks: columns, objects with their fields, and a row as it would be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookward.app import App
from bookward.serving import Role
from tests.integration.web.site import Site, code_of

VALUES: dict[str, Any] = {
    "model": "users",
    "destination": "xero",
    "object": "contacts",
    "match": {"ContactNumber": "id"},
    "fields": {"Name": "name", "EmailAddress": {"template": "{{ email | upcase }}"}},
}
LINES: dict[str, Any] = {
    "source": "warehouse",
    "primary_key": "number",
    "lines": {"order_by": "line", "columns": ["what", "price"]},
    "sql": "SELECT * FROM (VALUES ('A', 1, 'Tea', 1.50, 'EU'), ('A', 2, 'Cup', 2, 'EU'),"
    " ('B', 1, 'Jar', 3, 'US')) AS orders(number, line, what, price, region)",
}
"""Two orders, the first of two lines."""


@pytest.fixture
def editor(clients: Callable[[Role], httpx.Client]) -> Iterator[httpx.Client]:
    client = clients(Role.EDITOR)
    client.base_url = f"{client.base_url}/api/v1/"
    return client


def rehearsed(editor: httpx.Client, values: Any, **params: str) -> Any:
    response = editor.post("syncs/new/rehearsal", json={"values": values}, params=params)
    return response.raise_for_status().json()


def with_orders(editor: httpx.Client) -> None:
    editor.post("files/models", json={"slug": "orders", "values": LINES}).raise_for_status()


def test_the_columns_of_a_model_have_types(editor: httpx.Client) -> None:
    found = {each["name"]: each for each in editor.get("models/users/columns").json()["items"]}
    assert found["id"] == {"name": "id", "type": "integer", "inside": []}
    assert found["email"]["type"] == "text"


def test_gathered_lines_are_one_column_with_columns_inside(editor: httpx.Client) -> None:
    with_orders(editor)
    *others, lines = editor.get("models/orders/columns").json()["items"]
    assert [each["name"] for each in others] == ["number", "region"]
    assert (lines["name"], lines["type"]) == ("lines", "lines")
    assert [(each["name"], each["type"]) for each in lines["inside"]] == [
        ("what", "text"),
        ("price", "decimal(12,2)"),
    ]


def test_objects_say_what_a_sync_into_them_can_say(editor: httpx.Client) -> None:
    items = editor.get("destinations/xero/objects").json()["items"]
    assert {"contacts", "invoices", "payments"} <= {each["name"] for each in items}
    contacts = editor.get("destinations/xero/objects/contacts").json()
    assert (contacts["modes"][0], contacts["mode"]) == ("upsert", None)
    payments = editor.get("destinations/xero/objects/payments").json()
    assert (payments["modes"], payments["mode"]) == (["insert"], "insert")
    glances = {each["name"]: each["mode"] for each in items}
    assert (glances["contacts"], glances["payments"]) == (None, "insert")
    assert contacts["removals"] == ["keep", "archive"]
    assert contacts["on_changes"] == ["reject", "ignore"]
    assert not contacts["has_amount"]
    fields = {each["name"]: each for each in contacts["fields"]}
    name = fields["Name"]
    assert (name["required"], name["max_length"], name["clearable"]) == (True, 255, False)
    assert fields["ContactStatus"]["choices"] == ["ACTIVE", "ARCHIVED"]
    assert fields["Phones"]["kind"] == "list"
    assert "PhoneNumber" in {each["name"] for each in fields["Phones"]["fields"]}
    assert "Balances" not in fields  # nobody can write it
    assert [each["field"] for each in contacts["look_ups"]] == ["ContactGroups"]


def test_a_look_up_says_by_what_and_what_may_be_created(editor: httpx.Client) -> None:
    invoices = editor.get("destinations/xero/objects/invoices").json()
    (contact,) = invoices["look_ups"]
    assert (contact["field"], contact["required"]) == ("Contact", True)
    assert contact["by"] == ["ContactID", "ContactNumber", "EmailAddress", "Name"]
    assert contact["created_by"] == ["Name", "EmailAddress", "ContactNumber"]
    assert "Name" in {each["name"] for each in contact["fields"]}
    payments = editor.get("destinations/xero/objects/payments").json()
    assert {each["field"]: each["created_by"] for each in payments["look_ups"]} == {
        "Invoice": [],
        "CreditNote": [],
        "Account": [],
    }
    assert "replace" in payments["on_changes"]


def test_an_object_that_is_none_is_said_with_those_that_are(editor: httpx.Client) -> None:
    refused = editor.get("destinations/xero/objects/contact")
    assert code_of(refused) == (404, "name_unknown")
    assert "contacts" in refused.json()["error"]["remedy"]


def test_a_row_is_shown_as_it_would_be_sent(editor: httpx.Client) -> None:
    found = rehearsed(editor, VALUES)
    assert (found["problems"], found["rejection"], found["key"]) == ([], None, "1")
    assert found["payload"]["ContactNumber"] == found["match_value"] == "1"
    assert found["payload"]["EmailAddress"] == found["payload"]["EmailAddress"].upper() != ""
    other = rehearsed(editor, VALUES, key="7")
    assert (other["key"], other["payload"]["ContactNumber"]) == ("7", "7")


def test_a_column_that_is_not_chosen_yet_takes_nothing_else_away(editor: httpx.Client) -> None:
    found = rehearsed(editor, VALUES | {"fields": {"Name": "name", "EmailAddress": ""}})
    said = [(each["field"], each["message"]) for each in found["problems"]]
    assert said == [("fields.EmailAddress", "Choose a column for EmailAddress.")]
    assert set(found["payload"]) == {"ContactNumber", "Name"}
    found = rehearsed(editor, VALUES | {"match": {"ContactNumber": ""}})
    assert [each["message"] for each in found["problems"]] == ["Choose a column for ContactNumber."]
    assert "EmailAddress" in found["payload"]


def test_what_is_sound_is_shown_beside_what_is_wrong(editor: httpx.Client) -> None:
    found = rehearsed(editor, VALUES | {"fields": {"EmailAddress": "email", "Nme": "name"}})
    assert {each["field"] for each in found["problems"]} == {"fields.Name", "fields.Nme"}
    assert set(found["payload"]) == {"ContactNumber", "EmailAddress"}


def test_a_column_that_is_not_there_is_said_at_its_field(editor: httpx.Client) -> None:
    found = rehearsed(editor, VALUES | {"fields": {"Name": "nmae"}})
    ((field, message),) = [(each["field"], each["message"]) for each in found["problems"]]
    assert (field, found["payload"]) == ("fields.Name", None)
    assert "nmae" in message


def test_a_row_that_would_be_refused_says_why(editor: httpx.Client) -> None:
    values = VALUES | {"fields": {"Name": {"template": "{{ name | append: name }}" * 12}}}
    found = rehearsed(editor, values)
    assert (found["payload"], found["rejection"]["field"]) == (None, "Name")
    assert "255" in found["rejection"]["message"]


def test_lines_are_gathered_before_they_are_shown(editor: httpx.Client) -> None:
    with_orders(editor)
    values = {
        "model": "orders",
        "destination": "xero",
        "object": "invoices",
        "match": {"InvoiceNumber": "number"},
        "look_up": {"Contact": {"by": "Name", "column": "region"}},
        "fields": {
            "Type": {"value": "ACCREC"},
            "LineItems": {"each": "lines", "fields": {"Description": "what", "UnitAmount": "price"}},
        },
    }
    found = rehearsed(editor, values)
    assert (found["problems"], found["keys"]) == ([], ["A", "B"])
    assert found["payload"]["LineItems"] == [
        {"Description": "Tea", "UnitAmount": 1.5},
        {"Description": "Cup", "UnitAmount": 2},
    ]
    assert found["payload"]["Contact"] == {"Name": "EU"}
    noted = LINES | {"sql": LINES["sql"].replace("*", "*, line AS note", 1)}  # which the sync does not want
    editor.post("files/models", json={"slug": "noted", "values": noted}).raise_for_status()
    assert rehearsed(editor, values | {"model": "noted"})["payload"] == found["payload"]


def test_rows_that_no_plan_takes_are_shown_once_with_the_reason(editor: httpx.Client) -> None:
    twice = (
        "SELECT 1 AS id, 'a' AS name, 'b' AS email UNION ALL SELECT greatest(id, 2), name, email FROM users"
    )
    values = {"source": "warehouse", "primary_key": "id", "sql": f"{twice} WHERE id < 4"}
    editor.post("files/models", json={"slug": "twins", "values": values}).raise_for_status()
    found = rehearsed(editor, VALUES | {"model": "twins"}, key="2")
    assert (sorted(found["keys"]), found["key"], found["payload"]) == (["1", "2", "3"], "2", None)
    assert (found["rejection"]["code"], found["problems"]) == ("key_duplicate", [])
    assert rehearsed(editor, VALUES | {"model": "twins"}, key="3")["rejection"] is None


def test_no_row_and_no_sense_are_told_apart_from_rows(editor: httpx.Client) -> None:
    empty = {"source": "warehouse", "primary_key": "id", "sql": "SELECT * FROM users WHERE id < 0"}
    editor.post("files/models", json={"slug": "nobody", "values": empty}).raise_for_status()
    found = rehearsed(editor, VALUES | {"model": "nobody"})
    assert (found["keys"], found["key"], found["payload"], found["problems"]) == ([], None, None, [])
    found = rehearsed(editor, VALUES | {"object": "kontacts"})
    assert [each["field"] for each in found["problems"]] == ["object"]


def test_rehearsing_leaves_nothing_behind(editor: httpx.Client, app: App, root: Path, site: Site) -> None:
    before = set(root.rglob("*.yaml"))
    rehearsed(editor, VALUES)
    assert set(root.rglob("*.yaml")) == before
    assert not list(root.rglob("*.parquet"))
    assert not app.listings.runs(limit=1)


def test_a_key_is_held_against_all_rows_before_the_model_is_saved(editor: httpx.Client) -> None:
    def checked(sql: str, key: str, **more: Any) -> Any:
        values = {"source": "warehouse", "primary_key": key, "sql": sql, **more}
        return editor.post("models/new/key", json={"values": values}).raise_for_status().json()

    assert checked("SELECT * FROM users", "id") == {"rows": 1000, "left_out": 0, "reasons": []}
    found = checked("SELECT id, CASE WHEN id > 3 THEN 4 WHEN id > 1 THEN id END AS key FROM users", "key")
    assert (found["rows"], found["left_out"]) == (1000, 998)
    assert {each["code"] for each in found["reasons"]} == {"key_null", "key_duplicate"}
    assert checked(LINES["sql"], "number", lines=LINES["lines"])["left_out"] == 0
    assert editor.get("files/models/new").status_code == 404


def test_a_key_that_the_model_lacks_is_said(editor: httpx.Client) -> None:
    values = {"source": "warehouse", "primary_key": "uid", "sql": "SELECT * FROM users"}
    refused = editor.post("models/new/key", json={"values": values})
    assert code_of(refused)[1] == "column_missing"

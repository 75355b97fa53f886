"""Lists, pages, summaries, filters, searches, and one contact."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from bookward.demo.xero import LocalXero, Options
from tests.contract.local_xero.driver import CONTACTS, names, post, put


@pytest.fixture
def people(xero: LocalXero, api: httpx.Client) -> dict[str, dict[str, Any]]:
    """Four contacts, a minute apart; the last is archived."""
    made: dict[str, dict[str, Any]] = {}
    for element in (
        {
            "Name": "Ada Lovelace",
            "EmailAddress": "ada@example.com",
            "ContactNumber": "C1",
            "AccountNumber": "A1",
        },
        {
            "Name": "zoë Adams",
            "FirstName": "Zoë",
            "LastName": "Adams",
            "ContactPersons": [{"FirstName": "P"}],
        },
        {"Name": 'Bob "B" Ltd', "CompanyNumber": "99", "SalesDefaultLineAmountType": "NONE"},
        {"Name": "Old Ada"},
    ):
        made[element["Name"]] = put(api, element)[0]
        xero.clock.jump(minutes=1)
    post(api, {"ContactID": made["Old Ada"]["ContactID"], "ContactStatus": "ARCHIVED"})
    return made


def listed(api: httpx.Client, **query: Any) -> list[str]:
    return names(api.get(CONTACTS, params=query))


def test_envelope_has_dates_and_no_pagination_where_none_is_asked(api: httpx.Client, people: object) -> None:
    value = api.get(CONTACTS).json()
    assert list(value) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Contacts"]
    assert value["Status"] == "OK"
    assert re.fullmatch(r"/Date\(\d{13}\)/", value["DateTimeUTC"])
    for contact in value["Contacts"]:
        assert re.fullmatch(r"/Date\(\d{13}\+0000\)/", contact["UpdatedDateUTC"])


def test_list_without_page_is_whole_and_lacks_extended_fields(api: httpx.Client, people: object) -> None:
    put(api, *({"Name": f"N{number}"} for number in range(150)))
    contacts = api.get(CONTACTS).json()["Contacts"]
    assert len(contacts) == 153
    zoe = next(contact for contact in contacts if contact["Name"] == "zoë Adams")
    assert zoe["ContactPersons"] == []
    assert not any("SalesDefaultLineAmountType" in contact for contact in contacts)


def test_page_has_pagination_and_extended_fields(api: httpx.Client, people: object) -> None:
    value = api.get(CONTACTS, params={"page": 1}).json()
    assert value["pagination"] == {"page": 1, "pageSize": 100, "pageCount": 1, "itemCount": 3}
    assert value["Contacts"][1]["ContactPersons"] == [{"FirstName": "P"}]
    assert value["Contacts"][2]["SalesDefaultLineAmountType"] == "NONE"


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ({"page": 1, "pageSize": 5000}, 1, 1000),
        ({"page": 1, "pageSize": 0}, 1, 1),
        ({"page": 0}, 1, 100),
        ({"page": "x", "pageSize": "y"}, 1, 100),
        ({"pageSize": 2}, 1, 2),
        ({"page": 7, "pagesize": 2}, 7, 2),
    ],
)
def test_page_and_size_are_clamped(api: httpx.Client, query: dict[str, Any], page: int, size: int) -> None:
    pagination = api.get(CONTACTS, params=query).json()["pagination"]
    assert (pagination["page"], pagination["pageSize"]) == (page, size)


def test_pages_cover_the_list_once(api: httpx.Client) -> None:
    put(api, *({"Name": f"N{number}"} for number in range(25)))
    found: list[str] = []
    pages = api.get(CONTACTS, params={"page": 1, "pageSize": 10}).json()["pagination"]["pageCount"]
    for page in range(1, pages + 1):
        found += listed(api, page=page, pageSize=10)
    assert (pages, sorted(found)) == (3, sorted(f"N{number}" for number in range(25)))
    assert listed(api, page=4, pageSize=10) == []


def test_archived_contacts_are_left_out_unless_asked_for(api: httpx.Client, people: object) -> None:
    assert "Old Ada" not in listed(api)
    assert "Old Ada" in listed(api, includeArchived="true")


def test_default_order_is_by_last_update(xero: LocalXero, api: httpx.Client, people: object) -> None:
    post(api, {"Name": "Ada Lovelace", "FirstName": "Ada"})
    assert listed(api) == ["zoë Adams", 'Bob "B" Ltd', "Ada Lovelace"]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("Name", "Ada Lovelace"),
        ("Name DESC", "zoë Adams"),
        ("name asc", "Ada Lovelace"),
        ("UpdatedDateUTC DESC", 'Bob "B" Ltd'),
        ("ContactStatus ASC, Name DESC", "zoë Adams"),
    ],
)
def test_order_can_be_asked_for(api: httpx.Client, people: object, order: str, first: str) -> None:
    assert listed(api, order=order)[0] == first


@pytest.mark.parametrize("order", ["Nmae", "Name SIDEWAYS", "doc; DROP TABLE contacts", "Phones"])
def test_unknown_order_is_refused(api: httpx.Client, people: object, order: str) -> None:
    answer = api.get(CONTACTS, params={"order": order})
    assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")
    assert len(listed(api)) == 3


def test_summary_keeps_identity_and_drops_what_is_costly(
    xero: LocalXero, api: httpx.Client, people: object
) -> None:
    contact = api.get(CONTACTS, params={"summaryOnly": "true", "page": 1}).json()["Contacts"][0]
    assert {"ContactID", "Name", "EmailAddress", "ContactNumber", "AccountNumber"} <= contact.keys()
    dropped = {
        "Addresses",
        "Balances",
        "ContactGroups",
        "ContactPersons",
        "IsCustomer",
        "IsSupplier",
        "Phones",
    }
    assert not dropped & contact.keys()
    xero.options = Options(summary_keeps_phones=True)
    assert "Phones" in api.get(CONTACTS, params={"summaryOnly": "True"}).json()["Contacts"][0]


def test_ids_select_contacts(api: httpx.Client, people: dict[str, dict[str, Any]]) -> None:
    ids = [people[name]["ContactID"] for name in ("Ada Lovelace", "zoë Adams", "Old Ada")]
    query = {"IDs": ",".join([*ids, "not-a-guid", "11111111-1111-4111-8111-111111111111"])}
    assert listed(api, **query) == ["Ada Lovelace", "zoë Adams"]
    assert len(listed(api, includeArchived="true", **query)) == 3
    assert listed(api, IDs=ids[0].upper()) == ["Ada Lovelace"]
    assert listed(api, IDs="not-a-guid") == []


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("ADA", ["Ada Lovelace", "zoë Adams"]),
        ("zoe", ["zoë Adams"]),
        ("c1", ["Ada Lovelace"]),
        ("example.com", ["Ada Lovelace"]),
        ("99", ['Bob "B" Ltd']),
        ("nothing", []),
    ],
)
def test_search_looks_into_names_numbers_and_email(
    api: httpx.Client, people: object, term: str, found: list[str]
) -> None:
    assert listed(api, searchTerm=term) == found
    assert listed(api, searchTerm=term, page=1) == found


def test_modified_since_has_a_grain_of_a_second(xero: LocalXero, api: httpx.Client) -> None:
    xero.clock.jump(milliseconds=400)
    put(api, {"Name": "Early"})
    xero.clock.jump(seconds=10)
    put(api, {"Name": "Late"})
    for since, found in (
        ("2026-11-02T12:00:00", ["Early", "Late"]),
        ("2026-11-02T12:00:00.900", ["Early", "Late"]),
        ("2026-11-02T12:00:01", ["Late"]),
        ("2026-11-02T13:00:01+01:00", ["Late"]),
        ("Mon, 02 Nov 2026 12:00:01 GMT", ["Late"]),
        ("/Date(1793620811000)/", []),
        ("nonsense", ["Early", "Late"]),
    ):
        answer = api.get(CONTACTS, headers={"If-Modified-Since": since})
        assert names(answer) == found, since


def test_modified_since_shows_archived_contacts_when_asked(api: httpx.Client, people: object) -> None:
    since = {"If-Modified-Since": "2026-11-02T12:04:00"}
    assert names(api.get(CONTACTS, headers=since)) == []
    assert names(api.get(CONTACTS, params={"includeArchived": "true"}, headers=since)) == ["Old Ada"]


def test_one_contact_is_found_by_id_or_number(api: httpx.Client, people: dict[str, dict[str, Any]]) -> None:
    id_ = people["Old Ada"]["ContactID"]
    assert names(api.get(f"{CONTACTS}/{id_}")) == ["Old Ada"]
    assert names(api.get(f"{CONTACTS}/{id_.upper()}")) == ["Old Ada"]
    assert names(api.get(f"{CONTACTS}/C1")) == ["Ada Lovelace"]


def test_number_with_a_slash_is_found(api: httpx.Client) -> None:
    put(api, {"Name": "A", "ContactNumber": "a/b c"})
    assert names(api.get(f"{CONTACTS}/a%2Fb%20c")) == ["A"]


@pytest.mark.parametrize("key", ["nobody", "11111111-1111-4111-8111-111111111111", ""])
def test_unknown_contact_is_not_found_as_html(api: httpx.Client, people: object, key: str) -> None:
    answer = api.get(f"{CONTACTS}/{key}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_unknown_path_is_not_found_as_html(api: httpx.Client) -> None:
    answer = api.get("/api.xro/2.0/Sandwiches")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_query_over_2048_characters_is_not_found_as_html(xero: LocalXero, api: httpx.Client) -> None:
    base = "includeArchived=true&IDs="
    fits = api.get(f"{CONTACTS}?{base}{'x' * (2048 - len(base))}")
    over = api.get(f"{CONTACTS}?{base}{'x' * (2049 - len(base))}")
    assert (fits.status_code, over.status_code) == (200, 404)
    assert over.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("joint", "most"), [(",", 55), ("%2C", 52)])
def test_query_holds_so_many_ids(api: httpx.Client, joint: str, most: int) -> None:
    id_ = "11111111-1111-4111-8111-111111111111"
    assert api.get(f"{CONTACTS}?IDs={joint.join([id_] * most)}").status_code == 200
    assert api.get(f"{CONTACTS}?IDs={joint.join([id_] * (most + 1))}").status_code == 404


def test_too_many_records_are_high_volume(xero: LocalXero, api: httpx.Client, people: object) -> None:
    xero.options = Options(high_volume=2)
    for query in ({}, {"where": 'Name.Contains("a")', "page": 1}):
        answer = api.get(CONTACTS, params=query)
        assert answer.status_code == 400
        assert (answer.json()["Type"], answer.json()["ErrorNumber"]) == ("HighVolumeException", 51)
    assert len(listed(api, page=1)) == 3
    assert listed(api, page=1, where='EmailAddress=="ada@example.com"') == ["Ada Lovelace"]


def test_lists_may_lag_behind_writes(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = Options(read_lag_seconds=30)
    (made,) = put(api, {"Name": "A"})
    assert listed(api, page=1) == []
    assert names(api.get(f"{CONTACTS}/{made['ContactID']}")) == ["A"]
    xero.clock.jump(seconds=30)
    assert listed(api, page=1) == ["A"]
    post(api, {"Name": "A", "FirstName": "F"})
    assert names(api.get(CONTACTS, headers={"If-Modified-Since": "2026-11-02T12:00:00"})) == []

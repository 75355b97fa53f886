"""The filter language, on its own and over the wire."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.demo.xero.contact_shape import FILTERABLE, INDEXED
from bookward.demo.xero.filters import QueryError, parse
from tests.contract.local_xero.driver import CONTACTS, names, put

ID = "b0c1d2e3-1111-4000-8000-000000000001"
RECORD = {
    "ContactID": ID,
    "ContactStatus": "ACTIVE",
    "Name": 'Zoë "Z" Adams',
    "EmailAddress": "zoe@example.com",
    "UpdatedDateUTC": datetime(2026, 11, 2, 12, tzinfo=UTC),
    "IsSupplier": False,
    "IsCustomer": True,
}


def holds(text: str) -> bool:
    return parse(text, FILTERABLE, INDEXED, "Contact").test(RECORD)


@pytest.mark.parametrize(
    "text",
    [
        'EmailAddress=="zoe@example.com"',
        'EmailAddress = "ZOE@EXAMPLE.COM"',
        'Name=="zoe \\"z\\" ADAMS"',
        'emailaddress != "other"',
        'EmailAddress <> "other"',
        f'ContactID==Guid("{ID}")',
        f'ContactID==GUID("{ID.upper()}")',
        f'ContactID=="{ID}"',
        "UpdatedDateUTC >= DateTime(2026, 11, 02)",
        "UpdatedDateUTC < DateTime(2026,11,02,12,00,01)",
        "ContactNumber == null",
        "EmailAddress != null",
        'ContactNumber != "x"',
        "IsCustomer == true AND IsSupplier==false",
        "IsCustomer",
        "!IsSupplier",
        "NOT (IsSupplier)",
        'Name=="x" || Name=="y" OR ContactStatus=="ACTIVE"',
        '(Name=="x" OR ContactStatus=="ACTIVE") && IsCustomer==true',
        'Name=="x" AND Name=="y" OR ContactStatus=="ACTIVE"',
        'Name.Contains("adams")',
        'Name.StartsWith("zoe") and EmailAddress.EndsWith(".com")',
        'EmailAddress!=null && EmailAddress.ToLower()=="zoe@example.com"',
    ],
)
def test_filter_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        'Name=="x"',
        "EmailAddress == null",
        'ContactNumber == ""',
        'ContactNumber.Contains("1")',
        "UpdatedDateUTC > DateTime(2026,11,02,12,0,0)",
        'ContactNumber < "x"',
        "IsSupplier",
        'ContactStatus=="ACTIVE" AND (Name=="x" OR Name=="y")',
    ],
)
def test_filter_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    "text",
    [
        'Nmae=="x"',
        "Name",
        "Name==",
        "Name==1",
        "Name==true",
        'Name "x"',
        'Name=="x',
        'Name=="x" AND',
        'Name=="x" Name=="y"',
        '(Name=="x"',
        'Name=="x")',
        'ContactID=="12"',
        'ContactID==Guid("12")',
        "UpdatedDateUTC==DateTime(2026)",
        "UpdatedDateUTC==DateTime(2026,13,1)",
        'UpdatedDateUTC=="2026-11-02"',
        'IsCustomer=="yes"',
        'IsCustomer.Contains("x")',
        'Name.Length("x")',
        'Name==Guid("x")',
        "Name=='x'",
        "((((" * 200,
        "!" * 1000,
    ],
)
def test_filter_cannot_be_read(text: str) -> None:
    with pytest.raises(QueryError):
        holds(text)


@given(st.text(alphabet='Name=!"(). ANDOR&|<>12,truenull\\', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(QueryError):
        holds(text)


@given(st.text(max_size=20))
def test_quoted_text_is_taken_literally(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    found = parse(f'Name=="{quoted}"', FILTERABLE, INDEXED, "Contact")
    assert found.test({"Name": text})
    assert not found.test({"Name": text + "x"})


@pytest.mark.parametrize(
    ("text", "optimised"),
    [
        ('Name=="x"', True),
        ('Name="x" AND EmailAddress=="y"', True),
        ('Name=="x" OR Name=="y"', False),
        ('FirstName=="x"', False),
        ('Name!="x"', False),
        ('Name.Contains("x")', False),
        ('Name.ToLower()=="x"', False),
    ],
)
def test_only_joined_equalities_of_indexed_fields_are_optimised(text: str, optimised: bool) -> None:
    assert parse(text, FILTERABLE, INDEXED, "Contact").optimised is optimised


def test_filter_selects_and_pages_over_the_wire(api: httpx.Client) -> None:
    put(api, *({"Name": f"N{number}", "EmailAddress": f"e{number % 2}@x.co"} for number in range(10)))
    query = {"where": 'EmailAddress=="E1@x.co"', "order": "Name", "page": 2, "pageSize": 2}
    answer = api.get(CONTACTS, params=query)
    assert names(answer) == ["N5", "N7"]
    assert answer.json()["pagination"] == {"page": 2, "pageSize": 2, "pageCount": 3, "itemCount": 5}


def test_unreadable_filter_is_a_query_error(api: httpx.Client) -> None:
    answer = api.get(CONTACTS, params={"where": "Name=="})
    assert answer.status_code == 400
    assert (answer.json()["ErrorNumber"], answer.json()["Type"]) == (16, "QueryParseException")

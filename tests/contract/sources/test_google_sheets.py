"""Sheets as tables: ragged, typed as they are shown, signed in to by Google's own library."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from google.oauth2.service_account import Credentials
from googleapiclient.discovery import build
from pydantic import SecretStr, ValidationError

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.google_sheets import GoogleSheetsSource, GoogleSheetsSpec
from tests.contract.sources import memory
from tests.peers.google_sheets import SPREADSHEET, TOKEN, Failed, GoogleSheets
from tests.peers.http import serving

NOON = datetime(2026, 1, 31, 12, 30)  # noqa: DTZ001 - a sheet has no zone
MANY = 12_345


@pytest.fixture
def sheets() -> Iterator[GoogleSheets]:
    with serving(GoogleSheets()) as stub:
        stub.sheets = {
            "Ann's ledger": [
                ["Account", "Amount", "Day", None, "Made"],
                ["0200", 0.1 + 0.2, date(2026, 1, 31), True, NOON],
                [],
                [None, None],
                ["0310", 1234567.89, None, None, time(9, 5), "more"],
                ["株式会社", -12, date(1752, 1, 1)],
            ],
            "Names": [["a note"], [], ["Account", "Name"], ["0200", "Sales"], ["0310", "Rent"]],
        }
        yield stub


def source(sheets: GoogleSheets, **changes: Any) -> GoogleSheetsSource:
    given = {"spreadsheet": SPREADSHEET, "service_account_key": SecretStr(sheets.key()), "url": sheets.url}
    tables = {"ledger": "Ann's ledger", "names": {"range": "Names!A3:B"}}
    return GoogleSheetsSource("books", GoogleSheetsSpec(**(given | {"tables": tables} | changes)))


def table(of: GoogleSheetsSource, query: str = "SELECT * FROM ledger") -> pa.Table:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema)


def test_cells_are_what_a_person_sees_and_rows_as_long_as_they_are(sheets: GoogleSheets) -> None:
    found = table(source(sheets))
    assert found.schema.field("Amount").type == pa.decimal128(9, 2)
    assert found.schema.field("Day").type == pa.date32()
    nothing = dict.fromkeys(["Account", "Amount", "Day", "column4", "Made", "column6"])
    assert found.to_pylist() == [
        {**nothing, "Account": "0200", "Amount": Decimal("0.30"), "Day": date(2026, 1, 31),
         "column4": True, "Made": "2026-01-31T12:30:00"},
        {**nothing, "Account": "0310", "Amount": Decimal("1234567.89"), "Made": "09:05:00",
         "column6": "more"},
        {**nothing, "Account": "株式会社", "Amount": Decimal(-12), "Day": date(1752, 1, 1)},
    ]  # fmt: skip


def test_sheets_are_joined_and_listed(sheets: GoogleSheets) -> None:
    query = "SELECT Name, Amount FROM ledger JOIN names USING (Account) ORDER BY Name"
    assert [row["Name"] for row in table(source(sheets), query).to_pylist()] == ["Rent", "Sales"]
    sheets.sheets = {"One": [["Id", "Due"]], "Two": [[1, "x"], [2]]}
    every = source(sheets, tables={})
    assert {each.name: [column.name for column in each.columns] for each in every.tables()} == {
        "One": ["Id", "Due"], "Two": ["1", "x"],
    }  # fmt: skip
    assert table(every, "SELECT * FROM One").to_pydict() == {"Id": [], "Due": []}
    bare = source(sheets, tables={"t": {"sheet": "Two", "header": False}})
    assert table(bare, "SELECT * FROM t").to_pydict() == {"column1": [1, 2], "column2": ["x", None]}
    assert [(step.name, step.ok) for step in every.check()] == [
        ("reach", True), ("sign in", True), ("read One", True), ("read Two", True),
    ]  # fmt: skip


def test_long_sheets_are_read_whole_as_googles_own_client_reads_them(sheets: GoogleSheets) -> None:
    sheets.sheets = {"Long": [["n", "text"], *([n, f"row {n}"] for n in range(MANY))]}
    rows = table(source(sheets, tables={}), "SELECT * FROM Long").to_pylist()
    assert [row["n"] for row in rows] == list(range(MANY))
    account = Credentials.from_service_account_info(
        json.loads(sheets.key()), scopes=["https://www.googleapis.com/auth/spreadsheets.readonly"]
    )
    endpoint = {"api_endpoint": sheets.url}
    with build("sheets", "v4", credentials=account, client_options=endpoint, static_discovery=True) as client:
        asked = client.spreadsheets().get(
            spreadsheetId=SPREADSHEET, ranges="'Long'", includeGridData=True,
            fields="sheets(data(rowData(values(effectiveValue))))",
        )  # fmt: skip
        found = asked.execute()["sheets"][0]["data"][0]["rowData"]
    assert [row["values"][1]["effectiveValue"]["stringValue"] for row in found[1:]] == [
        row["text"] for row in rows
    ]


@pytest.mark.nightly
def test_memory_does_not_grow_with_the_sheet(sheets: GoogleSheets) -> None:
    sheets.sheets = {"Long": [["n", "text"], *([n, f"row {n}"] for n in range(1_000_000))]}
    spec = {"spreadsheet": SPREADSHEET, "service_account_key": sheets.key(), "url": sheets.url}
    rows, grown = memory.measured("google_sheets", spec, "SELECT * FROM Long")
    assert (rows, grown < 150) == (1_000_000, True), grown


def test_a_formula_that_failed_is_not_taken_for_nothing(sheets: GoogleSheets) -> None:
    sheets.sheets = {"t": [["a"], [1], [Failed("DIVIDE_BY_ZERO")]]}
    with pytest.raises(SourceFailed, match="row 3 of its range: a formula failed: DIVIDE_BY_ZERO It failed"):
        table(source(sheets, tables={}), "SELECT * FROM t")


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_is_cut_off_never_looks_like_a_short_result(
    sheets: GoogleSheets, chunked: bool
) -> None:
    sheets.chunked, sheets.whole = chunked, 1
    with pytest.raises(SourceFailed, match=r"table 'ledger' of source 'books'.* was lost while reading"):
        table(source(sheets))


def test_a_limit_is_waited_out(sheets: GoogleSheets) -> None:
    books = source(sheets)
    with books.client() as client:
        sheets.busy = 3
        about = books.ask(client, "GET", f"/v4/spreadsheets/{SPREADSHEET}")
    assert about["properties"]["title"] == "Books"


def test_what_is_refused_or_not_there_is_told(sheets: GoogleSheets) -> None:
    with serving(GoogleSheets()) as other:
        stolen = json.loads(other.key())["private_key"]
    wrong = source(sheets, service_account_key=SecretStr(sheets.key(private_key=stolen)))
    with pytest.raises(SourceFailed, match=r"refuses the sign-in of bookward@books.*Invalid JWT Signature"):
        table(wrong)
    assert [(step.name, step.ok) for step in wrong.check()] == [("reach", True), ("sign in", False)]
    for key in ("no key", "[]", '{"private_key": "planted"}', sheets.key(private_key="planted")):
        with pytest.raises(SourceFailed, match=r"key cannot be read\.$") as failed:
            table(source(sheets, service_account_key=SecretStr(key)))
        assert failed.value.__cause__ is None
    with pytest.raises(SourceFailed, match="Unable to parse range: 'Gone'"):
        table(source(sheets, tables={"ledger": "Gone"}))
    with pytest.raises(SourceFailed, match="Requested entity was not found"):
        table(source(sheets, spreadsheet="another"))
    away = sheets.key(token_uri="http://127.0.0.1:1/token")
    with pytest.raises(SourceUnreachable, match="Google's sign-in cannot be reached"):
        table(source(sheets, service_account_key=SecretStr(away)))
    sheets.sheets = {"Nothing": [], "Twice": [["a", "a"], [1, 2]]}
    for name, said in (("Nothing", "is empty, and does not say"), ("Twice", "two columns 'a'")):
        with pytest.raises(SourceFailed, match=said):
            table(source(sheets, tables={}), f"SELECT * FROM {name}")
    with pytest.raises(ValidationError, match="url"):  # the token would go there in the open
        source(sheets, url="http://sheets.googleapis.com")
    with pytest.raises(ValidationError, match="say one of"):
        source(sheets, tables={"t": {"sheet": "a", "range": "b"}})
    assert TOKEN not in repr(source(sheets).__dict__)


def person(sheets: GoogleSheets, **changes: str) -> GoogleSheetsSource:
    agreed = SecretStr(sheets.agreed(**changes))
    return source(sheets, service_account_key=None, user_credentials=agreed)


def test_a_person_who_has_agreed_signs_in_until_it_is_taken_back(sheets: GoogleSheets) -> None:
    assert table(person(sheets)).num_rows == 3
    with pytest.raises(SourceFailed, match=r"refuses the sign-in of a person: .*expired or revoked") as gone:
        table(person(sheets, refresh_token="1//another"))
    assert "1//another" not in gone.value.message
    for agreed in ("no json", "[]", '{"client_id": "planted"}'):
        with pytest.raises(SourceFailed, match=r"person's credentials cannot be read\.$") as failed:
            table(source(sheets, service_account_key=None, user_credentials=SecretStr(agreed)))
        assert failed.value.__cause__ is None
    for both in ({"user_credentials": SecretStr("{}")}, {"service_account_key": None}):
        with pytest.raises(ValidationError, match="say one of `service_account_key` and `user_credentials`"):
            source(sheets, **both)


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    sheets: GoogleSheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.auth.exceptions", None)
    with pytest.raises(ExtraMissing) as missing:
        table(source(sheets))
    assert missing.value.remedy == "Run: pip install 'bookward[google]'"
    assert [step.ok for step in source(sheets).check()] == [False]

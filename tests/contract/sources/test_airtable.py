"""A base's tables: filled and read by Airtable's own client as well, page by page to the last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyairtable
import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources import service
from bookward.sources.airtable import AirtableSource, AirtableSpec
from tests.contract.sources import memory
from tests.peers.airtable import BASE, TOKEN, Airtable
from tests.peers.http import serving

MANY = 250
FIELDS = [("Name", "singleLineText"), ("Due", "currency"), ("Paid", "checkbox"), ("Day", "date"),
          ("At", "dateTime"), ("Lines", "multipleRecordLinks"), ("Sum", "formula")]  # fmt: skip


@pytest.fixture
def airtable() -> Iterator[Airtable]:
    with serving(Airtable()) as stub:
        stub.add("Invoices/2026", *FIELDS)
        stub.add("Customers", ("Name", "singleLineText"))
        stub.add("Empty", ("Name", "singleLineText"), ("Due", "number"))
        yield stub


def client(airtable: Airtable, table: str) -> pyairtable.Table:
    api = pyairtable.Api(TOKEN, endpoint_url=airtable.url, retry_strategy=None)
    return api.base(BASE).table(table)


def source(airtable: Airtable, **changes: Any) -> AirtableSource:
    given = {
        "base": BASE,
        "token": SecretStr(TOKEN),
        "url": airtable.url,
        "tables": {"invoices": "Invoices/2026"},
    }
    return AirtableSource("crm", AirtableSpec(**(given | changes)))


def table(of: AirtableSource, query: str = "SELECT * FROM invoices") -> pa.Table:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema)


def test_values_are_what_their_fields_say(airtable: Airtable) -> None:
    client(airtable, "Invoices/2026").batch_create([
        {"Name": "a", "Due": 12.5, "Paid": True, "Day": "2026-01-31", "At": "2026-01-31T10:00:00.000Z",
         "Lines": ["rec1", "rec2"], "Sum": {"error": "#ERROR!"}},
        {"Name": "b", "Due": 100, "Paid": False},
    ])  # fmt: skip
    first, second = table(source(airtable), "SELECT * FROM invoices ORDER BY Name").to_pylist()
    made = datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert first == {
        "_id": first["_id"], "_created": made, "Name": "a", "Due": Decimal("12.5"), "Paid": True,
        "Day": date(2026, 1, 31), "At": datetime(2026, 1, 31, 10, tzinfo=UTC),
        "Lines": '["rec1", "rec2"]', "Sum": '{"error": "#ERROR!"}',
    }  # fmt: skip
    assert second == {**dict.fromkeys(first), "_id": second["_id"], "_created": made, "Name": "b",
                      "Due": Decimal("100.0"), "Paid": False}  # fmt: skip
    assert {first["_id"], second["_id"]} == {each["id"] for each in client(airtable, "Invoices/2026").all()}


def test_every_record_comes_once_as_to_airtables_own_client(airtable: Airtable) -> None:
    theirs = client(airtable, "Invoices/2026")
    theirs.batch_create([{"Name": f"n{n}", "Due": n} for n in range(MANY)])
    rows = table(source(airtable)).to_pylist()
    assert [(row["_id"], row["Name"]) for row in rows] == [
        (each["id"], each["fields"]["Name"]) for each in theirs.all()
    ]
    assert len(rows) == MANY
    airtable.views["Late"] = "{Due} > '8'"
    few = source(airtable, tables={"invoices": {"table": "Invoices/2026", "formula": "{Name} LIKE 'n9%'"}})
    assert len(theirs.all(formula="{Name} LIKE 'n9%'")) == table(few).num_rows == 11
    late = source(airtable, tables={"invoices": {"table": "tbl0", "view": "Late"}})
    assert len(theirs.all(view="Late")) == table(late).num_rows == 21


def test_tables_are_joined_and_listed(airtable: Airtable) -> None:
    client(airtable, "Invoices/2026").batch_create([{"Name": "Ann", "Due": 1.25}, {"Name": "Ann", "Due": 2}])
    client(airtable, "Customers").batch_create([{"Name": "Ann"}])
    base = source(airtable, tables={})
    query = 'SELECT sum(i.Due) AS due FROM Customers JOIN "Invoices/2026" AS i USING (Name)'
    assert table(base, query).to_pylist() == [{"due": Decimal("3.25")}]
    assert table(base, "SELECT * FROM Empty").to_pydict() == {
        "_id": [],
        "_created": [],
        "Name": [],
        "Due": [],
    }
    listed = {each.name: each for each in base.tables()}
    assert list(listed) == ["Invoices/2026", "Customers", "Empty"]
    assert [column.name for column in listed["Empty"].columns] == ["_id", "_created", "Name", "Due"]
    assert listed["Empty"].primary_key == ("_id",)
    theirs = client(airtable, "Empty").base.schema().table("Empty")
    assert [field.name for field in theirs.fields] == ["Name", "Due"]
    assert [(step.name, step.ok) for step in base.check()] == [
        ("reach", True), ("sign in", True), ("read Invoices/2026", True), ("read Customers", True),
        ("read Empty", True),
    ]  # fmt: skip


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_is_cut_off_never_looks_like_a_short_result(airtable: Airtable, chunked: bool) -> None:
    client(airtable, "Invoices/2026").batch_create([{"Name": f"n{n}"} for n in range(MANY)])
    airtable.asked.clear()
    airtable.chunked, airtable.whole = chunked, 4
    with pytest.raises(SourceFailed, match=r"table 'invoices' of source 'crm'.* was lost while reading"):
        table(source(airtable))
    assert sum(each.path.endswith("/listRecords") for each in airtable.asked) > 1


def test_an_offset_that_has_expired_is_told(airtable: Airtable) -> None:
    client(airtable, "Invoices/2026").batch_create([{"Name": f"n{n}"} for n in range(MANY)])
    pages = source(airtable).pages("invoices")
    assert len(next(pages)) == 100
    airtable._offsets.clear()
    with pytest.raises(SourceFailed, match="LIST_RECORDS_ITERATOR_NOT_AVAILABLE"):
        next(pages)


def test_a_base_that_is_busy_is_asked_again(airtable: Airtable) -> None:
    client(airtable, "Invoices/2026").batch_create([{"Name": "a"}])
    airtable.busy = 3
    assert table(source(airtable)).num_rows == 1


def test_a_base_that_was_asked_too_often_is_left_alone_for_half_a_minute(
    airtable: Airtable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airtable takes five requests a second, and then none for 30 seconds; it does not say when again."""
    waits: list[float] = []
    monkeypatch.setattr(service, "time", SimpleNamespace(sleep=waits.append))
    books = source(airtable)
    with books.client() as client:
        airtable.busy, airtable.says_when = 5, False
        assert books.ask(client, "GET", "/v0/meta/whoami") == {"id": "usrReader"}
        assert sum(waits) >= 30
        airtable.busy = 7
        with pytest.raises(SourceUnreachable, match="takes no more for now: 429"):
            books.ask(client, "GET", "/v0/meta/whoami")


@pytest.mark.nightly
def test_memory_does_not_grow_with_the_table(airtable: Airtable) -> None:
    airtable.fill("Invoices/2026", *({"Name": f"n{n}", "Due": n + 0.25} for n in range(1_000_000)))
    spec = {"base": BASE, "token": TOKEN, "url": airtable.url, "tables": {"invoices": "Invoices/2026"}}
    rows, grown = memory.measured("airtable", spec, "SELECT * FROM invoices")
    assert (rows, grown < 150) == (1_000_000, True), grown


def test_what_is_refused_or_not_there_is_told(airtable: Airtable) -> None:
    wrong = source(airtable, token=SecretStr("guessed-token"))
    with pytest.raises(SourceFailed, match=r"refuses the sign-in.*AUTHENTICATION_REQUIRED") as failed:
        table(wrong)
    assert "guessed-token" not in failed.value.message
    assert [(step.name, step.ok) for step in wrong.check()] == [("reach", True), ("sign in", False)]
    with pytest.raises(SourceUnreachable, match="no table 'Gone'; there is Invoices/2026, Customers, Empty"):
        table(source(airtable, tables={"invoices": "Gone"}))
    client(airtable, "Invoices/2026").batch_create([{"Name": "a"}])
    nonsense = {"invoices": {"table": "Invoices/2026", "formula": "{Nothing} = 1"}}
    with pytest.raises(SourceFailed, match="INVALID_FILTER_BY_FORMULA"):
        table(source(airtable, tables=nonsense))
    airtable.scopes.remove("schema.bases:read")
    with pytest.raises(SourceFailed, match="INVALID_PERMISSIONS") as blind:
        table(source(airtable))
    assert "schema.bases:read" in blind.value.remedy
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        table(source(airtable, url="http://127.0.0.1:1"))
    with pytest.raises(ValidationError, match="url"):  # the token would go there in the open
        source(airtable, url="http://api.airtable.com")

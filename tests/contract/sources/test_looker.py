"""Looks and queries of Looker: as rows that it gives, or as the SQL that runs where the data are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import looker_sdk
import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.errors import ModelRefused, SourceFailed, SourceUnreachable
from bookward.sources.looker import LookerSource, LookerSpec
from bookward.sources.select import QueryRefused
from tests.contract.sources import memory
from tests.peers import looker as peer
from tests.peers.certificates import write_certificate
from tests.peers.http import serving
from tests.peers.looker import Look, Looker

MANY = 12_345
SQL = 'SELECT n AS "invoices.id", due AS "invoices.due" FROM invoices'
PEOPLE = 'SELECT 1 AS "people.id", \'Ann\' AS "people.name"'
FAILS = "SELECT CASE WHEN n > 9000 THEN error('the disk is full') ELSE n END AS n FROM invoices"


@pytest.fixture
def looker() -> Iterator[Looker]:
    with serving(Looker()) as stub, stub.connection:
        stub.connection.execute(
            f"CREATE TABLE invoices AS SELECT n, (n + 0.10)::DECIMAL(12, 2) AS due FROM range({MANY}) AS t(n)"
        )
        fields = ["invoices.id", "invoices.due"]
        stub.looks = [
            Look("42", SQL, fields),
            Look("43", PEOPLE, ["people.id", "people.name"], "People"),
            Look("44", SQL, fields, "Old", deleted=True),
            Look("900", SQL, fields, slug="aBc9"),
        ]
        yield stub
        assert stub.unlike == []


def source(looker: Looker, **changes: Any) -> LookerSource:
    given = {
        "url": looker.url, "client_id": looker.client_id, "client_secret": SecretStr(looker.client_secret),
        "tables": {"invoices": f"{looker.url}/looks/42"},
    }  # fmt: skip
    return LookerSource("looks", LookerSpec(**(given | changes)))


def table(of: LookerSource, query: str = "SELECT * FROM invoices") -> pa.Table:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema)


def test_every_row_comes_once_and_exact(looker: Looker) -> None:
    found = table(source(looker))
    assert found.schema == pa.schema({"invoices_id": pa.int64(), "invoices_due": pa.decimal128(7, 2)})
    assert [row["invoices_id"] for row in found.to_pylist()] == list(range(MANY))
    assert found["invoices_due"][1].as_py() == Decimal("1.10")


def test_memory_does_not_grow_with_a_look(looker: Looker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "_problems", lambda *_: ())  # the contract takes minutes over so many rows
    wide = (
        'SELECT n AS "invoices.id", repeat(\'x\', 400) AS "invoices.due" FROM range(200000) AS t(n)'  # 80 MB
    )
    looker.looks[0] = Look("42", wide, ["invoices.id", "invoices.due"])
    secret = {"client_id": looker.client_id, "client_secret": looker.client_secret}
    spec = {"url": looker.url, "tables": {"invoices": f"{looker.url}/looks/42"}, **secret}
    rows, grown = memory.measured("looker", spec, "SELECT * FROM invoices")
    assert (rows, grown < 100) == (200_000, True), grown


def test_numbers_keep_the_digits_that_looker_writes(looker: Looker) -> None:
    looker.looks[0].sql = """
        SELECT 12345678901234567890.10 AS sum, 9007199254740993 AS whole, DATE '2026-01-31' AS day,
            true AS ok, NULL AS none, '株式会社 👩‍👧' AS text
    """
    assert table(source(looker)).to_pylist() == [{
        "sum": Decimal("12345678901234567890.10"), "whole": 9007199254740993, "day": "2026-01-31", "ok": True,
        "none": None, "text": "株式会社 👩‍👧",
    }]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["looks/42", "/looks/42", "x/aBc9", "explore/shop/orders?qid=aBc9&toggle=vis"]
)
def test_a_look_and_a_query_are_found_by_their_address(looker: Looker, path: str) -> None:
    looks = source(looker)
    url = path if path.startswith("/") else f"{looker.url}/{path}"
    assert looks.sql(url, "duckdb") == (
        f'SELECT "invoices.id" AS "invoices_id", "invoices.due" AS "invoices_due" FROM (\n{SQL}\n) AS "look"'
    )
    name = looks.add(url)
    assert table(looks, f'SELECT count(*) AS n FROM "{name}"').to_pylist() == [{"n": MANY}]


def test_looks_are_joined_and_listed(looker: Looker) -> None:
    looks = source(looker, tables={"i": f"{looker.url}/looks/42", "p": f"{looker.url}/looks/43"})
    joined = table(looks, "SELECT people_name, invoices_due FROM i JOIN p ON invoices_id = people_id")
    assert joined.to_pylist() == [{"people_name": "Ann", "invoices_due": Decimal("1.10")}]
    assert [(step.name, step.ok) for step in looks.check()] == [
        ("reach", True), ("sign in", True), ("read i", True), ("read p", True),
    ]  # fmt: skip
    assert [each.name for each in looks.tables()] == ["i", "p"]
    chosen = [(each.schema, each.name) for each in source(looker, tables={}).tables()]
    assert chosen == [
        ("Finance", "looks/42 Invoices"), ("Finance", "looks/43 People"),
    ]  # fmt: skip


def test_a_look_without_rows_keeps_its_columns(looker: Looker) -> None:
    looker.looks[0].sql += " WHERE n < 0"
    assert table(source(looker)).to_pydict() == {"invoices_id": [], "invoices_due": []}


def test_a_token_that_has_run_out_is_renewed(looker: Looker) -> None:
    looks = source(looker)
    with looks.client() as client:
        looks.ask(client, "GET", "/api/4.0/user")
        looker.tokens.clear()
        assert looks.ask(client, "GET", "/api/4.0/user")["id"] == "7"


def test_wrong_credentials_are_told_with_a_remedy(looker: Looker) -> None:
    *_, step = source(looker, client_secret=SecretStr("wrong")).check()
    assert (step.name, step.ok) == ("sign in", False)
    assert "refuses the sign-in" in step.detail
    assert "client_secret" in str(step.remedy)


@pytest.mark.parametrize(("number", "said"), [("99", "no such Look"), ("44", "in the trash")])
def test_a_look_that_is_not_there_is_said(looker: Looker, number: str, said: str) -> None:
    looks = source(looker, tables={"invoices": f"{looker.url}/looks/{number}"})
    with pytest.raises(SourceFailed, match=said):
        table(looks)
    *_, step = looks.check()
    assert (step.name, step.ok) == ("read invoices", False)
    assert step.remedy


@pytest.mark.parametrize("whole", [1, 2])
def test_an_answer_that_breaks_off_is_an_error(looker: Looker, whole: int) -> None:
    looks = source(looker)
    looker.whole = whole  # sign-in, then the Look, then its rows
    looker.chunked = whole == 2
    with pytest.raises(SourceFailed, match=r"lost while reading|not whole|something else"):
        table(looks)


def test_a_look_that_fails_in_looker_is_an_error(looker: Looker) -> None:
    looker.looks[0].sql = FAILS
    with pytest.raises(SourceFailed, match=r"failed in Looker: .*the disk is full"):
        table(source(looker))


def test_a_result_that_looker_cuts_is_an_error(looker: Looker) -> None:
    looker.may_download = False
    with pytest.raises(SourceFailed, match="5,000 rows, at which Looker cuts"):
        table(source(looker))
    looker.keeps_limits = True
    with pytest.raises(SourceFailed, match="500 rows, at which Looker cuts"):
        table(source(looker))
    with pytest.raises(ModelRefused, match="with a limit"):
        source(looker).sql(f"{looker.url}/looks/42", "duckdb")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"pivots": ["invoices.day"]}, "pivots"),
        ({"dynamic_fields": '[{"table_calculation": "share", "expression": "1"}]'}, "table calculations"),
        ({"fill_fields": ["invoices.day"]}, "rows that it fills in"),
    ],
)
def test_what_looker_computes_itself_is_not_taken_for_sql(looker: Looker, more: Any, said: str) -> None:
    looker.looks[0].more = more
    with pytest.raises(ModelRefused, match=said):
        source(looker).sql(f"{looker.url}/looks/42", "duckdb")


def test_measures_of_ones_own_are_in_the_sql(looker: Looker) -> None:
    looker.looks[0].more = {"dynamic_fields": '[{"measure": "most", "based_on": "invoices.due"}]'}
    assert "FROM invoices" in source(looker).sql(f"{looker.url}/looks/42", "duckdb")


@pytest.mark.parametrize("path", ["dashboards/7", "explore/shop/orders?fields=a", "looks/new"])
def test_other_addresses_are_refused(looker: Looker, path: str) -> None:
    with pytest.raises(ModelRefused, match="neither a Look nor a query"):
        source(looker).add(f"{looker.url}/{path}")
    with pytest.raises(ModelRefused, match="not an address of"):
        source(looker).add("https://another.example.com/looks/42")


def test_sql_of_more_than_one_statement_is_refused(looker: Looker) -> None:
    looker.looks[0].sql = "CREATE TABLE pdt AS SELECT 1; SELECT 1 AS a"
    with pytest.raises(QueryRefused):
        source(looker).sql(f"{looker.url}/looks/42", "duckdb")


def test_a_server_that_is_not_there_or_not_trusted(looker: Looker, tmp_path: Path) -> None:
    (step,) = source(looker, url="http://127.0.0.1:1").check()
    assert (step.name, step.ok) == ("reach", False)
    certificate = tmp_path / "certificate.pem"
    write_certificate(certificate)
    with serving(Looker(), certificate) as stub, stub.connection:
        with pytest.raises(SourceUnreachable):
            source(stub, tables={}).greeting()
        assert source(stub, tables={}, sslrootcert=str(certificate)).greeting() == "as Bookward"


def test_the_stub_is_what_lookers_own_client_expects(looker: Looker, monkeypatch: Any) -> None:
    for name, value in {
        "BASE_URL": looker.url, "CLIENT_ID": looker.client_id, "CLIENT_SECRET": looker.client_secret,
        "VERIFY_SSL": "false",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"LOOKERSDK_{name}", value)
    sdk = looker_sdk.init40()
    assert sdk.me(fields="id,display_name").display_name == "Bookward"
    assert [look.title for look in sdk.search_looks(limit=10, offset=0)] == ["Invoices", "People"]
    look = sdk.look("42")
    assert look.query is not None
    assert (look.query.fields, look.query.limit) == (["invoices.id", "invoices.due"], "500")
    assert sdk.run_look("42", "sql", limit=-1) == SQL
    query = sdk.query_for_slug("aBc9")
    assert sdk.run_query(str(query.id), "json", limit=2).replace("\n", "") == (
        '[{"invoices.id":0,"invoices.due":0.10},{"invoices.id":1,"invoices.due":1.10}]'
    )
    with pytest.raises(looker_sdk.error.SDKError, match="Not found"):
        sdk.run_look("99", "json")

"""What Metabase exports as tables: every row that it streams, or an error."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from bookward.errors import ModelRefused, SourceFailed, SourceUnreachable
from bookward.sources.jsontext import elements
from bookward.sources.metabase import MetabaseSource, MetabaseSpec
from tests.contract.sources import memory
from tests.peers.certificates import write_certificate
from tests.peers.http import Answer, Asked, serving
from tests.peers.metabase import API_KEY, Metabase

MANY = 12_345
FAILS = "SELECT n, CASE WHEN n > 9000 THEN error('the disk is full') ELSE n END AS m FROM invoices"


@pytest.fixture
def metabase() -> Iterator[Metabase]:
    with serving(Metabase()) as stub, stub.connection:
        stub.connection.execute(
            f"CREATE TABLE invoices AS SELECT n, (n + 0.10)::DECIMAL(12, 2) AS due FROM range({MANY}) AS t(n)"
        )
        stub.questions = {4: "SELECT * FROM invoices", 5: "SELECT 1 AS id, 'Ann' AS name"}
        yield stub


def source(metabase: Metabase, **changes: Any) -> MetabaseSource:
    given = {"url": metabase.url, "api_key": SecretStr(API_KEY), "tables": {"invoices": 4}}
    return MetabaseSource("questions", MetabaseSpec(**(given | changes)))


def native(sql: str) -> dict[str, Any]:
    return {"t": {"database": 1, "sql": sql}}


def table(of: MetabaseSource, query: str = "SELECT * FROM invoices") -> pa.Table:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema)


def test_every_row_comes_once_and_exact(metabase: Metabase) -> None:
    found = table(source(metabase))
    assert found.schema == pa.schema({"n": pa.int64(), "due": pa.decimal128(7, 2)})
    assert [row["n"] for row in found.to_pylist()] == list(range(MANY))
    assert found["due"][1].as_py() == Decimal("1.10")


def test_questions_and_sql_are_joined_and_listed(metabase: Metabase) -> None:
    values = """
        SELECT 1 AS id, 12345678901234567890.10 AS sum, DATE '2026-01-31' AS day, true AS ok, NULL AS none,
            '株式会社 👩‍👧' AS text, 9007199254740993 AS whole
    """
    questions = source(metabase, tables={"people": 5} | native(values))
    assert table(questions, "SELECT * FROM t JOIN people USING (id)").to_pylist() == [{
        "id": 1, "sum": Decimal("12345678901234567890.10"), "day": "2026-01-31", "ok": True, "none": None,
        "text": "株式会社 👩‍👧", "whole": 9007199254740993, "name": "Ann",
    }]  # fmt: skip
    assert [(step.name, step.ok) for step in questions.check()] == [
        ("reach", True), ("sign in", True), ("read people", True), ("read t", True),
    ]  # fmt: skip
    listed = {each.name: [column.name for column in each.columns] for each in questions.tables()}
    assert listed["people"] == ["id", "name"]


@pytest.mark.parametrize(
    ("engine", "sql", "said"),
    [
        ("duckdb", "DELETE FROM invoices", "expected a SELECT, found DELETE"),
        ("h2", "SELECT 1; DROP TABLE invoices", "a second statement begins here, DROP"),
        ("postgres", "WITH gone AS (DELETE FROM invoices RETURNING n) SELECT * FROM gone", "a DELETE"),
        ("sqlserver", "SELECT 1 AS one DELETE FROM invoices", "a second statement begins here, DELETE"),
        ("mysql", "SELECT `n", "this quote or comment is never closed"),
    ],
)
def test_sql_that_is_no_single_select_never_reaches_metabase(
    metabase: Metabase, engine: str, sql: str, said: str
) -> None:
    metabase.engine = engine
    with pytest.raises(ModelRefused, match=f"Table 't' of source 'questions'.*Line 1, column .*{said}"):
        table(source(metabase, tables=native(sql)), "SELECT * FROM t")
    assert [asked.path for asked in metabase.asked] == ["/api/database/1"]


def test_sql_is_read_as_the_engine_of_its_database_has_it(metabase: Metabase) -> None:
    quoted = source(metabase, tables=native("SELECT `n` FROM invoices WHERE n = 1"))
    metabase.engine = "mysql"
    assert table(quoted, "SELECT * FROM t").to_pylist() == [{"n": 1}]
    metabase.engine = "postgres"
    with pytest.raises(ModelRefused, match="syntax error"):
        table(quoted, "SELECT * FROM t")


def test_a_question_without_rows_keeps_its_columns(metabase: Metabase) -> None:
    metabase.questions[4] += " WHERE n < 0"
    assert table(source(metabase)).to_pydict() == {"n": [], "due": []}
    with pytest.raises(SourceFailed, match="does not say which columns"):
        table(source(metabase, tables=native("SELECT 1 AS a WHERE false")), "SELECT * FROM t")


@pytest.mark.parametrize("tells", [True, False])
def test_an_error_inside_of_an_answer_is_never_taken_for_its_end(metabase: Metabase, tells: bool) -> None:
    metabase.questions[4], metabase.tells = FAILS, tells
    said = "goes on with.*the disk is full" if tells else "before its list does"
    with pytest.raises(SourceFailed, match=f"failed while it was read, or is not whole.*{said}") as failed:
        table(source(metabase))
    assert "table 'invoices' of source 'questions'" in failed.value.message.lower()


def test_an_error_instead_of_rows_is_told_in_its_words(metabase: Metabase) -> None:
    with pytest.raises(SourceFailed, match=r"not whole: it goes on with .*nowhere"):
        table(source(metabase, tables=native("SELECT * FROM nowhere")), "SELECT * FROM t")


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_is_cut_off_never_looks_like_a_short_result(metabase: Metabase, chunked: bool) -> None:
    metabase.chunked, metabase.whole = chunked, 1
    with pytest.raises(
        SourceFailed, match=r"table 'invoices' of source 'questions'.* was lost while reading"
    ):
        table(source(metabase))


def test_an_answer_that_does_not_come_is_given_up(
    metabase: Metabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, over = metabase.answer, Event()

    def late(asked: Asked) -> Answer:
        if not asked.path.endswith("/query/json"):
            return given(asked)
        over.wait()
        return Answer([])

    monkeypatch.setattr(metabase, "answer", late)
    try:
        with pytest.raises(SourceFailed, match=r"was lost while reading: .*timed out"):
            table(source(metabase, statement_timeout=1))
    finally:
        over.set()


def test_an_export_that_metabase_cuts_is_an_error(metabase: Metabase) -> None:
    metabase.limit = 2_000
    with pytest.raises(SourceFailed, match=r"has 2,000 rows, at which Metabase cuts an export"):
        table(source(metabase, row_limit=2_000))


def test_memory_does_not_grow_with_the_export(metabase: Metabase) -> None:
    metabase.questions[4] = "SELECT n, repeat('x', 400) AS filler FROM range(200000) AS t(n)"  # 80 MB
    spec = {"url": metabase.url, "api_key": API_KEY, "tables": {"invoices": 4}}
    rows, grown = memory.measured("metabase", spec, "SELECT * FROM invoices")
    assert (rows, grown < 100) == (200_000, True), grown


def test_columns_of_one_name_are_not_merged_unnoticed(metabase: Metabase) -> None:
    # As Metabase, whose lists of columns keep both, and whose rows keep the last.
    metabase.titles = {4: ["n", "due", "due"]}
    with pytest.raises(SourceFailed, match="has 3 columns, and exports 2: some are called alike"):
        table(source(metabase))


def test_what_is_refused_or_not_there_is_told(metabase: Metabase) -> None:
    wrong = source(metabase, api_key=SecretStr("guessed-key"))
    with pytest.raises(SourceFailed, match=r"refuses the sign-in.*401 Unauthenticated") as failed:
        table(wrong)
    assert "guessed-key" not in failed.value.message
    assert [(step.name, step.ok) for step in wrong.check()] == [("reach", True), ("sign in", False)]
    with pytest.raises(SourceFailed, match="refused the query: 404"):
        table(source(metabase, tables={"invoices": 9}))
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        table(source(metabase, url="http://127.0.0.1:1"))
    for tables in ({"t": {"sql": "SELECT 1"}}, {"t": {"question": 1, "database": 1, "sql": "x"}}, {"t": {}}):
        with pytest.raises(ValidationError, match="say either `question`, or `database` and `sql`"):
            source(metabase, tables=tables)


def test_a_server_proves_who_it_is(tmp_path: Path) -> None:
    certificate = tmp_path / "both.pem"
    write_certificate(certificate)
    with serving(Metabase(), certificate) as stub, stub.connection:
        stub.questions = {4: "SELECT 1 AS one"}
        assert table(source(stub, sslrootcert=str(certificate))).to_pylist() == [{"one": 1}]
        with pytest.raises(SourceUnreachable, match="certificate verify failed"):
            table(source(stub))


@pytest.mark.parametrize("size", [1, 7, 1_000])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", []),
        (' [\n{"a": 1.10},\n{"b": [{"c": "}]"}]}\n] ', [{"a": "1.10"}, {"b": [{"c": "}]"}]}]),
        ("", None),
        ("[", None),
        ('[{"a": 1}', None),
        ('[{"a": 1},]', None),
        ('[{"a": 1} {"b": 1}]', None),
        ('[{"a": 1}]{"error": "x"}', None),
        ('{"error": "x"}', None),
        ('[{"a": 1', None),
        ("[1]", None),
    ],
)
def test_a_list_is_whole_however_it_comes(text: str, found: list[Any] | None, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    if found is not None:
        assert list(elements(pieces)) == found
        return
    with pytest.raises(ValueError, match=r"it (goes on|ends) with"):
        list(elements(pieces))

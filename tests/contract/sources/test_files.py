"""Files as tables: exact, whole, and no others of the machine."""

from __future__ import annotations

import gzip
import http.server
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.files import FilesSource, FilesSpec
from tests.contract.sources import memory

CSV = 'id,code,amount,note\n1,0200,12.50,"a ""b"", c"\n2,,1000.129,\n'


def with_another_sum(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[-8] ^= 1
    return bytes(packed)


def source(folder: Path, **tables: Any) -> FilesSource:
    return FilesSource("exports", FilesSpec(tables=tables).located(folder))


def rows(of: FilesSource, query: str) -> list[dict[str, Any]]:
    with of.read(query) as found:
        return pa.Table.from_batches(found.batches, schema=found.schema).to_pylist()


def test_every_column_of_a_csv_file_is_text_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(CSV)
    lines = source(tmp_path, lines="lines.csv")
    assert rows(lines, "SELECT * FROM lines ORDER BY id") == [
        {"id": "1", "code": "0200", "amount": "12.50", "note": 'a "b", c'},
        {"id": "2", "code": None, "amount": "1000.129", "note": None},
    ]
    (found,) = lines.tables()
    assert (found.name, [column.name for column in found.columns]) == (
        "lines",
        ["id", "code", "amount", "note"],
    )


def test_tables_of_several_formats_are_joined(tmp_path: Path) -> None:
    (tmp_path / "invoices-1.csv").write_text("id;customer\n1;c1\n")
    with gzip.open(tmp_path / "invoices-2.csv.gz", "wt") as packed:
        packed.write("id;customer\n2;c2\n")
    pq.write_table(
        pa.table({"customer": ["c1", "c2"], "due": pa.array([1, 2], pa.int64())}), tmp_path / "c.parquet"
    )
    (tmp_path / "names.jsonl").write_text(
        '{"customer": "c1", "name": "Ann"}\n\n{"customer": "c2", "name": null}\n'
    )
    joined = source(
        tmp_path,
        invoices={"path": "invoices-*.csv*", "format": "csv", "delimiter": ";"},
        customers="c.parquet",
        names="names.jsonl",
    )
    both = "invoices AS i JOIN customers USING (customer) JOIN names USING (customer)"
    assert rows(joined, f"SELECT i.id, due, name FROM {both} ORDER BY ALL") == [
        {"id": "1", "due": 1, "name": "Ann"},
        {"id": "2", "due": 2, "name": None},
    ]
    # A table that is there twice is read twice.
    assert rows(joined, "SELECT count(*) AS n FROM names AS a, names AS b") == [{"n": 4}]
    assert [step.detail for step in joined.check()] == ["2 rows, read-only"] * 3


def test_numbers_of_json_keep_their_digits(tmp_path: Path) -> None:
    (tmp_path / "money.json").write_text(
        '[{"a": 12.50, "b": 12345678901234567890.123456789, "ok": true,'
        ' "nested": {"q": 1.10, "l": [1e2, "x"]}},'
        ' {"a": 7, "more": ""}]'
    )
    assert rows(source(tmp_path, money="money.json"), "SELECT * FROM money") == [
        {
            "a": "12.50",
            "b": "12345678901234567890.123456789",
            "ok": "true",
            "nested": '{"q": 1.10, "l": [1e2, "x"]}',
            "more": None,
        },
        {"a": "7", "b": None, "ok": None, "nested": None, "more": ""},
    ]


@pytest.mark.parametrize("name", ["t.json", "t.parquet", "t.xlsx", "t.csv"])
def test_columns_that_differ_in_capital_letters_only_are_refused(tmp_path: Path, name: str) -> None:
    """SQL takes them for one, and would give one of them only."""
    (tmp_path / "t.json").write_text('[{"id": 1, "Amount": "10.00"}, {"id": 2, "amount": "20.00"}]')
    (tmp_path / "t.csv").write_text("id,Amount,amount\n1,10.00,\n")
    pq.write_table(pa.table({"id": [1], "Amount": ["10.00"], "amount": [None]}), tmp_path / "t.parquet")
    book = openpyxl.Workbook()
    book.active.append(["id", "Amount", "amount"])
    book.active.append([1, "10.00", None])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(SourceFailed, match="it has columns 'Amount' and 'amount', which SQL takes for one"):
        rows(source(tmp_path, t=name), "SELECT id, amount FROM t")


def test_cells_of_a_sheet_are_what_a_person_sees(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["not", "this"])
    sheet = book.create_sheet("Ledger")
    sheet.append(["Account", "Amount", "Day", None])
    sheet.append(["0200", 0.1 + 0.2, date(2026, 1, 31), True])
    sheet.append([None, None, None, None])
    sheet.append([200, 1234567.89, datetime(2026, 1, 31, 12, 30), None])  # noqa: DTZ001 - as Excel has them
    book.save(tmp_path / "books.xlsx")
    ledger = source(tmp_path, ledger={"path": "books.xlsx", "sheet": "Ledger"})
    assert rows(ledger, "SELECT * FROM ledger") == [
        {"Account": "0200", "Amount": "0.3", "Day": "2026-01-31", "column4": "true"},
        {"Account": "200", "Amount": "1234567.89", "Day": "2026-01-31T12:30:00", "column4": None},
    ]
    with pytest.raises(SourceFailed, match="no sheet 'Nothing'; there is 'Sheet', 'Ledger'"):
        rows(source(tmp_path, t={"path": "books.xlsx", "sheet": "Nothing"}), "SELECT * FROM t")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("short.csv", b"id,name\n1,a\n2\n3,c\n", "Expected Number of Columns: 2 Found: 1"),
        ("latin.csv", "id,name\n1,Müller\n".encode("latin-1"), "utf-8"),
        ("twice.csv", b"id,id\n1,2\n", "two columns 'id'"),
        ("empty.csv", b"", "is empty"),
        (
            "cut.csv.gz",
            gzip.compress(CSV.encode() * 1000, mtime=0)[:-200],
            "(?i)end-of-stream|unexpected end",
        ),
        ("sum.csv.gz", with_another_sum(CSV.encode() * 1000), "CRC"),
        ("letters.json", b'[{"id": "\\ud800"}]', "surrogate"),
        ("cut.parquet", b"PAR1 nothing", "(?i)parquet"),
        ("cut.json", b'[{"id": 1}, {"id"', "no JSON"),
        ("half.jsonl", b'{"id": 1}\n{"id": 2', "line 2, is no JSON"),
        ("list.jsonl", b"[1]\n", "line 1, is list, not an object"),
        ("book.xlsx", b"PK nothing", "no Excel file"),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it_and_never_a_short_result(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceFailed, match=said) as failed:
        rows(source(tmp_path, t=name), "SELECT * FROM t")
    assert "'exports'" in failed.value.message or name in failed.value.message


def test_files_of_one_pattern_have_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "a1.csv").write_text("id,name\n1,a\n")
    (tmp_path / "a2.csv").write_text("id,title\n2,b\n")
    with pytest.raises(
        SourceFailed, match=r"a2\.csv has other columns than a1\.csv: id, title instead of id, name"
    ):
        rows(source(tmp_path, t="a*.csv"), "SELECT * FROM t")


def test_a_query_reads_no_other_file_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "secret.csv").write_text("id\n1\n")
    exports = source(tmp_path, a="a.csv")
    for query in (
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        f"SELECT * FROM a, '{tmp_path}/secret.csv'",
        f"SELECT * FROM read_text('{tmp_path}/*')",
    ):
        with pytest.raises(SourceFailed, match=r"(?i)cannot access|disabled|not allowed"):
            rows(exports, query)


@pytest.mark.parametrize("query", ["SELECT ST_Point(1, 2) AS p", "SELECT * FROM iceberg_scan('a')"])
def test_no_extension_is_fetched_for_a_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """One fits a single version of DuckDB, and behind a firewall it would be waited for in vain."""
    (tmp_path / "a.csv").write_text(CSV)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SourceFailed, match=r"refused the query.*(spatial|iceberg)"):
        rows(source(tmp_path, a="a.csv"), query)
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SourceUnreachable, match=r"Table 't' of source 'exports' has no file at .*nothing\*\.csv"
    ):
        rows(source(tmp_path, t="nothing*.csv"), "SELECT * FROM t")
    with pytest.raises(SourceFailed, match="nowhere"):
        rows(source(tmp_path, t="nothing*.csv"), "SELECT * FROM nowhere")
    with pytest.raises(ValidationError, match="say the `format`"):
        FilesSpec(tables={"t": "a.dat"})


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le"])
def test_either_order_of_bytes_is_read(tmp_path: Path, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding.endswith("be") else b"\xff\xfe"
    (tmp_path / "a.csv").write_bytes(mark + "id,name\n1,M\u00fcller\n2,b\n".encode(encoding))
    wide = source(tmp_path, t={"path": "a.csv", "encoding": "utf-16"})
    assert rows(wide, "SELECT * FROM t") == [{"id": "1", "name": "M\u00fcller"}, {"id": "2", "name": "b"}]


def test_names_of_folders_are_no_data_unless_somebody_says_so(tmp_path: Path) -> None:
    (tmp_path / "code=999").mkdir()
    (tmp_path / "code=999" / "a.csv").write_text(CSV)
    assert [row["code"] for row in rows(source(tmp_path, t="*/a.csv"), "SELECT code FROM t")] == [
        "0200",
        None,
    ]
    said = source(tmp_path, t={"path": "*/a.csv", "partitions": True})
    assert [row["code"] for row in rows(said, "SELECT code FROM t")] == ["999", "999"]


def test_parquet_files_of_other_types_are_not_read_as_one(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": pa.array([2**53 + 1], pa.int64())}), tmp_path / "a1.parquet")
    pq.write_table(pa.table({"n": pa.array([0.5])}), tmp_path / "a2.parquet")
    with pytest.raises(SourceFailed, match=r"a2\.parquet has other columns or types than a1\.parquet"):
        rows(source(tmp_path, t="a*.parquet"), "SELECT * FROM t")


def test_a_sheet_is_read_whole_whatever_it_says_of_its_size(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number in range(9):
        book.active.append([f"name {number}", number, "x"])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as small:
        for name in whole.namelist():
            content = whole.read(name)
            small.writestr(name, content.replace(b'ref="A1:C9"', b'ref="A1:B3"'))
            assert name != "xl/worksheets/sheet1.xml" or b'ref="A1:C9"' in content
    assert len(rows(source(tmp_path, t="b.xlsx"), "SELECT * FROM t")) == 8


def test_a_formula_that_was_never_worked_out_is_not_taken_for_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "total"])
    book.active.append([1, "=1+1"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceFailed, match="row 2: a formula has no value"):
        rows(source(tmp_path, t="a.xlsx"), "SELECT * FROM t")


def test_a_name_with_brackets_is_taken_by_its_word(tmp_path: Path) -> None:
    (tmp_path / "inv[1].csv").write_text(CSV)
    (tmp_path / "inv1.csv").write_text("id,code,amount,note\n")
    assert len(rows(source(tmp_path, t="inv[1].csv"), "SELECT * FROM t")) == 2


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("ending", "written"),
    [
        ("csv", "TO '{}' (FORMAT csv)"),
        ("csv.gz", "TO '{}' (FORMAT csv, COMPRESSION gzip)"),
        ("jsonl", "TO '{}' (FORMAT json)"),
        ("parquet", "TO '{}' (FORMAT parquet, ROW_GROUP_SIZE 50000)"),
    ],
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, ending: str, written: str) -> None:
    file = tmp_path / f"long.{ending}"
    columns = "i AS id, i * 0.25 AS due, 'row ' || i || repeat('x', 99) AS note"
    rows = f"SELECT {columns} FROM range(1000000) AS r(i)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) {written.format(file)}")
    came, grown = memory.measured("files", {"tables": {"t": str(file)}}, "SELECT * FROM t")
    assert (came, grown < 150) == (1_000_000, True), grown


@pytest.mark.nightly
def test_memory_does_not_grow_with_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["id", "due", "note"])
    for number in range(40_000):
        sheet.append([number, number * 0.25, f"row {number}"])
    book.save(tmp_path / "long.xlsx")
    given = {"tables": {"t": str(tmp_path / "long.xlsx")}}
    came, grown = memory.measured("files", given, "SELECT * FROM t")
    assert (came, grown < 150) == (40_000, True), grown


@contextmanager
def serving(body: bytes, *, cut: int = 0, tells: bool = True) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path.startswith("/there") else 404)
            if tells:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - cut])

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_files_are_fetched_from_an_address_whole_or_not_at_all(tmp_path: Path) -> None:
    body = CSV.encode() * 500
    with serving(body) as address:
        there = source(tmp_path, t=f"{address}/there/lines.csv?token=hidden")
        assert rows(there, "SELECT count(*) AS n FROM t WHERE code = '0200'") == [{"n": 500}]
        with pytest.raises(SourceUnreachable, match="answered with 404") as failed:
            rows(source(tmp_path, t=f"{address}/gone.csv?token=hidden"), "SELECT * FROM t")
        assert "hidden" not in failed.value.message
        small = FilesSource("exports", FilesSpec(tables={"t": f"{address}/there/t.csv"}, most_bytes=1000))
        with pytest.raises(SourceFailed, match="more than 1,000 bytes"):
            rows(small, "SELECT * FROM t")
        password = address.replace("//", "//ann:hidden@")
        with pytest.raises(SourceUnreachable, match="answered with 404") as failed:
            rows(source(tmp_path, t=f"{password}/gone.csv"), "SELECT * FROM t")
        assert "hidden" not in failed.value.message
    with serving(body, cut=100, tells=False) as address, pytest.raises(SourceUnreachable, match="how long"):
        rows(source(tmp_path, t=f"{address}/there/t.csv"), "SELECT * FROM t")
    with serving(body, cut=100) as address, pytest.raises(SourceUnreachable, match="cannot be fetched whole"):
        rows(source(tmp_path, t=f"{address}/there/t.csv"), "SELECT * FROM t")

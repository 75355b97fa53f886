"""The sample warehouse is the same everywhere, and consistent in itself."""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.model import Model
from bookward.sources import sample_data as words
from bookward.sources.sample import SampleSource, SampleSpec, generate
from bookward.spec.model import ModelSpec
from tests.fakes import FakeClock

DIGESTS = {
    "users": "946800b380c386fe",
    "plans": "7f0b20ef27d1d532",
    "products": "7485d17ef2ddc47d",
    "accounts": "2a5ee7b7733eb2b0",
    "subscriptions": "50f0afb75039947f",
    "invoices": "4480fdaa1906d5bf",
    "invoice_lines": "458eb0bd5ec94215",
    "payments": "c92ade0ae9445397",
}
"""Of a company of 1,000 users; a change of these changes everybody's demo."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.duckdb"
    generate(path, 1000)
    return path


@pytest.fixture(scope="module")
def company(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    # A copy: one process opens a DuckDB file in one way at a time.
    copy = shutil.copy(path, tmp_path_factory.mktemp("copy"))
    with duckdb.connect(copy, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def rows(company: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return company.execute(sql).fetchall()


@pytest.mark.parametrize("table", DIGESTS)
def test_every_row_is_the_same_on_every_machine(path: Path, table: str) -> None:
    digest = hashlib.sha256()
    with SampleSource("sample", SampleSpec(path=str(path))).read(
        f"SELECT * FROM {table} ORDER BY 1"
    ) as found:
        for batch in found.batches:
            for row in batch.to_pylist():
                digest.update(repr([str(value) for value in row.values()]).encode())
    assert digest.hexdigest()[:16] == DIGESTS[table]


def test_users_have_the_columns_promised(company: duckdb.DuckDBPyConnection) -> None:
    assert [(name, type_) for name, type_, *_ in rows(company, "DESCRIBE users")] == [
        ("id", "BIGINT"),
        *((name, "VARCHAR") for name in (
            "name", "first_name", "last_name", "email", "phone_country", "phone_area", "phone_number",
            "company", "street", "city", "region", "postal_code", "country", "tax_number", "plan",
        )),
        ("created_at", "TIMESTAMP WITH TIME ZONE"),
        ("active", "BOOLEAN"),
    ]  # fmt: skip


def test_ids_run_from_one_and_names_and_emails_are_unique(company: duckdb.DuckDBPyConnection) -> None:
    users = rows(company, "SELECT id, name, email FROM users ORDER BY id")
    assert [id_ for id_, _, _ in users] == list(range(1, 1001))
    assert len({words.ascii_letters(name) for _, name, _ in users}) == 1000
    emails = [email for _, _, email in users if email is not None]
    assert len(set(emails)) == len(emails)
    assert 900 < len(emails) < 1000


def test_names_stay_unique_for_a_million_users() -> None:
    combinations = len(words.FIRST_NAMES) * 26 * len(words.LAST_NAMES)
    assert combinations >= 1_000_000
    assert math.gcd(769_231, combinations) == 1
    for names in (words.FIRST_NAMES, words.LAST_NAMES):
        assert len({words.ascii_letters(name) for name in names}) == len(names)


def test_company_names_stay_unique_for_a_million_users() -> None:
    lists = (words.COMPANY_FIRST, words.COMPANY_SECOND, words.COMPANY_THIRD)
    assert [len(set(map(words.ascii_letters, names))) for names in lists] == [60, 60, 60]
    assert math.gcd(77_773, 60**3) == 1


def test_values_fit_the_fields_of_the_destination(company: duckdb.DuckDBPyConnection) -> None:
    users = rows(
        company,
        "SELECT phone_number, phone_area, phone_country, country, email, postal_code, tax_number, name "
        "FROM users",
    )
    for number, area, code, country, email, postal_code, tax_number, name in users:
        assert (number is None) == (area is None) == (code is None)
        assert len(number or "") <= 50
        assert len(area or "") <= 10
        assert len(code or "") <= 20
        assert re.fullmatch(r"[A-Za-z ]+", country)
        assert email is None or re.fullmatch(r"[a-z0-9.]+@[a-z0-9]+\.example", email)
        assert len(postal_code or "") <= 50
        assert 0 < len(tax_number) <= 50
        assert re.fullmatch(r"\S.* [A-Z]\. \S.*", name)


def test_names_ask_something_of_the_way_they_travel(company: duckdb.DuckDBPyConnection) -> None:
    text = " ".join(f"{name} {firm}" for name, firm in rows(company, "SELECT name, company FROM users"))
    assert all(sign in text for sign in ("O'", "ü", "ø", "🚀", "株", "א", "ش", "&"))


@pytest.mark.parametrize(
    "impossible",
    [
        "SELECT * FROM invoices JOIN lines USING (id) WHERE invoices.subtotal <> lines.subtotal",
        "SELECT * FROM invoices JOIN lines USING (id) WHERE invoices.tax <> lines.tax",
        "SELECT * FROM invoices ANTI JOIN lines USING (id)",
        "SELECT * FROM invoices WHERE total <> subtotal + tax OR total <= 0",
        "SELECT * FROM invoice_lines WHERE amount <> round(quantity * unit_price, 2)",
        "SELECT * FROM payments AS p JOIN invoices AS i ON i.id = invoice_id WHERE amount > total",
        "SELECT * FROM payments AS p JOIN invoices AS i ON i.id = invoice_id WHERE amount <> amount_paid",
        "SELECT * FROM invoices WHERE (status = 'paid') <> (amount_paid = total)",
        "SELECT * FROM invoices WHERE due_on <= issued_on",
        "SELECT * FROM payments JOIN invoices ON invoices.id = invoice_id WHERE paid_on < issued_on",
        "SELECT * FROM invoices JOIN users ON users.id = user_id WHERE issued_on < created_at::DATE",
        "SELECT * FROM subscriptions WHERE ended_on <= started_on",
        "SELECT * FROM invoice_lines ANTI JOIN invoices ON invoices.id = invoice_id",
        "SELECT * FROM invoice_lines ANTI JOIN accounts ON accounts.code = account_code",
        "SELECT * FROM invoice_lines ANTI JOIN products ON products.code = product_code",
        "SELECT * FROM subscriptions ANTI JOIN plans ON plans.code = plan",
        "SELECT * FROM users WHERE created_at NOT BETWEEN '2021-01-01' AND '2026-11-01'",
        "SELECT invoice_number FROM invoices GROUP BY ALL HAVING count(*) > 1",
    ],
)
def test_the_books_add_up(company: duckdb.DuckDBPyConnection, impossible: str) -> None:
    lines = (
        "WITH lines AS (SELECT invoice_id AS id, sum(amount) AS subtotal, sum(tax_amount) AS tax "
        "FROM invoice_lines GROUP BY invoice_id)"
    )
    assert rows(company, f"{lines} {impossible}") == []


def test_money_is_decimal(company: duckdb.DuckDBPyConnection) -> None:
    types = dict(rows(company, "SELECT column_name, data_type FROM duckdb_columns() WHERE NOT internal"))
    assert {types[name] for name in ("total", "tax", "amount", "price_per_seat")} == {"DECIMAL(12,2)"}
    assert {types[name] for name in ("quantity", "unit_price")} == {"DECIMAL(12,4)"}


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    with duckdb.connect(str(path)) as mine:
        mine.execute("CREATE TABLE users AS SELECT 42 AS id")
    generate(path, 1000)
    with SampleSource("sample", SampleSpec(path=str(path), users=2000)).read("SELECT * FROM users") as found:
        assert [batch.to_pylist() for batch in found.batches] == [[{"id": 42}]]
    assert [each.name for each in tmp_path.iterdir()] == ["sample.duckdb"]


def test_the_file_is_made_on_first_use_with_nothing_beside_it(tmp_path: Path) -> None:
    source = SampleSource("sample", SampleSpec(path=str(tmp_path / "new" / "sample.duckdb")))
    steps = list(source.check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("read", True)]
    assert "just made" in steps[0].detail
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["sample.duckdb"]


def test_two_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    code = "import sys, pathlib, bookward.sources.sample as s; s.generate(pathlib.Path(sys.argv[1]), 1000)"
    both = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    assert [each.name for each in tmp_path.iterdir()] == ["sample.duckdb"]


def test_a_file_that_is_no_warehouse_is_unreachable(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    path.write_text("not a database " * 100)
    source = SampleSource("sample", SampleSpec(path=str(path)))
    with pytest.raises(SourceUnreachable, match=re.escape(str(path))), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


def test_a_file_open_for_writing_elsewhere_is_unreachable(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    with duckdb.connect(str(path)):
        source = SampleSource("sample", SampleSpec(path=str(path)))
        with pytest.raises(SourceUnreachable) as failed, source.read("SELECT 1"):
            pass
    assert "open for writing" in failed.value.remedy


def test_a_model_reads_no_other_file_of_the_machine(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    source = SampleSource("sample", SampleSpec(path=str(path)))
    with pytest.raises(SourceFailed), source.read(f"SELECT * FROM read_csv('{secret}')"):
        pass


def test_a_warehouse_without_users_fails_the_last_step_of_the_check(tmp_path: Path) -> None:
    path = tmp_path / "sample.duckdb"
    duckdb.connect(str(path)).close()
    steps = list(SampleSource("sample", SampleSpec(path=str(path))).check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("read", False)]


@pytest.mark.parametrize("users", [999, 1_000_001])
def test_the_size_has_bounds(users: int) -> None:
    with pytest.raises(ValidationError):
        SampleSpec(users=users)


@pytest.mark.parametrize(
    ("expression", "type_", "value"),
    [
        ("{'a': 1, 'b': [1.10]}", "json", '{"a":1,"b":[1.1]}'),
        ("MAP {'k': 1}", "json", '{"k":1}'),
        ("[['a'], []]", "json", '[["a"],[]]'),
        ("'a'::ENUM('a', 'b')", "text", "a"),
        ("['a'::ENUM('a', 'b')]", "json", '["a"]'),
        ("'101'::BIT", "text", "101"),
        (
            "340282366920938463463374607431768211455::UHUGEINT",
            "decimal",
            "340282366920938463463374607431768211455",
        ),
        (f"'{'9' * 50}'::BIGNUM", "decimal", "9" * 50),
        (f"['{'9' * 50}'::BIGNUM]", "json", f"[{'9' * 50}]"),
        ("{'a': 1, 'b': ['x']}::VARIANT", "json", '{"a":1,"b":["x"]}'),
        ("['x'::VARIANT]", "json", '["x"]'),
        ("sum(1::BIGINT)", "decimal(38,0)", "1"),
        ("18446744073709551615::UBIGINT", "integer", "18446744073709551615"),
        ("'\\x00'::BLOB", "bytes", "b'\\x00'"),
    ],
)
def test_types_of_duckdb_alone(path: Path, expression: str, type_: str, value: str) -> None:
    spec = ModelSpec(source="sample", primary_key=["id"], sql=f"SELECT {expression} AS v")
    source = SampleSource("sample", SampleSpec(path=str(path)))
    preview = Model("m", spec, source, FakeClock()).preview()
    assert preview.columns == (("v", type_),)
    assert str(preview.rows[0]["v"]) == value

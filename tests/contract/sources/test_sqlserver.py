"""What SQL Server alone can do, and can do to us, at a stub that speaks its protocol."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.shape import kind_of
from bookward.sources.sqlserver import SqlserverSource
from tests.contract.sources.conftest import Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.postgres import wait_until
from tests.peers.sqlserver import Sqlserver, running_sqlserver

MANY = (
    "CREATE TABLE many AS SELECT n AS id, repeat('x', 400) AS filler FROM generate_series(1, 20000) AS t(n)"
)
NEVER = "SELECT COUNT(*) AS n FROM many AS a, many AS b, many AS c WHERE SIN(a.id + b.id + c.id) = 2"
ENDLESS = "SELECT a.id FROM many AS a, many AS b, many AS c"


@pytest.fixture
def warehouse(sqlserver_warehouse: Warehouse) -> Warehouse:
    return sqlserver_warehouse


def altered(warehouse: Warehouse, **changes: Any) -> SqlserverSource:
    return SqlserverSource("warehouse", warehouse.spec.model_copy(update=changes))


def test_no_server_is_named_with_host_port_and_database(warehouse: Warehouse) -> None:
    source = altered(warehouse, port=1, database="books")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books.*refused"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr("gu'essed")}, "Login failed for user 'bookward'"),
        ({"password": None}, "Login failed for user 'bookward'"),
        ({"database": "nosuch"}, 'Cannot open database "nosuch"'),
        ({"sslmode": "require"}, "encryption but it is not supported"),
    ],
)
def test_a_refused_sign_in_gives_the_words_of_the_server(
    warehouse: Warehouse, change: dict[str, Any], said: str
) -> None:
    source = altered(warehouse, **change)
    with pytest.raises(SourceFailed, match=said) as failed, source.read("SELECT 1"):
        pass
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


@contextmanager
def breaking(server: Sqlserver, after: int) -> Iterator[None]:
    server.cut_after = after
    try:
        yield
    finally:
        server.cut_after = None


@pytest.mark.parametrize("after", [0, 1, 1_000])
def test_a_connection_lost_in_the_middle_never_looks_like_a_short_result(
    warehouse: Warehouse, sqlserver: Sqlserver, after: int
) -> None:
    warehouse.load(MANY)
    sizes: list[int] = []
    with breaking(sqlserver, after):  # noqa: SIM117
        with pytest.raises(SourceFailed, match="lost while reading"):
            with warehouse.source.read("SELECT * FROM many") as rows:
                sizes.extend(batch.num_rows for batch in rows.batches)
    assert (sum(sizes) > 0) == (after > 1)
    assert sum(sizes) < 20_000


@pytest.mark.parametrize("query", [NEVER, ENDLESS])
def test_a_query_that_takes_too_long_is_given_up_before_and_while_it_answers(
    warehouse: Warehouse, query: str
) -> None:
    warehouse.load(MANY)
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match="gave the query up: there was no end after 1 seconds") as failed:  # noqa: SIM117
        with source.read(query) as rows:
            deque(rows.batches, maxlen=0)
    assert "statement_timeout" in failed.value.remedy


def test_leaving_early_ends_the_query_at_the_server(warehouse: Warehouse, sqlserver: Sqlserver) -> None:
    warehouse.load(MANY)
    before = sqlserver.left
    with warehouse.source.read(ENDLESS) as rows:
        next(rows.batches)
    wait_until(lambda: sqlserver.left == before + 1, "the query still runs")


def test_what_a_query_writes_is_taken_back(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE safe (id INTEGER); INSERT INTO safe VALUES (1)")
    with pytest.raises(SourceFailed, match="it is read-only, and this returns no rows"):  # noqa: SIM117
        with warehouse.source.read("UPDATE safe SET id = 2"):
            pass
    assert warehouse.ask("SELECT id FROM safe") == [(1,)]


@pytest.mark.parametrize(("intent", "said"), [("ReadOnly", True), ("ReadWrite", False)])
def test_the_intent_is_said_when_signing_in(
    warehouse: Warehouse, sqlserver: Sqlserver, intent: str, said: bool
) -> None:
    with altered(warehouse, application_intent=intent).read("SELECT 1 AS one"):
        assert sqlserver.intents[-1] == said
        assert sqlserver.names[-1] == "Bookward"


@pytest.mark.parametrize(
    ("type_", "arrow", "value", "read"),
    [
        ("UTINYINT", pa.uint8(), "255", 255),
        ("BOOLEAN", pa.bool_(), "true", True),
        ("FLOAT", pa.float32(), "0.5", 0.5),
        ("DECIMAL(19,4)", pa.decimal128(19, 4), "-922337203685477.5808", Decimal("-922337203685477.5808")),
        ("DECIMAL(10,4)", pa.decimal128(10, 4), "-214748.3648", Decimal("-214748.3648")),
        ("DATE", pa.date32(), "'0001-01-01'", date(1, 1, 1)),
        ("TIME", pa.time64("us"), "'23:59:59.999999'", time(23, 59, 59, 999999)),
        ("TIMESTAMP", pa.timestamp("us"), "'9999-12-31 23:59:59.123456'",
         datetime.fromisoformat("9999-12-31T23:59:59.123456")),
        ("TIMESTAMPTZ", pa.timestamp("us", "UTC"), "'2026-03-29 02:30:00.123456+13:00'",
         datetime(2026, 3, 28, 13, 30, 0, 123456, tzinfo=UTC)),
        ("UUID", pa.string(), "'8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11'",
         "8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11"),
        ("BLOB", pa.binary(), "'\\x00\\xFF'", b"\x00\xff"),
        ("ENUM('<a b=\"c\"/>')", pa.string(), "'<a b=\"c\"/>'", '<a b="c"/>'),
        ("VARCHAR", pa.string(), "repeat('é', 9000)", "é" * 9_000),
    ],
)  # fmt: skip
def test_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE exotic (value {type_}); INSERT INTO exotic VALUES (NULL), ({value})")
    found = warehouse.table("SELECT value FROM exotic")
    assert (found.schema.types, kind_of(found.schema.field(0))) == (
        [arrow],
        "uuid" if type_ == "UUID" else None,
    )
    assert found["value"].to_pylist() == [None, read]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pytds", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[sqlserver]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    return file


@pytest.mark.parametrize(
    ("mode", "host", "trusted", "refused"),
    [
        ("require", "127.0.0.1", False, None),
        ("verify-full", "localhost", True, None),
        ("verify-full", "localhost", False, "certificate verify failed"),
        ("verify-full", "127.0.0.1", True, "the certificate is not for 127.0.0.1"),
        ("disable", "127.0.0.1", False, "required by server"),
    ],
)
def test_who_does_not_prove_to_be_the_server_gets_no_sign_in(
    warehouse: Warehouse, certificate: Path, mode: str, host: str, trusted: bool, refused: str | None
) -> None:
    with running_sqlserver(certificate) as server:
        source = altered(
            warehouse, host=host, port=server.port, password=SecretStr(server.password), database=None,
            sslmode=mode, sslrootcert=str(certificate) if trusted else None,
        )  # fmt: skip
        if refused is None:
            server.duck.execute(MANY)
            with source.read("SELECT * FROM many") as rows:
                assert sum(batch.num_rows for batch in rows.batches) == 20_000
        else:
            with pytest.raises(SourceFailed, match=f"refused the sign-in.*{refused}"):  # noqa: SIM117
                with source.read("SELECT 1"):
                    pass
            assert server.intents == []


def test_a_file_of_certificates_that_is_none_is_said(warehouse: Warehouse, tmp_path: Path) -> None:
    source = altered(warehouse, sslmode="verify-full", sslrootcert=str(tmp_path / "none.pem"))
    with pytest.raises(SourceFailed, match=r"none\.pem"), source.read("SELECT 1"):
        pass

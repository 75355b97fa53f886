"""What Redshift alone can do, and can do to us: its own driver, at a real PostgreSQL behind its front."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources.redshift import RedshiftSource, types
from bookward.sources.redshift import source as module
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import LEAVES_SOCKETS_OPEN, Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.postgres import Postgres, wait_until
from tests.peers.redshift import Redshift, running_redshift

pytestmark = LEAVES_SOCKETS_OPEN

AS_THE_DRIVER_ENCRYPTS = pytest.mark.filterwarnings("ignore:ssl.(SSLContext|PROTOCOL_TLS):DeprecationWarning")
MANY = "SELECT n AS id, repeat('x', 400) AS filler FROM generate_series(1, 50000) AS t(n)"


@pytest.fixture
def warehouse(redshift_warehouse: Warehouse) -> Warehouse:
    return redshift_warehouse


def altered(warehouse: Warehouse, **changes: Any) -> RedshiftSource:
    return RedshiftSource("warehouse", warehouse.spec.model_copy(update=changes))


def test_no_server_is_named_with_host_port_and_database(warehouse: Warehouse) -> None:
    source = altered(warehouse, port=1, database="books")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books.*refused"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


@AS_THE_DRIVER_ENCRYPTS
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr("gu'essed")}, "password authentication failed"),
        ({"password": None}, "password authentication failed"),
        ({"database": "no'such"}, 'database "no\'such" does not exist'),
        ({"sslmode": "verify-full"}, "Server refuses SSL"),
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
def breaking(server: Redshift, after: int) -> Iterator[None]:
    server.cut_after = after
    try:
        yield
    finally:
        server.cut_after = None


@pytest.mark.parametrize("after", [2_000, 100_000, 1_000_000, 1_000_001, 1_000_002, 1_000_203])
def test_a_connection_lost_in_the_middle_never_looks_like_a_short_result(
    warehouse: Warehouse, redshift: Redshift, after: int
) -> None:
    sizes: list[int] = []
    with breaking(redshift, after):  # noqa: SIM117
        with pytest.raises(SourceFailed, match="lost while reading"):
            with warehouse.source.read(MANY) as rows:
                sizes.extend(batch.num_rows for batch in rows.batches)
    assert (sum(sizes) > 0) == (after > 500_000)
    assert sum(sizes) < 50_000


def test_a_session_that_somebody_ends_never_looks_like_a_short_result(
    warehouse: Warehouse, postgres: Postgres
) -> None:
    sessions = "FROM pg_stat_activity WHERE application_name = 'bookward'"
    with warehouse.source.read(MANY) as rows:
        next(rows.batches)
        postgres.execute(f"SELECT pg_terminate_backend(pid) {sessions}")
        with pytest.raises(SourceFailed, match="lost while reading"):
            list(rows.batches)


def test_a_query_that_takes_too_long_is_given_up(warehouse: Warehouse) -> None:
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match=r"gave the query up: .*statement timeout") as failed:  # noqa: SIM117
        with source.read("SELECT pg_sleep(60)"):
            pass
    assert "statement_timeout" in failed.value.remedy


def test_a_result_is_fetched_in_steps_that_a_single_node_gives(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    run = module._Cursor.run
    monkeypatch.setattr(module._Cursor, "run", lambda self, each: (said.append(each), run(self, each))[1])
    assert warehouse.table(f"SELECT id FROM ({MANY}) AS m WHERE id <= 2500").num_rows == 2_500
    assert [each.split("\n")[0] for each in said if not each.startswith(("SET", "BEGIN"))] == [
        "DECLARE bookward CURSOR FOR", *["FETCH FORWARD 1000 FROM bookward"] * 4,
    ]  # fmt: skip


def test_leaving_early_ends_the_session_at_the_server(warehouse: Warehouse, postgres: Postgres) -> None:
    with warehouse.source.read(MANY) as rows:
        next(rows.batches)
    open_ = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'bookward'"
    wait_until(lambda: not postgres.execute(open_), "the session is still open")


@pytest.mark.parametrize(
    ("query", "arrow", "read"),
    [
        ("SELECT sum(n) AS value FROM (VALUES (1.10), (2.00)) AS t(n)", pa.string(), "3.1"),
        ("SELECT CAST(12.3 AS DECIMAL(38, 30)) / 100 AS value", pa.string(), "0.123"),
        ("SELECT CAST('2026-03-29 02:30:00.123456+13:00' AS TIMESTAMPTZ) AS value",
         pa.timestamp("us", "UTC"), datetime(2026, 3, 28, 13, 30, 0, 123456, tzinfo=UTC)),
        ("SELECT CAST('a  ' AS CHAR(3)) AS value", pa.string(), "a  "),
        ("SELECT CAST(0.1 AS REAL) AS value", pa.float32(), pytest.approx(0.1)),
        ("SELECT CAST('1 month' AS INTERVAL) AS value", pa.string(), "1 mon"),
        ("SELECT CAST(NULL AS INTERVAL) AS value", pa.string(), None),
    ],
)  # fmt: skip
def test_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, query: str, arrow: pa.DataType, read: object
) -> None:
    found = warehouse.table(query)
    assert found.schema.types == [arrow]
    assert found["value"].to_pylist() == [read]


@pytest.mark.parametrize(
    ("oid", "modifier", "type_", "kind", "value", "read"),
    [
        (types.VARBYTE, -1, pa.binary(), None, "00ff", b"\x00\xff"),
        (4000, -1, pa.string(), "json", '{"a":[1.10]}', '{"a":[1.10]}'),
        (1700, (38 << 16 | 2) + 4, pa.decimal128(38, 2), None, Decimal("1.5"), Decimal("1.50")),
    ],
)  # fmt: skip
def test_types_that_postgresql_has_not_are_read_as_the_driver_gives_them(
    oid: int, modifier: int, type_: pa.DataType, kind: str | None, value: object, read: object
) -> None:
    column = types.column({"label": b"value", "type_oid": oid, "type_modifier": modifier})
    assert (column.field.type, kind_of(column.field)) == (type_, kind)
    assert column.build([value, None]).to_pylist() == [read, None]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redshift_connector", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[redshift]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    return file


@AS_THE_DRIVER_ENCRYPTS
@pytest.mark.parametrize(
    ("mode", "host", "trusted", "refused"),
    [
        ("verify-ca", "127.0.0.1", True, None),
        ("verify-full", "localhost", True, None),
        ("verify-full", "localhost", False, "self-signed"),
        ("verify-full", "127.0.0.1", True, "mismatch"),
    ],
)
def test_who_does_not_prove_to_be_the_server_gets_no_sign_in(
    warehouse: Warehouse, postgres: Postgres, certificate: Path, monkeypatch: pytest.MonkeyPatch,
    mode: str, host: str, trusted: bool, refused: str | None,
) -> None:  # fmt: skip
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_redshift(postgres, certificate) as server:
        source = altered(warehouse, host=host, port=server.port, sslmode=mode)
        if refused is None:
            assert [step.ok for step in source.check()] == [True] * 3
        else:
            with pytest.raises(SourceFailed, match=f"refused the sign-in.*{refused}"):  # noqa: SIM117
                with source.read("SELECT 1"):
                    pass

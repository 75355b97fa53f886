"""The warehouses that the battery runs against, each filled by its own client and read by its source."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from bookward.model import Model
from bookward.ports import Rows
from bookward.sources.base import Source, open_source
from bookward.sources.bounds import Bounds
from bookward.sources.clickhouse import ClickhouseSpec
from bookward.sources.duckdb_file import DuckdbSpec
from bookward.sources.firebolt import FireboltSpec
from bookward.sources.mysql import MysqlSpec
from bookward.sources.postgres import PostgresSpec
from bookward.sources.redshift import RedshiftSpec
from bookward.sources.sample import SampleSpec
from bookward.sources.sqlserver import SqlserverSpec
from bookward.sources.trino import TrinoSpec
from bookward.spec.model import ModelSpec
from bookward.spec.source import SourceSpec
from tests.contract.sources import dialects
from tests.fakes import FakeClock
from tests.peers.athena import AthenaStub, running_athena
from tests.peers.bigquery import BigQueryStub, running_bigquery
from tests.peers.clickhouse import DuckEngine, RealClickhouse, running_clickhouse, running_engine
from tests.peers.clickhouse_http import ClickhouseHttp
from tests.peers.databricks import DatabricksStub, running_databricks
from tests.peers.duckwarehouse import DuckWarehouse
from tests.peers.firebolt import Firebolt, running_firebolt
from tests.peers.mariadb import MariaDB, running_mariadb
from tests.peers.objectstore import running_object_store
from tests.peers.openssh import OpenSsh, running_openssh
from tests.peers.postgres import Postgres, running_postgres
from tests.peers.redshift import Redshift, running_redshift
from tests.peers.snowflake import SnowflakeStub, running_snowflake
from tests.peers.sqlserver import Sqlserver, running_sqlserver
from tests.peers.trino import Trino, running_trino

CLOUDS = ("snowflake", "bigquery", "databricks", "athena")
"""Warehouses that stubs stand for."""

LEAVES_SOCKETS_OPEN = [
    pytest.mark.usefixtures("sockets_left_open"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""Marks of modules whose driver leaves a sign-in that comes to nothing to the garbage collector."""

_schemas = count(1)


@pytest.fixture(scope="module")
def sockets_left_open() -> Iterator[None]:
    """Collect what a driver has left open, before a test of another module is blamed for it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@dataclass(frozen=True)
class Warehouse:
    """An empty warehouse: ``load`` runs statements in it as its owner, ``source`` is what is tested."""

    kind: str
    spec: SourceSpec
    load: Callable[[str], None]
    ask: Callable[[str], list[tuple[Any, ...]]]
    words: Callable[[str], str] = lambda sql: sql  #: from the battery's SQL to the warehouse's own

    @property
    def source(self) -> Source:
        return open_source("warehouse", self.spec)

    def read(self, query: str) -> AbstractContextManager[Rows]:
        return self.source.read(self.words(query))

    def table(self, query: str) -> pa.Table:
        with self.read(query) as rows:
            return pa.Table.from_batches(rows.batches, schema=rows.schema)

    def row(self, query: str) -> dict[str, Any]:
        (row,) = self.table(query).to_pylist()
        return row

    def model(self, sql: str | None = None, table: str | None = None) -> Model:
        spec = ModelSpec(source="warehouse", primary_key=["id"], sql=sql, table=table)
        bounds = Bounds("customers", "warehouse", self.spec)
        return Model("customers", spec, self.source, FakeClock(), bounds=bounds)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with running_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def postgres_warehouse(postgres: Postgres) -> Warehouse:
    schema = f"Warehouse {next(_schemas)}"
    postgres.execute(f'CREATE SCHEMA "{schema}"')

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return postgres.execute(f'SET search_path = "{schema}"; {sql}')

    spec = PostgresSpec(
        host=postgres.host,
        port=postgres.port,
        database=postgres.database,
        user=postgres.user,
        password=postgres.password,
        search_path=[schema],
    )
    return Warehouse("postgres", spec, lambda sql: ask(sql) and None, ask)


@pytest.fixture
def sample_warehouse(tmp_path: Path) -> Warehouse:
    path = tmp_path / "sample.duckdb"

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(path)) as connection:
            return connection.execute(sql).fetchall()

    ask("SELECT 1")  # makes the file, so that the source does not
    return Warehouse("sample", SampleSpec(path=str(path)), lambda sql: ask(sql) and None, ask)


@pytest.fixture
def duckdb_warehouse(sample_warehouse: Warehouse) -> Warehouse:
    spec = DuckdbSpec(path=str(sample_warehouse.spec.path))
    return replace(sample_warehouse, kind="duckdb", spec=spec)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    with running_mariadb() as server:
        yield server


@pytest.fixture
def mysql_warehouse(mariadb: MariaDB) -> Warehouse:
    database = f"warehouse {next(_schemas)}"
    mariadb.execute(f"CREATE DATABASE `{database}`")

    def ask(sql: str) -> list[tuple[Any, ...]]:
        *_, rows = [mariadb.execute(each, database) for each in dialects.statements(sql, "mysql")]
        return rows

    spec = MysqlSpec(
        host=mariadb.host, port=mariadb.port, user=mariadb.user, password=mariadb.password, database=database
    )
    return Warehouse(
        "mysql", spec, lambda sql: ask(sql) and None, ask, partial(dialects.query, dialect="mysql")
    )


def _new_schema(duck: duckdb.DuckDBPyConnection) -> tuple[str, Callable[[str], list[tuple[Any, ...]]]]:
    """Return an empty database of a stub, and what runs DuckDB's statements in it."""
    name, session = f"warehouse {next(_schemas)}", duck.cursor()
    session.execute(f"CREATE SCHEMA \"{name}\"; SET schema = '{name}'")
    return name, lambda sql: session.execute(sql).fetchall()


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[ClickhouseHttp]:
    with running_clickhouse() as server:
        yield server


@pytest.fixture
def clickhouse_warehouse(clickhouse: ClickhouseHttp) -> Warehouse:
    database = f"warehouse {next(_schemas)}"
    assert isinstance(clickhouse.engine, DuckEngine)
    session = clickhouse.engine.duck.cursor()
    session.execute(f"CREATE SCHEMA \"{database}\"; SET schema = '{database}'")

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return session.execute(sql).fetchall()

    return _clickhouse(clickhouse, database, ask)


@pytest.fixture(scope="session")
def clickhouse_engine() -> Iterator[RealClickhouse]:
    with running_engine() as server:
        yield server


@pytest.fixture
def clickhouse_engine_warehouse(clickhouse_engine: RealClickhouse) -> Warehouse:
    database = f"warehouse {next(_schemas)}"
    clickhouse_engine.execute(f"CREATE DATABASE `{database}`")

    def ask(sql: str) -> list[tuple[Any, ...]]:
        *_, rows = [
            clickhouse_engine.execute(each, database) for each in dialects.statements(sql, "clickhouse")
        ]
        return rows

    return _clickhouse(clickhouse_engine, database, ask)


def _clickhouse(server: ClickhouseHttp | RealClickhouse, database: str, ask: Any) -> Warehouse:
    spec = ClickhouseSpec(
        host="127.0.0.1",
        port=server.port,
        user=server.user,
        password=server.password,
        database=database,
        sslmode="disable",
    )
    words = partial(dialects.query, dialect="clickhouse")
    return Warehouse("clickhouse", spec, lambda sql: ask(sql) and None, ask, words)


@pytest.fixture(scope="session")
def sqlserver() -> Iterator[Sqlserver]:
    with running_sqlserver() as server:
        yield server


@pytest.fixture
def sqlserver_warehouse(sqlserver: Sqlserver) -> Warehouse:
    database, ask = _new_schema(sqlserver.duck)
    spec = SqlserverSpec(
        host="127.0.0.1",
        port=sqlserver.port,
        user=sqlserver.user,
        password=sqlserver.password,
        database=database,
        sslmode="disable",
    )
    words = partial(dialects.query, dialect="tsql")
    return Warehouse("sqlserver", spec, lambda sql: ask(sql) and None, ask, words)


@pytest.fixture(scope="session")
def openssh() -> Iterator[OpenSsh]:
    with running_openssh() as server:
        yield server


@pytest.fixture(scope="session")
def snowflake() -> Iterator[SnowflakeStub]:
    with running_snowflake() as stub:
        yield stub


@pytest.fixture
def snowflake_warehouse(snowflake: SnowflakeStub) -> Warehouse:
    return _cloud("snowflake", snowflake.data, snowflake.spec)


@pytest.fixture(scope="session")
def bigquery() -> Iterator[BigQueryStub]:
    with running_bigquery() as stub:
        yield stub


@pytest.fixture
def bigquery_warehouse(bigquery: BigQueryStub) -> Warehouse:
    return _cloud("bigquery", bigquery.data, bigquery.spec)


@pytest.fixture(scope="session")
def databricks() -> Iterator[DatabricksStub]:
    with running_databricks() as stub:
        yield stub


@pytest.fixture
def databricks_warehouse(databricks: DatabricksStub) -> Warehouse:
    return _cloud("databricks", databricks.data, databricks.spec)


@pytest.fixture(scope="session")
def athena() -> Iterator[AthenaStub]:
    with running_object_store() as objects, running_athena(objects) as stub:
        yield stub


@pytest.fixture
def athena_warehouse(athena: AthenaStub) -> Warehouse:
    return _cloud("athena", athena.data, athena.spec)


def _cloud(kind: str, data: DuckWarehouse, spec: Callable[[str], SourceSpec]) -> Warehouse:
    schema = data.new_schema()
    return Warehouse(
        kind, spec(schema), lambda sql: data.load(sql, schema) and None, lambda sql: data.load(sql, schema)
    )


@pytest.fixture(scope="session")
def trino() -> Iterator[Trino]:
    with running_trino() as server:
        yield server


@pytest.fixture
def trino_warehouse(trino: Trino) -> Warehouse:
    schema, ask = _new_schema(trino.duck)
    spec = TrinoSpec(
        host="127.0.0.1",
        port=trino.port,
        user=trino.user,
        catalog="memory",
        default_schema=schema,
        sslmode="disable",
    )
    words = partial(dialects.query, dialect="trino")
    return Warehouse("trino", spec, lambda sql: ask(sql) and None, ask, words)


@pytest.fixture(scope="session")
def redshift(postgres: Postgres) -> Iterator[Redshift]:
    with running_redshift(postgres) as server:
        yield server


@pytest.fixture
def redshift_warehouse(redshift: Redshift, postgres: Postgres) -> Warehouse:
    database = f"warehouse {next(_schemas)}"
    postgres.execute(f'CREATE DATABASE "{database}"')

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return postgres.execute(sql, database=database)

    spec = RedshiftSpec(
        host="127.0.0.1",
        port=redshift.port,
        database=database,
        user=postgres.user,
        password=postgres.password,
        sslmode="disable",
    )
    return Warehouse("redshift", spec, lambda sql: ask(sql) and None, ask)


@pytest.fixture(scope="session")
def firebolt() -> Iterator[Firebolt]:
    with running_firebolt() as server:
        yield server


@pytest.fixture
def firebolt_warehouse(firebolt: Firebolt) -> Warehouse:
    database, ask = _new_schema(firebolt.duck)
    spec = FireboltSpec(url=firebolt.url, database=database)
    return Warehouse("firebolt", spec, lambda sql: ask(sql) and None, ask)


@pytest.fixture(params=["sample", "postgres"])
def rich_warehouse(request: pytest.FixtureRequest) -> Warehouse:
    """A warehouse with arrays, intervals, days without end, and casts that fail."""
    found: Warehouse = request.getfixturevalue(f"{request.param}_warehouse")
    return found


_STUBS = ("clickhouse", "sqlserver", "trino", "redshift", "firebolt", *CLOUDS)
_REAL = ("sample", "duckdb", "postgres", "mysql")
_ENGINE = pytest.param("clickhouse_engine", marks=pytest.mark.nightly)

REAL_FIRST = [*_REAL, *(pytest.param(kind, marks=pytest.mark.nightly) for kind in _STUBS), _ENGINE]
"""Every warehouse, stubs at night only: for what takes them long, since they are made in Python."""


EVERY = [*_REAL, *_STUBS, _ENGINE]


@pytest.fixture(params=EVERY)
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    found: Warehouse = request.getfixturevalue(f"{request.param}_warehouse")
    return found

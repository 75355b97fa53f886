"""The warehouses that the battery runs against, each filled by its own client and read by its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from bookward.model import Model
from bookward.ports import Rows
from bookward.sources.base import Source, open_source
from bookward.sources.duckdb_file import DuckdbSpec
from bookward.sources.mysql import MysqlSpec
from bookward.sources.postgres import PostgresSpec
from bookward.sources.sample import SampleSpec
from bookward.spec.model import ModelSpec
from bookward.spec.source import SourceSpec
from tests.contract.sources import dialects
from tests.fakes import FakeClock
from tests.peers.mariadb import MariaDB, running_mariadb
from tests.peers.postgres import Postgres, running_postgres

_schemas = count(1)


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
        return Model("customers", spec, self.source, FakeClock())


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
    return Warehouse("mysql", spec, lambda sql: ask(sql) and None, ask, dialects.mysql)


@pytest.fixture(params=["sample", "postgres"])
def rich_warehouse(request: pytest.FixtureRequest) -> Warehouse:
    """A warehouse with arrays, intervals, days without end, and casts that fail."""
    found: Warehouse = request.getfixturevalue(f"{request.param}_warehouse")
    return found


@pytest.fixture(params=["sample", "duckdb", "postgres", "mysql"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    found: Warehouse = request.getfixturevalue(f"{request.param}_warehouse")
    return found

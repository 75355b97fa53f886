"""Warehouses that compare rows themselves, each behind its own driver, and how tests look into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.integration.world import World
from tests.peers.bigquery import running_bigquery
from tests.peers.databricks import running_databricks
from tests.peers.duckwarehouse import DuckWarehouse
from tests.peers.postgres import Postgres
from tests.peers.redshift import FUNCTIONS, running_redshift
from tests.peers.snowflake import running_snowflake

_TABLE = """
CREATE TABLE {} (nr bigint, part varchar, number decimal(6,2), name varchar, note varchar,
    amount decimal(20,4), moment timestamptz, local timestamp, day date, flag boolean, f double precision,
    tags {})
"""


@dataclass(frozen=True)
class Warehouse:
    """A running one; ``do`` works in it as its owner, in words that PostgreSQL and DuckDB share."""

    kind: str
    source: str  #: what the source's file says
    do: Callable[..., list[tuple[Any, ...]]]
    makes: str  #: what makes the schema for whoever signs in
    grants: str  #: what lets them keep tables in it
    refuse: Callable[[bool], None]  #: whoever signs in may keep no tables, or may again
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> str:
        """What Bookward's schema is called there."""
        return "BOOKWARD" if self.kind == "snowflake" else "bookward"

    def make(self, table: str) -> None:
        self.do(f"DROP TABLE IF EXISTS {table}")
        self.do(_TABLE.format(table, "varchar" if self.kind == "redshift" else "varchar[]"))

    def tables(self) -> list[str]:
        """Return the names of Bookward's own tables."""
        query = "SELECT table_name FROM information_schema.tables WHERE lower(table_schema) = 'bookward'"
        return sorted(str(name) for (name,) in self.do(query))

    def ledger(self) -> str:
        """Return the one ledger that there is, to be named in a statement."""
        (found,) = [name for name in self.tables() if name.startswith("sync_")]
        return f'bookward."{found}"'

    def kept(self) -> list[tuple[Any, ...]]:
        """Return name and rows of the snapshot that the hashes are of."""
        return self.do(f"SELECT snapshot, rows FROM {self.ledger()} WHERE kind = 'mark'")

    def serve(self, world: World) -> None:
        """Be the warehouse of a project."""
        world.write("sources/warehouse.yaml", self.source)
        world.environ.update(self.environ)


_READER = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'reader') THEN
        DROP OWNED BY reader CASCADE; DROP ROLE reader;
    END IF;
END $$;
DROP SCHEMA IF EXISTS bookward CASCADE;
CREATE ROLE reader LOGIN PASSWORD 'secret';
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
"""
_MAY = (
    'GRANT CREATE ON DATABASE "{}" TO reader',
    """DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'bookward') THEN
       GRANT USAGE, CREATE ON SCHEMA bookward TO reader; END IF; END $$""",
)


@contextmanager
def redshift(postgres: Postgres) -> Iterator[Warehouse]:
    """A real PostgreSQL behind Redshift's front, and a user who may only read."""

    def refuse(refused: bool) -> None:
        for statement in _MAY:
            turned = statement.replace("GRANT", "REVOKE").replace("TO reader", "FROM reader")
            postgres.execute((turned if refused else statement).format(postgres.database))

    postgres.execute(FUNCTIONS + _READER)
    refuse(False)
    with running_redshift(postgres) as front:
        source = (
            f"type: redshift\nhost: 127.0.0.1\nport: {front.port}\ndatabase: {postgres.database}\n"
            "user: reader\npassword: ${REDSHIFT}\nsslmode: disable\n"
        )
        grants = 'GRANT USAGE, CREATE ON SCHEMA "bookward" TO "reader"'
        makes = f'CREATE SCHEMA "bookward"; {grants}'
        yield Warehouse(
            "redshift", source, postgres.execute, makes, grants, refuse, {"REDSHIFT": "secret"}
        )  # fmt: skip
    postgres.execute("ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM reader")


def _cloud(kind: str, data: DuckWarehouse, source: str, says: tuple[str, str], **environ: str) -> Warehouse:
    schema = data.new_schema()

    def refuse(refused: bool) -> None:
        data.read_only = refused

    def do(sql: str) -> list[tuple[Any, ...]]:
        return data.load(sql, schema)

    said = source.replace("SCHEMA", schema)
    return Warehouse(kind, said, do, f"{says[0]}; {says[1]}", says[1], refuse, environ)


@contextmanager
def snowflake(_: Postgres) -> Iterator[Warehouse]:
    with running_snowflake() as stub:
        source = (
            f"type: snowflake\naccount: books\nuser: {stub.user}\npassword: ${{SNOWFLAKE}}\n"
            f"database: books\ndefault_schema: SCHEMA\nurl: {stub.url}\n"
        )
        says = (
            'CREATE SCHEMA "BOOKWARD"',
            'GRANT USAGE, CREATE TABLE ON SCHEMA "BOOKWARD" TO ROLE "duckdb"',
        )
        yield _cloud("snowflake", stub.data, source, says, SNOWFLAKE=stub.password)


@contextmanager
def bigquery(_: Postgres) -> Iterator[Warehouse]:
    with running_bigquery() as stub:
        source = (
            "type: bigquery\nproject: books\nservice_account_key: ${BIGQUERY}\n"
            f"default_dataset: SCHEMA\nurl: {stub.url}\n"
        )
        says = (
            "CREATE SCHEMA `books`.`bookward` OPTIONS (location = 'EU')",
            "GRANT `roles/bigquery.dataEditor` ON SCHEMA `books`.`bookward` TO 'user:bookward@books.example'",
        )
        yield _cloud("bigquery", stub.data, source, says, BIGQUERY=stub.account())


@contextmanager
def databricks(_: Postgres) -> Iterator[Warehouse]:
    with running_databricks() as stub:
        source = (
            f"type: databricks\nhost: {stub.url}\nwarehouse_id: w1\ntoken: ${{DATABRICKS}}\n"
            "catalog: books\ndefault_schema: SCHEMA\n"
        )
        says = (
            "CREATE SCHEMA `books`.`bookward`",
            "GRANT USE SCHEMA, CREATE TABLE ON SCHEMA `books`.`bookward` TO `principal`",
        )
        yield _cloud("databricks", stub.data, source, says, DATABRICKS=stub.token)


_KINDS = {"redshift": redshift, "snowflake": snowflake, "bigquery": bigquery, "databricks": databricks}
KINDS = tuple(_KINDS)


@contextmanager
def running(kind: str, postgres: Postgres) -> Iterator[Warehouse]:
    """Give a warehouse of a kind, with nothing of Bookward's in it."""
    with _KINDS[kind](postgres) as found:
        yield found

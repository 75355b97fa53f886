"""Metabase: saved questions and SQL, exported as Metabase streams them, then queried with SQL."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, Self

import httpx
from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bookward.errors import ModelRefused, SourceFailed
from bookward.sources import jsontext
from bookward.sources.collected import Page
from bookward.sources.select import QueryRefused, single_select
from bookward.sources.service import ServiceSource, Signed
from bookward.spec.base import Spec
from bookward.spec.source import CaFile, SourceSpec

_PAGE = 2_000  # rows
_AS_IT_IS = {"format_rows": "false"}
_DIALECTS = {
    "bigquery-cloud-sdk": "bigquery",
    "presto-jdbc": "presto",
    "sparksql": "spark",
    "sqlserver": "tsql",
    "starburst": "trino",
} | {name: name for name in (
    "athena", "clickhouse", "databricks", "druid", "duckdb", "mysql", "oracle", "postgres", "redshift",
    "snowflake", "sqlite",
)}  # fmt: skip
"""What Metabase calls an engine, and sqlglot its SQL; others are read as plain SQL."""


class Question(Spec):
    """A saved question, or SQL that Metabase runs in one of its databases, as a table."""

    question: Annotated[int, Field(ge=1)] | None = None
    """Number of a saved question; it stands in its address."""
    database: Annotated[int, Field(ge=1)] | None = None
    """Number of a database of Metabase, for `sql`; it stands in its address."""
    sql: str | None = None
    """SQL that is run there: one SELECT."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.question is None) == (self.sql is None) or (self.sql is None) != (self.database is None):
            raise ValueError("say either `question`, or `database` and `sql`")
        return self


def _as_question(value: object) -> object:
    return {"question": value} if isinstance(value, int) else value


Table = Annotated[Question, BeforeValidator(_as_question, json_schema_input_type=int | Question)]


class MetabaseSpec(SourceSpec):
    """Saved questions of Metabase, and SQL that it runs, queried with SQL.

    Columns are called as they are in an export of Metabase.
    """

    first: ClassVar[tuple[str, ...]] = ("url", "api_key")

    type: Literal["metabase"] = "metabase"
    """Metabase."""
    url: str
    """Address of Metabase, such as `https://metabase.example.com`."""
    api_key: SecretStr
    """An API key of Metabase, as `${NAME}`; its group may do no more than read. A person's session is not
    taken: it ends, and to begin another takes the person's password."""
    tables: Annotated[dict[str, Table], Field(min_length=1)]
    """The name of each table in queries, and its question: its number alone, or SQL."""
    row_limit: Annotated[int, Field(ge=1)] = 1_048_575
    """Rows at which this Metabase cuts an export, its MB_DOWNLOAD_ROW_LIMIT: to reach it is an error."""
    sslrootcert: CaFile = None
    """File with the certificates that are trusted, where it is not the system's."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""
    statement_timeout: Annotated[int, Field(ge=1)] = 3600
    """Seconds to wait for the next part of an answer."""


class MetabaseSource(ServiceSource):
    """Reads what Metabase exports."""

    spec_class: ClassVar[type[SourceSpec]] = MetabaseSpec

    def __init__(self, name: str, spec: MetabaseSpec) -> None:
        waits = {"connect": spec.connect_timeout, "answer": spec.statement_timeout}
        super().__init__(name, spec.url, trusted=spec.sslrootcert, **waits)
        self._spec = spec

    def auth(self) -> httpx.Auth:
        return Signed(self._spec.api_key, "", "x-api-key")

    def greeting(self) -> str:
        with self.client() as client:
            return f"as {self.ask(client, 'GET', '/api/user/current')['common_name']}"

    def names(self) -> Sequence[str]:
        return list(self._spec.tables)

    def pages(self, table: str) -> Generator[Page, None, None]:
        self._refuse_other_than_select(table)
        path, form = self._export(self._spec.tables[table])
        titles, read = self._titles(table), 0
        with self.client() as client, self.opened(client, "POST", path, table, data=form) as answer:
            rows = jsontext.elements(answer.iter_text())
            while page := self._taken(table, rows):
                self._refuse_merged(table, page[0], titles)
                yield page
                read += len(page)
        if read >= self._spec.row_limit:
            raise SourceFailed(
                f"{self.where(table)} has {read:,} rows, at which Metabase cuts an export.",
                remedy="Narrow the question, or raise MB_DOWNLOAD_ROW_LIMIT in Metabase and row_limit here.",
            )

    def columns_if_empty(self, table: str) -> Sequence[str]:
        return self._titles(table) or super().columns_if_empty(table)

    def _export(self, asked: Question) -> tuple[str, dict[str, str]]:
        if asked.question is not None:
            return f"/api/card/{asked.question}/query/json", _AS_IT_IS
        query = {"database": asked.database, "type": "native", "native": {"query": asked.sql}}
        return "/api/dataset/json", {"query": json.dumps(query), **_AS_IT_IS}

    def _refuse_other_than_select(self, table: str) -> None:
        asked = self._spec.tables[table]
        if asked.sql is None:
            return
        with self.client() as client:
            engine = self.ask(client, "GET", f"/api/database/{asked.database}", table)["engine"]
        try:
            single_select(asked.sql, _DIALECTS.get(engine, ""))
        except QueryRefused as error:
            raise ModelRefused(
                f"The SQL of {self.where(table)} is refused. {error.message}", remedy=error.remedy
            ) from error

    def _titles(self, table: str) -> Sequence[str]:
        """Return the columns of a saved question as Metabase knows them; none for SQL."""
        question = self._spec.tables[table].question
        if question is None:
            return ()
        with self.client() as client:
            card = self.ask(client, "GET", f"/api/card/{question}", table)
        return [column.get("display_name") or column["name"] for column in card["result_metadata"] or ()]

    def _taken(self, table: str, rows: Any) -> Page:
        try:
            return list(islice(rows, _PAGE))
        except ValueError as error:
            raise SourceFailed(
                f"{self.where(table)} failed while it was read, or is not whole: {error}",
                remedy="Run the question in Metabase, where the error shows; then run again.",
            ) from error

    def _refuse_merged(self, table: str, row: Any, titles: Sequence[str]) -> None:
        """Refuse an export in which columns of one name have become one."""
        if len(row) < len(titles):
            counted = f"{len(titles)} columns, and exports {len(row)}"
            raise SourceFailed(
                f"{self.where(table)} has {counted}: some are called alike.",
                remedy="Give every column of the question a name of its own.",
            )

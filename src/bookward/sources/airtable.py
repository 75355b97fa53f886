"""Airtable: the tables of a base, read page by page, then queried with SQL."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

import httpx
from pydantic import BeforeValidator, Field, SecretStr

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.addresses import SafeAddress
from bookward.sources.collected import Page
from bookward.sources.service import ServiceSource, Signed
from bookward.spec.base import Spec
from bookward.spec.source import SourceSpec

_KEY = "_id"
_MADE = "_created"
_MOMENTS = {"dateTime", "createdTime", "lastModifiedTime"}


class AirtableTable(Spec):
    """A table of the base."""

    table: str | None = None
    """Name of the table, or its id; by default the name in queries."""
    view: str | None = None
    """Name of a view: only its records are read."""
    formula: str | None = None
    """Which records, as a formula of Airtable: `{Status} = 'open'`."""


def _as_table(value: object) -> object:
    return {"table": value} if isinstance(value, str) else value


Table = Annotated[AirtableTable, BeforeValidator(_as_table, json_schema_input_type=str | AirtableTable)]


class AirtableSpec(SourceSpec):
    """Tables of an Airtable base, queried with SQL.

    A field is a column; beside them are `_id` and `_created`, the record's id and when it was made. What is
    a list or an object in Airtable, as links, attachments and people are, is JSON.
    """

    first: ClassVar[tuple[str, ...]] = ("base", "token")

    type: Literal["airtable"] = "airtable"
    """Airtable."""
    base: Annotated[str, Field(min_length=1)]
    """Id of the base, `app...`; it stands in the address of the base."""
    token: SecretStr
    """A personal access token with the scopes data.records:read and schema.bases:read, as `${NAME}`."""
    tables: Annotated[dict[str, Table], Field(default_factory=dict)]
    """The name of each table in queries, and the base's table: its name alone, or more settings. By default
    every table of the base."""
    url: SafeAddress = "https://api.airtable.com"
    """Address of Airtable's API."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""


class AirtableSource(ServiceSource):
    """Reads an Airtable base."""

    spec_class: ClassVar[type[SourceSpec]] = AirtableSpec

    def __init__(self, name: str, spec: AirtableSpec) -> None:
        super().__init__(name, spec.url, connect=spec.connect_timeout)
        self._spec = spec

    def auth(self) -> httpx.Auth:
        return Signed(self._spec.token, "Bearer ")

    def greeting(self) -> str:
        with self.client() as client:
            return f"as {self.ask(client, 'GET', '/v0/meta/whoami')['id']}"

    def names(self) -> Sequence[str]:
        return list(self._spec.tables) or [each["name"] for each in self._schema()]

    def columns(self, table: str) -> Sequence[str]:
        return [_KEY, _MADE, *self._fields(table)]

    def primary_key(self, table: str) -> Sequence[str]:
        return (_KEY,)

    def pages(self, table: str) -> Generator[Page, None, None]:
        chosen, fields = self._chosen(table), self._fields(table)
        asked = {"pageSize": 100, "view": chosen.view, "filterByFormula": chosen.formula}
        asked = {name: value for name, value in asked.items() if value is not None}
        path = f"/v0/{self._spec.base}/{quote(chosen.table or table, safe='')}/listRecords"
        with self.client() as client:
            while True:
                answer = self.ask(client, "POST", path, table, json=asked)
                yield [_row(record, fields) for record in answer["records"]]
                if not answer.get("offset"):
                    return
                asked["offset"] = answer["offset"]

    def said(self, answer: httpx.Response) -> str:
        try:
            error = answer.json()["error"]
            return f"{error['type']}: {error.get('message', '')}" if isinstance(error, dict) else str(error)
        except (ValueError, LookupError, TypeError):
            return super().said(answer)

    def _chosen(self, table: str) -> AirtableTable:
        return self._spec.tables.get(table, AirtableTable())

    def _schema(self, table: str = "") -> Sequence[Mapping[str, Any]]:
        path = f"/v0/meta/bases/{self._spec.base}/tables"
        try:
            with self.client() as client:
                found: Sequence[Mapping[str, Any]] = self.ask(client, "GET", path, table)["tables"]
        except SourceFailed as error:
            remedy = f"{error.remedy} The token needs the scope schema.bases:read."
            raise SourceFailed(error.message, remedy=remedy) from error
        return found

    def _fields(self, table: str) -> Mapping[str, str]:
        """Return the fields of a table, each with its type: Airtable leaves those out that are empty."""
        name = self._chosen(table).table or table
        schema = self._schema(table)
        for each in schema:
            if name in (each["id"], each["name"]):
                return {field["name"]: field["type"] for field in each["fields"]}
        there = ", ".join(each["name"] for each in schema)
        raise SourceUnreachable(
            f"{self.where(table)} has no table {name!r}; there is {there}.",
            remedy="Correct its name in the source's file.",
        )


def _row(record: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    unset = {name: False for name, type_ in fields.items() if type_ == "checkbox"}
    values = {name: _value(value, fields.get(name)) for name, value in record["fields"].items()}
    return {_KEY: record["id"], _MADE: _read(_moment, record["createdTime"]), **unset, **values}


def _value(value: Any, type_: str | None) -> Any:
    if type_ in _MOMENTS:
        return _read(_moment, value)
    return _read(date.fromisoformat, value) if type_ == "date" else value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _read(reading: Callable[[str], Any], text: Any) -> Any:
    """Return what a text reads as; itself where it does not, as when a formula failed."""
    try:
        return reading(text)
    except (ValueError, TypeError):
        return text

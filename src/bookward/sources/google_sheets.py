"""Google Sheets: ranges of a spreadsheet, each in one answer read as it comes, then queried with SQL."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import islice, zip_longest
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self
from urllib.parse import quote

import httpx
from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources import googlesignin, jsontext
from bookward.sources.addresses import SafeAddress
from bookward.sources.base import missing_extra
from bookward.sources.collected import Page
from bookward.sources.files.rows import column_names, fifteen_digits
from bookward.sources.jsontext import Digits
from bookward.sources.service import ServiceSource, Signed
from bookward.spec.base import Spec, shaped
from bookward.spec.source import SourceSpec

_SCOPES = ["https://www.googleapis.com/auth/spreadsheets.readonly"]
_CELLS = "sheets(data(rowData(values(effectiveValue,effectiveFormat(numberFormat(type))))))"
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of a sheet, which has no zone
_FIRST, _LAST = ((day - _ZERO.date()).days for day in (date.min, date.max))
_PAGE = 5_000  # rows


class Range(Spec):
    """A sheet, or a part of it, as a table."""

    sheet: str | None = None
    """Name of the sheet; by default the table's."""
    range: str | None = None
    """Instead of a sheet, a range such as `Ledger!A3:F`, or the name of one."""
    header: bool = True
    """Whether the first row has the names of the columns; else they are called column1, column2 and so on."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.sheet is not None and self.range is not None:
            raise ValueError("say one of `sheet` and `range`")
        return self


def _as_range(value: object) -> object:
    return {"sheet": value} if isinstance(value, str) else value


Table = Annotated[Range, BeforeValidator(_as_range, json_schema_input_type=str | Range)]


class GoogleSheetsSpec(SourceSpec):
    """Sheets of a Google spreadsheet, queried with SQL.

    The spreadsheet has to be shared with the service account, to read is enough; or be one that the person
    who signs in may read.
    """

    first: ClassVar[tuple[str, ...]] = ("spreadsheet", "service_account_key")

    type: Literal["google_sheets"] = "google_sheets"
    """Google Sheets."""
    spreadsheet: Annotated[str, shaped(r"^[\w-]+$", "the part of its address after /d/")]
    """Id of the spreadsheet; it stands in its address after `/d/`."""
    service_account_key: SecretStr | None = None
    """The key of a service account, the whole JSON that Google gave, as `${NAME}`."""
    user_credentials: SecretStr | None = None
    """Instead, the JSON of a person who has agreed, as `gcloud auth application-default login` writes it,
    as `${NAME}`."""
    tables: Annotated[dict[str, Table], Field(default_factory=dict)]
    """The name of each table in queries, and its sheet: its name alone, or more settings. By default every
    sheet."""
    url: SafeAddress = "https://sheets.googleapis.com"
    """Address of Google's API."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.service_account_key is None) == (self.user_credentials is None):
            raise ValueError("say one of `service_account_key` and `user_credentials`")
        return self


class GoogleSheetsSource(ServiceSource):
    """Reads a Google spreadsheet."""

    spec_class: ClassVar[type[SourceSpec]] = GoogleSheetsSpec

    def __init__(self, name: str, spec: GoogleSheetsSpec) -> None:
        super().__init__(name, spec.url, connect=spec.connect_timeout)
        self._spec = spec
        self._path = f"/v4/spreadsheets/{quote(spec.spreadsheet)}"

    def auth(self) -> httpx.Auth:
        return Signed(_token(self._spec, self.where()), "Bearer ")

    def greeting(self) -> str:
        with self.client() as client:
            about = self.ask(client, "GET", self._path, params={"fields": "properties(title)"})
        return f"to {about['properties']['title']!r}"

    def names(self) -> Sequence[str]:
        if self._spec.tables:
            return list(self._spec.tables)
        with self.client() as client:
            about = self.ask(client, "GET", self._path, params={"fields": "sheets(properties(title))"})
        return [sheet["properties"]["title"] for sheet in about["sheets"]]

    def pages(self, table: str) -> Generator[Page, None, None]:
        with closing(self._rows(table)) as rows:
            names = self._header(table, rows)
            whole = (dict(zip_longest(names, row)) for row in _grown(rows, names, self.where(table)))
            while page := list(islice(whole, _PAGE)):
                yield page

    def columns_if_empty(self, table: str) -> Sequence[str]:
        with closing(self._rows(table)) as rows:
            return self._header(table, rows) or super().columns_if_empty(table)

    def said(self, answer: httpx.Response) -> str:
        try:
            return str(answer.json()["error"]["message"])
        except (ValueError, LookupError, TypeError):
            return super().said(answer)

    def _header(self, table: str, rows: Iterator[Sequence[Any]]) -> list[str]:
        """Return the names of the columns: what the first row says, which is taken then."""
        if not self._chosen(table).header:
            return []
        return column_names(next(rows, ()), self.where(table))

    def _chosen(self, table: str) -> Range:
        return self._spec.tables.get(table, Range())

    def _rows(self, table: str) -> Generator[Sequence[Any], None, None]:
        """Yield the rows in which something stands, all as they are at one moment."""
        chosen = self._chosen(table)
        quoted = (chosen.sheet or table).replace("'", "''")
        asked = {"ranges": chosen.range or f"'{quoted}'", "includeGridData": "true", "fields": _CELLS}
        with self.client() as client, self.opened(client, "GET", self._path, table, params=asked) as answer:
            found = jsontext.elements(answer.iter_text(), "sheets", "data", "rowData")
            for number, row in enumerate(found, 1):
                cells = self._row(table, number, row)
                if any(value is not None for value in cells):
                    yield cells

    def _row(self, table: str, number: int, row: Mapping[str, Any]) -> Sequence[Any]:
        cells = [_value(cell) for cell in row.get("values", [])]
        if wrong := next((cell for cell in cells if isinstance(cell, _Wrong)), None):
            raise SourceFailed(
                f"{self.where(table)}, row {number} of its range: a formula failed: {wrong.message}",
                remedy="Correct the formula in the sheet: what it should say is not known.",
            )
        return cells


class _Wrong(NamedTuple):
    """What a formula that failed leaves in its cell."""

    message: str


def _grown(rows: Iterator[Sequence[Any]], names: list[str], where: str) -> Iterator[Sequence[Any]]:
    """Yield rows; a longer one than there are names adds some."""
    for row in rows:
        names += column_names((None,) * (len(row) - len(names)), where, names)
        yield row


def _value(cell: Mapping[str, Any]) -> Any:
    value = cell.get("effectiveValue", {})
    if "errorValue" in value:
        error = value["errorValue"]
        return _Wrong(f"{error.get('type', '')} {error.get('message', '')}".strip())
    if "numberValue" in value:
        format_ = cell.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
        return _number(float(value["numberValue"]), format_)
    return value.get("stringValue", value.get("boolValue"))


def _number(value: float, format_: str) -> date | str:
    if not _FIRST <= value < _LAST:
        return Digits(fifteen_digits(value))  # no day, whatever it is shown as
    if format_ == "DATE" and value == int(value):
        return _moment(value).date()
    if format_ in ("DATE", "DATE_TIME"):
        return _moment(value).isoformat()
    if format_ == "TIME" and 0 <= value < 1:
        return _moment(value).time().isoformat()
    return Digits(fifteen_digits(value))


def _moment(days: float) -> datetime:
    return _ZERO + timedelta(milliseconds=round(days * 86_400_000))


def _token(spec: GoogleSheetsSpec, where: str) -> SecretStr:
    """Return a token that signs requests in for an hour."""
    try:
        from google.auth.exceptions import GoogleAuthError, TransportError
    except ImportError:
        raise missing_extra("Google Sheets", "google") from None
    account = _account(spec, where)

    def ask(url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> _Answer:
        try:
            answer = httpx.request(method, url, content=body, headers=headers, timeout=60)
        except httpx.HTTPError as error:
            raise TransportError(str(error)) from error
        return _Answer(answer.status_code, answer.headers, answer.content)

    try:
        account.refresh(ask)
    except TransportError as error:
        raise SourceUnreachable(f"{where}: Google's sign-in cannot be reached: {error}") from error
    except GoogleAuthError as error:
        said = " ".join(str(error.args[0]).split())
        raise SourceFailed(
            f"{where} refuses the sign-in of {_whom(account)}: {said}",
            remedy="Check that the key is still one of the service account's, or let the person agree anew.",
        ) from error
    return SecretStr(account.token)


def _account(spec: GoogleSheetsSpec, where: str) -> Any:
    from google.auth.exceptions import GoogleAuthError

    try:
        if spec.user_credentials is not None:
            return googlesignin.of_person(spec.user_credentials)
        assert spec.service_account_key is not None
        return googlesignin.from_key(spec.service_account_key, _SCOPES)
    except (ValueError, TypeError, AttributeError, GoogleAuthError):
        # Not with its words, nor as its cause: they may repeat the key.
        what = "service account's key" if spec.user_credentials is None else "person's credentials"
        raise SourceFailed(
            f"{where}: the {what} cannot be read.",
            remedy="Give the whole JSON file that Google gave.",
        ) from None


def _whom(account: Any) -> str:
    return getattr(account, "service_account_email", None) or "a person"


class _Answer(NamedTuple):
    """An answer as google-auth takes it."""

    status: int
    headers: Mapping[str, str]
    data: bytes

"""Reading records: lists, filters, pages, summaries, and one record by id or another key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from bookward.demo.xero import filters
from bookward.demo.xero.answers import Refused, exception, not_found
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element, millis, read_moment
from bookward.demo.xero.kinds import ID, STATUS, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.paging import Page, wanted_page
from bookward.demo.xero.records import Records, Selection


@dataclass(frozen=True, slots=True)
class Listing:
    """The records of one answer, and its ``pagination`` object where it is a page."""

    elements: list[Element]
    pagination: Element | None = None


def one(books: Books, kind: RecordKind, key: str) -> Record:
    """Return the record with that id, or that value of another key, archived or not.

    Raises:
        Refused: there is none.
    """
    records = Records(books, kind)
    id_ = str(UUID(key)) if is_guid(key) else key
    record = records.by_id(id_) if is_guid(key) or not kind.guid else None
    for name in kind.natural:
        record = record or records.by_key(name, key) or records.by_key(name, key.casefold())
    if record is None or not key:
        raise not_found()
    return record


def listing(books: Books, kind: RecordKind, query: Mapping[str, str], since: str | None) -> Listing:
    """Return what a GET of the list answers; ``query`` has names in lower case.

    Raises:
        Refused: the filter or the order cannot be read, or too many records would be touched.
    """
    records, options = Records(books, kind), books.options
    selection = _selection(books, kind, query, since)
    test, optimised = _test(books, kind, query)
    page = wanted_page(query) if kind.paged else None
    count = records.count(selection)
    if count > options.high_volume and (page is None or not optimised):
        raise _high_volume(options)
    if test is None:
        found = records.select(selection, page.size, page.offset) if page else records.select(selection)
    else:
        found = [record for record in records.select(selection) if test(record)]
        count = len(found)
        found = found[page.offset : page.offset + page.size] if page else found
    view = _view(kind, query, page)
    shown = [kind.show(books, record, view) for record in found]
    return Listing(shown, page.object(count) if page else None)


def decimals(query: Mapping[str, str]) -> int:
    """Return to how many places unit prices are shown and taken. Source: Xero, Rounding in Xero."""
    return 4 if query.get("unitdp") == "4" else 2


def is_guid(text: str) -> bool:
    """Return whether a text is an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _view(kind: RecordKind, query: Mapping[str, str], page: Page | None) -> View:
    if kind.summaries and query.get("summaryonly", "").lower() == "true":
        return View(detail="summary", decimals=decimals(query), listed=True)
    detail: Literal["full", "list"] = "list" if kind.paged and not page else "full"
    return View(detail=detail, decimals=decimals(query), listed=True)


def _selection(books: Books, kind: RecordKind, query: Mapping[str, str], since: str | None) -> Selection:
    options = books.options
    moment = read_moment(since) if since and kind.modified_since else None
    lag = timedelta(seconds=options.read_lag_seconds)
    settled = millis(books.now - lag) if lag else None
    keys = {
        key: _values(key, query[parameter]) for parameter, key in kind.choices.items() if query.get(parameter)
    }
    if kind.made_by and query.get("createdbymyapp", "").lower() == "true":
        keys[kind.made_by] = [books.provider.casefold()]
    return Selection(
        keys=keys,
        archived=query.get("includearchived", "").lower() == "true",
        since=None if moment is None else millis(moment.replace(microsecond=0)),
        created_until=settled,
        updated_until=settled if moment else None,
        order=_order(kind, query.get("order", ""), options),
    )


def _values(key: str, text: str) -> Sequence[str]:
    parts = [part.strip() for part in text.split(",")]
    if key == ID:
        return [str(UUID(part)) for part in parts if is_guid(part)]
    return [part.upper() if key == STATUS else part.casefold() for part in parts]


def _order(kind: RecordKind, text: str, options: Options) -> Sequence[tuple[str, bool]]:
    fields = {name.lower(): name for name in kind.fields}
    order = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        field, direction = fields.get(name.lower()), direction.strip().upper()
        if field is None or direction not in {"", "ASC", "DESC"}:
            message = f"No property or field '{name}' exists in type '{kind.singular}'."
            raise _query_error(message, options)
        order.append((field, direction == "DESC"))
    return order


def _test(
    books: Books, kind: RecordKind, query: Mapping[str, str]
) -> tuple[Callable[[Record], bool] | None, bool]:
    """Return what a record must pass, None for anything, and whether Xero has an index for it."""
    term = filters.fold(query.get("searchterm", "").strip()) if kind.searched else ""
    where = _parsed(kind, query["where"], books.options) if query.get("where", "").strip() else None
    if where is None and not term:
        return None, True

    def test(record: Record) -> bool:
        values = _comparable(books, kind, record)
        if where is not None and not where.test(values):
            return False
        return not term or any(term in filters.fold(values.get(name) or "") for name in kind.searched)

    return test, where is None or where.optimised


def _comparable(books: Books, kind: RecordKind, record: Record) -> dict[str, Any]:
    """Return the values that ``where`` compares."""
    values = record.doc | {
        kind.id: record.id,
        kind.status: record.status,
        "UpdatedDateUTC": datetime.fromtimestamp(record.updated / 1000, UTC),
    }
    for name, type_ in kind.fields.items():
        if "." in name:
            values[name] = _inside(record.doc, name)
        if type_ == "date" and isinstance(values.get(name), str):
            values[name] = read_moment(values[name])
    return values | kind.derived(books, record)


def _inside(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _parsed(kind: RecordKind, text: str, options: Options) -> filters.Filter:
    try:
        return filters.parse(text, kind.fields, kind.indexed, kind.singular)
    except filters.QueryError as error:
        raise _query_error(str(error), options) from None


def _query_error(message: str, options: Options) -> Refused:
    return exception(options.query_error_number, "QueryParseException", message)


def _high_volume(options: Options) -> Refused:
    message = (
        f"The request would touch more than {options.high_volume} records. Use paging or a narrower filter."
    )
    return exception(51, "HighVolumeException", message)

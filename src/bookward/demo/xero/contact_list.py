"""Reading contacts: lists, filters, pages, summaries, and one contact by id or number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bookward.demo.xero import filters
from bookward.demo.xero.answers import Refused, exception, not_found
from bookward.demo.xero.contact_shape import (
    FILTERABLE,
    INDEXED,
    SEARCHED,
    Contact,
    filterable,
    full,
    summary,
    unpaged,
)
from bookward.demo.xero.contact_table import ContactTable, Selection
from bookward.demo.xero.envelope import Element, millis, read_moment
from bookward.demo.xero.options import Options
from bookward.demo.xero.paging import Page, wanted_page

_FIELDS = {name.lower(): name for name in FILTERABLE}


@dataclass(frozen=True, slots=True)
class Listing:
    """The records of one answer, and its ``pagination`` object where it is a page."""

    elements: list[Element]
    pagination: Element | None = None


def one(table: ContactTable, key: str) -> Element:
    """Return the contact with that id or number, archived or not.

    Raises:
        Refused: there is none.
    """
    contact = (table.by_id(key) if _is_guid(key) else None) or table.by_number(key)
    if contact is None or not key:
        raise not_found()
    return full(contact)


def listing(
    table: ContactTable, query: Mapping[str, str], since: str | None, now: datetime, options: Options
) -> Listing:
    """Return what a GET of the list answers; ``query`` has names in lower case.

    Raises:
        Refused: the filter or the order cannot be read, or too many records would be touched.
    """
    selection = _selection(query, since, now, options)
    test, optimised = _test(query, options)
    page = wanted_page(query)
    count = table.count(selection)
    if count > options.high_volume and (page is None or not optimised):
        raise _high_volume(options)
    if test is None:
        contacts = table.select(selection, page.size, page.offset) if page else table.select(selection)
    else:
        contacts = [contact for contact in table.select(selection) if test(contact)]
        count = len(contacts)
        contacts = contacts[page.offset : page.offset + page.size] if page else contacts
    shown = [_shape(query, page, options)(contact) for contact in contacts]
    return Listing(shown, page.object(count) if page else None)


def _shape(query: Mapping[str, str], page: Page | None, options: Options) -> Callable[[Contact], Element]:
    if query.get("summaryonly", "").lower() == "true":
        return lambda contact: summary(contact, phones=options.summary_keeps_phones)
    return full if page else unpaged


def _selection(query: Mapping[str, str], since: str | None, now: datetime, options: Options) -> Selection:
    moment = read_moment(since) if since else None
    settled = millis(now - timedelta(seconds=options.read_lag_seconds)) if options.read_lag_seconds else None
    return Selection(
        ids=_ids(query["ids"]) if query.get("ids") else None,
        archived=query.get("includearchived", "").lower() == "true",
        since=None if moment is None else millis(moment.replace(microsecond=0)),
        created_until=settled,
        updated_until=settled if moment else None,
        order=_order(query.get("order", ""), options),
    )


def _ids(text: str) -> Sequence[str]:
    return [str(UUID(part)) for part in text.split(",") if _is_guid(part)]


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _order(text: str, options: Options) -> Sequence[tuple[str, bool]]:
    order = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        field, direction = _FIELDS.get(name.lower()), direction.strip().upper()
        if field is None or direction not in {"", "ASC", "DESC"}:
            raise _query_error(f"No property or field '{name}' exists in type 'Contact'.", options)
        order.append((field, direction == "DESC"))
    return order


def _test(query: Mapping[str, str], options: Options) -> tuple[Callable[[Contact], bool] | None, bool]:
    """Return what a contact must pass, None for anything, and whether Xero has an index for it."""
    term = filters.fold(query.get("searchterm", "").strip())
    where = _parsed(query["where"], options) if query.get("where", "").strip() else None
    if where is None and not term:
        return None, True

    def test(contact: Contact) -> bool:
        if where is not None and not where.test(filterable(contact)):
            return False
        return not term or any(term in filters.fold(contact.doc.get(name, "")) for name in SEARCHED)

    return test, where is None or where.optimised


def _parsed(text: str, options: Options) -> filters.Filter:
    try:
        return filters.parse(text, FILTERABLE, INDEXED)
    except filters.QueryError as error:
        raise _query_error(str(error), options) from None


def _query_error(message: str, options: Options) -> Refused:
    return exception(options.query_error_number, "QueryParseException", message)


def _high_volume(options: Options) -> Refused:
    message = (
        f"The request would touch more than {options.high_volume} records. Use paging or a narrower filter."
    )
    return exception(51, "HighVolumeException", message)

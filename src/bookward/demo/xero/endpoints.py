"""The methods that resources share: lists, one record, and writes of many elements or one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bookward.demo.xero.answers import Answer, Refused
from bookward.demo.xero.bodies import read_elements
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element, enveloped, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.kinds import RecordKind, View
from bookward.demo.xero.listing import decimals, listing, one
from bookward.demo.xero.resources import Serve
from bookward.demo.xero.writing import Writer, Written


def get_list(kind: RecordKind) -> Serve:
    """Return the GET of a list."""

    def serve(books: Books, incoming: Incoming) -> Answer:
        found = listing(books, kind, incoming.query, incoming.headers.get("if-modified-since"))
        return answered(books, kind.plural, found.elements, found.pagination)

    return serve


def get_one(kind: RecordKind) -> Serve:
    """Return the GET of one record."""

    def serve(books: Books, incoming: Incoming) -> Answer:
        view = View(decimals=decimals(incoming.query))
        record = one(books, kind, incoming.params["key"])
        return answered(books, kind.plural, [kind.show(books, record, view)])

    return serve


def write_many(writer: type[Writer], *, create_only: bool) -> Serve:
    """Return the PUT (``create_only``) or POST of a list of elements."""

    def serve(books: Books, incoming: Incoming) -> Answer:
        elements = read_body(books, incoming.body, writer.kind)
        return written(books, incoming, writer, elements, create_only=create_only)

    return serve


def write_first(writer: type[Writer], *, create_only: bool) -> Serve:
    """Return the PUT or POST of one element; of several the first is written, the others are not looked at.

    Source: XeroAPI/Xero-Net#285.
    """

    def serve(books: Books, incoming: Incoming) -> Answer:
        elements = read_body(books, incoming.body, writer.kind)[:1]
        return written(books, incoming, writer, elements, create_only=create_only)

    return serve


def write_one(writer: type[Writer]) -> Serve:
    """Return the POST of one element to the address of its record."""

    def serve(books: Books, incoming: Incoming) -> Answer:
        record = one(books, writer.kind, incoming.params["key"])
        element = read_body(books, incoming.body, writer.kind)[0] | {writer.kind.id: record.id}
        return written(books, incoming, writer, [element], create_only=False)

    return serve


def read_body(books: Books, body: bytes, kind: RecordKind) -> list[Element]:
    """Return the elements of a body.

    Raises:
        Refused: it cannot be understood.
    """
    refuse_unknown = books.options.unknown_fields == "refuse"
    return read_elements(body, kind.plural, kind.singular, kind.group, refuse_unknown=refuse_unknown)


def written(
    books: Books, incoming: Incoming, writer: type[Writer], elements: Sequence[Element], *, create_only: bool
) -> Answer:
    """Write elements and return the answer, errors summarised or not as the request wants it."""
    kind = writer.kind
    own = writer(books, create_only=create_only, view=View(decimals=decimals(incoming.query)))
    return results_answer(
        books, incoming, kind.plural, lambda: own.write_all(elements), own_errors=kind.own_errors
    )


def results_answer(
    books: Books,
    incoming: Incoming,
    plural: str,
    write: Callable[[], Sequence[Written]],
    *,
    own_errors: bool = True,
) -> Answer:
    """Return the answer to what ``write`` does to elements, and undo it where the switches say so.

    Args:
        own_errors: whether each element can tell its own errors.
    """
    summarise = incoming.query.get("summarizeerrors", "").lower() != "false" or not own_errors
    books.db.execute("SAVEPOINT elements")
    try:
        results = write()
    except Refused:
        books.db.execute("ROLLBACK TO elements")
        raise
    failed = [result.element for result in results if result.failed]
    if summarise and failed and books.options.summarised_saves == "none":
        books.db.execute("ROLLBACK TO elements")
    books.db.execute("RELEASE elements")
    if summarise and failed:
        return summarised(failed)
    shown = [result.element if summarise else _with_status(books, result) for result in results]
    return answered(books, plural, shown)


def answered(
    books: Books, plural: str, elements: Sequence[Element], pagination: Element | None = None
) -> Answer:
    """Return the answer to a good request."""
    return enveloped(plural, elements, provider=books.provider, now=books.now, pagination=pagination)


def _with_status(books: Books, result: Written) -> Element:
    if result.status == "OK" and not books.options.says_ok:
        return result.element
    return result.element | {"StatusAttributeString": result.status}

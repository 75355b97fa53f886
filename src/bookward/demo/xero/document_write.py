"""Writing invoices and credit notes: what is common to both.

Source: Xero, Accounting API, Invoices; Credit notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import ClassVar

from bookward.demo.xero.document_contacts import NO_CONTACT, contact_of
from bookward.demo.xero.document_edits import edit_problems, quiet
from bookward.demo.xero.document_kinds import CREATED_BY, SALES, SALES_NUMBER
from bookward.demo.xero.document_lines import LineReader
from bookward.demo.xero.document_show import echoed, shown_lines
from bookward.demo.xero.document_status import (
    APPROVED,
    AUTHORISED,
    DEAD,
    DRAFT,
    NOT_FOR_MODIFICATION,
    PAID,
    SETTLED,
    SUBMITTED,
    status_problems,
)
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.lock_dates import lock_problems
from bookward.demo.xero.money import rounded
from bookward.demo.xero.organisation import today
from bookward.demo.xero.partial import put_all, text_problems
from bookward.demo.xero.records import Selection
from bookward.demo.xero.settling import APPLIED, PAYMENTS, balanced, is_settled
from bookward.demo.xero.subscriptions import not_subscribed, subscribed
from bookward.demo.xero.totals import EXCLUSIVE, totals
from bookward.demo.xero.writing import Writer, Written

FIXED_TYPE = "The Type of a document cannot be changed."
NO_LINES = "One or more line items must be specified"
NEGATIVE = "The total of an approved document must not be negative."
BAD_RATE = "The CurrencyRate must be more than 0."
RATE_PLACES = 6
_NEVER_EMPTY = ("Date", "LineAmountTypes", "CurrencyCode", "CurrencyRate")


class DocumentWriter(Writer):
    """Writes documents that have a contact, lines and a status."""

    sales: ClassVar[str]  #: the type of what is sold
    purchase: ClassVar[str]  #: the type of what is bought
    number: ClassVar[str]  #: the field of the number
    prefix: ClassVar[str]  #: what numbers that Xero gives begin with
    number_taken: ClassVar[str]  #: the message about a number that another document has
    missing: ClassVar[str] = ""  #: the message about an id that no document has
    header: ClassVar[Sequence[str]]  #: fields that are kept as they are sent
    discounts: ClassVar[bool]  #: whether lines of what is sold can have them

    def write(self, sent: Element) -> Written:
        self.books.db.execute("SAVEPOINT document")
        held, errors = self._matched(sent)
        doc, wrong = ({}, errors) if errors else self._drawn(sent, held)
        if wrong:
            self.books.db.execute("ROLLBACK TO document")
        self.books.db.execute("RELEASE document")
        return self.refused(sent, held, wrong) if wrong else self.accepted(self._put(sent, held, doc))

    def refused(self, sent: Element, held: Record | None, errors: Sequence[str]) -> Written:
        shown = echoed(sent)
        if held is not None and sent.get("LineItems") is None:
            shown["LineItems"] = shown_lines(self.books, held.doc, self.view)
        return super().refused(shown, held, list(dict.fromkeys(errors)))

    def drawn_header(self, sent: Element, held: Record | None) -> Element:
        """Return the fields of the document apart from contact and lines."""
        doc = dict(held.doc) if held else self._defaults(sent)
        put_all(doc, self.header, sent, self.options)
        doc |= {name: sent[name] for name in _NEVER_EMPTY if sent.get(name) is not None}
        if doc["CurrencyCode"] == self.books.company.currency:
            doc["CurrencyRate"] = Decimal(1)
        doc["CurrencyRate"] = rounded(Decimal(doc["CurrencyRate"]), RATE_PLACES)
        if number := (sent.get(self.number) or "").strip():
            doc[self.number] = number
        elif self.number not in doc and doc["Type"] == self.sales:
            doc[self.number] = self._next_number()
        return doc

    def own_problems(self, sent: Element, doc: Element, held: Record | None, status: str) -> Iterator[str]:
        """Yield what else is wrong with one kind of documents."""
        yield from ()

    def _matched(self, sent: Element) -> tuple[Record | None, list[str]]:
        """Return the document that is meant, by id, else the number of what is sold; or why it cannot be."""
        if self.create_only:
            return None, []
        if sent.get(self.kind.id):
            held = self.records.by_id(sent[self.kind.id])
            return held, [] if held else [self.missing]
        held = self._by_number(sent) if sent.get("Type") in {None, self.sales} else None
        if held is None or held.status != PAID or self.options.paid_by_number == "edit":
            return held, []
        return held, [NOT_FOR_MODIFICATION, SETTLED]

    def _by_number(self, sent: Element, but: str | None = None) -> Record | None:
        """Return what was sold under the number that was sent; live documents before dead ones."""
        number = (sent.get(self.number) or "").strip().casefold()
        found = self.records.select(Selection(keys={SALES_NUMBER: [number]})) if number else []
        others = [record for record in found if record.id != but]
        return min(others, key=lambda record: record.status in DEAD, default=None)

    def _drawn(self, sent: Element, held: Record | None) -> tuple[Element, list[str]]:
        """Return the fields of the document that an element becomes, and what is wrong with it."""
        status = sent.get("Status") or (held.status if held else DRAFT)
        settled = held is not None and is_settled(held.doc)
        barred = status_problems(held.status if held else None, status, settled=settled)
        if held is not None and held.status == PAID and not (settled or self.options.zero_paid_editable):
            barred = [NOT_FOR_MODIFICATION]
        if held is not None and barred:
            return {}, barred
        doc = self.drawn_header(sent, held)
        if doc["Type"] not in {self.sales, self.purchase}:
            return {}, [f"The Type must be {self.sales} or {self.purchase}."]
        doc, errors = self._with_lines(doc, sent, held, status)
        doc, no_contact = self._with_contact(doc, sent)
        errors += [*barred, *no_contact, *self._problems(sent, doc, held, status)]
        if held is not None and settled and not errors:
            errors = edit_problems(held.doc, doc, sent.get("LineItems"))
        return doc, errors

    def _defaults(self, sent: Element) -> Element:
        return {
            "Type": sent.get("Type"),
            "Date": today(self.books).isoformat(),
            "LineAmountTypes": EXCLUSIVE,
            "CurrencyCode": self.books.company.currency,
            "CurrencyRate": Decimal(1),
            "SentToContact": False,
            CREATED_BY: self.books.provider,
            PAYMENTS: [],
            APPLIED: [],
        }

    def _with_lines(
        self, doc: Element, sent: Element, held: Record | None, status: str
    ) -> tuple[Element, list[str]]:
        kept = held.doc["LineItems"] if held else []
        retyped = held is not None and held.doc["LineAmountTypes"] != doc["LineAmountTypes"]
        given = sent.get("LineItems")
        if given is None and held is not None and status in {held.status, *DEAD} and not retyped:
            return doc, []
        if given is None:
            given = [{"LineItemID": line["LineItemID"]} for line in kept]
        sales = doc["Type"] == self.sales
        reader = LineReader(
            books=self.books,
            sales=sales,
            discounts=sales and self.discounts,
            approved=status in {SUBMITTED, AUTHORISED},
            types=doc["LineAmountTypes"],
            retyped=retyped,
            decimals=self.view.decimals,
        )
        lines, errors = reader.read(given, kept)
        if not lines:
            errors.append(NO_LINES)
        if errors:
            return doc | {"LineItems": lines}, errors
        sums = totals(
            [(Decimal(line["LineAmount"]), Decimal(line["TaxAmount"])) for line in lines],
            doc["LineAmountTypes"],
        )
        doc |= {"SubTotal": sums.sub_total, "TotalTax": sums.tax, "Total": sums.total, "LineItems": lines}
        return doc, [NEGATIVE] if sums.total < 0 and status in APPROVED else []

    def _with_contact(self, doc: Element, sent: Element) -> tuple[Element, list[str]]:
        if not sent.get("Contact"):
            return doc, [] if "Contact" in doc else [NO_CONTACT]
        contact, errors = contact_of(self.books, sent["Contact"])
        if contact is None:
            return doc, errors
        return doc | {"Contact": {"ContactID": contact.id, "Name": contact.doc["Name"]}}, []

    def _problems(self, sent: Element, doc: Element, held: Record | None, status: str) -> Iterator[str]:
        yield from text_problems(sent, self.kind.group.fields)
        if held is not None and sent.get("Type") and sent["Type"] != held.doc["Type"]:
            yield FIXED_TYPE
        if self._number_taken(sent, doc, held):
            yield self.number_taken
        company = self.books.company
        for day in dict.fromkeys([doc["Date"], held.doc["Date"] if held else doc["Date"]]):
            yield from lock_problems(day, period=company.period_lock_date, year=company.year_lock_date)
        if not subscribed(self.books, doc["CurrencyCode"]):
            yield not_subscribed(doc["CurrencyCode"])
        if doc["CurrencyRate"] <= 0:
            yield BAD_RATE
        yield from self.own_problems(sent, doc, held, status)

    def _number_taken(self, sent: Element, doc: Element, held: Record | None) -> bool:
        if doc["Type"] not in SALES:
            return False
        other = self._by_number(sent, held.id if held else None)
        return other is not None and (other.status not in DEAD or self.options.dead_numbers == "taken")

    def _next_number(self) -> str:
        """Return the first free number after as many as there are documents."""
        count = self.records.count() + 1
        while self._by_number({self.number: f"{self.prefix}{count:04}"}):
            count += 1
        return f"{self.prefix}{count:04}"

    def _put(self, sent: Element, held: Record | None, doc: Element) -> Record:
        status = sent.get("Status") or (held.status if held else DRAFT)
        settled, was = balanced(self.books, status, doc)
        if held is not None and is_settled(held.doc) and quiet(held.doc, was):
            record = Record(held.id, settled, held.updated, was)
            self.records.update(record)
            return record
        return self.stored(held, settled, was)

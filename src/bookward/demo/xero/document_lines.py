"""Reading the lines of a document: what is looked up, calculated and refused.

Source: Xero, Accounting API, Invoices, line items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from bookward.demo.xero.accounts import ACTIVE, BANK, find_account
from bookward.demo.xero.books import Books
from bookward.demo.xero.document_fields import LINE
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.item_write import bad_tax
from bookward.demo.xero.items import find_item
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.line_amounts import Given, priced
from bookward.demo.xero.line_tracking import read_tracking
from bookward.demo.xero.money import ZERO, rounded
from bookward.demo.xero.partial import text_problems
from bookward.demo.xero.tax_rate_write import unknown_type
from bookward.demo.xero.tax_rates import effective_rate, find_tax_rate, may_tax
from bookward.demo.xero.totals import NO_TAX, line_tax

NO_ACCOUNT = "Account code or ID must be specified"
NO_TAX_TYPE = "TaxType field is mandatory"
NO_DESCRIPTION = "A line item must have at least a Description."
NO_DISCOUNTS = "Only the lines of sales invoices can have discounts."
BAD_RATE = "The DiscountRate must be between 0 and 100."
LONG_UNIT_AMOUNT = ["Account must be valid.", "Tax rate must be valid."]
"""What Xero says about a UnitAmount with too many decimal places. Source: XeroAPI/Xero-Java#353."""

MAX_UNIT_PLACES = 4
_AMOUNTS = ("ItemCode", "Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount")
_NOT_ON_LINES = frozenset(
    {
        "DEBTORS",
        "CREDITORS",
        "BANKCURRENCYGAIN",
        "REALISEDCURRENCYGAIN",
        "UNREALISEDCURRENCYGAIN",
        "RETAINEDEARNINGS",
        "TRACKINGTRANSFERS",
        "UNPAIDEXPCLM",
    }
)


def bad_account(code: str) -> str:
    """Return the message about an account that is not there, or not for lines."""
    return f"Account code '{code}' is not a valid code for this document."


def gone_account(code: str) -> str:
    """Return the message about an archived account."""
    return (
        f"Account code '{code}' has been archived, or has been deleted. "
        "Each line item must reference a valid account."
    )


def bad_item(code: str) -> str:
    """Return the message about an item code that no item has."""
    return f"Item code '{code}' is not the code of an item."


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReader:
    """Reads the lines of one document."""

    books: Books
    sales: bool  #: sold, or bought
    discounts: bool  #: whether lines can have them
    approved: bool  #: whether the document is more than a draft
    types: str  #: line amount types
    retyped: bool = False  #: whether those were others before
    decimals: int

    def read(self, sent: Sequence[Element], held: Sequence[Element]) -> tuple[list[Element], list[str]]:
        """Return the lines that a document has after a write, and what is wrong with them.

        A line that names one of ``held`` by its id goes on from it; the others are new.
        """
        by_id = {line["LineItemID"]: line for line in held}
        lines, errors = [], []
        for part in map(_present, sent):
            known = by_id.get(part.get("LineItemID"))
            given = self._continued(known, part) if known else part | {"LineItemID": str(uuid4())}
            same = known is not None and part.keys().isdisjoint(_AMOUNTS)
            line, wrong = self._line(given, known if same else None)
            lines.append(line)
            errors += [message for message in wrong if message not in errors]
        return lines, errors

    def _continued(self, known: Element, sent: Element) -> Element:
        """Return a known line as it is meant: what was not sent stays, unless it follows from the rest."""
        kept = dict(known)
        revalued = not sent.keys().isdisjoint(_AMOUNTS)
        if revalued:
            kept.pop("LineAmount", None)
        if "LineAmount" in sent and "UnitAmount" not in sent:
            kept.pop("UnitAmount", None)
        if revalued or self.retyped or "TaxType" in sent or "TaxType" not in known:
            kept.pop("TaxAmount", None)
        if not sent.keys().isdisjoint({"AccountCode", "AccountID"}):
            kept.pop("AccountID", None)
        return kept | sent

    def _line(self, given: Element, priced_: Element | None) -> tuple[Element, list[str]]:
        """Return a line; its amounts are those of ``priced_``, where there is such a line."""
        item = find_item(self.books, given["ItemCode"]) if "ItemCode" in given else None
        given = (self._from_item(item) if item else {}) | given
        account = find_account(self.books, id_=given.get("AccountID"), code=given.get("AccountCode"))
        line: Element = {
            name: given[name] for name in ("LineItemID", "Description", "ItemCode") if name in given
        }
        line |= {"ItemID": item.id} if item else {}
        line |= {"AccountID": account.id} if account else {}
        tracking, errors = read_tracking(self.books, given.get("Tracking") or [])
        amounts, wrong = (_amounts_of(priced_), []) if priced_ else self._amounts(given)
        line |= amounts | {"Tracking": tracking}
        if "ItemCode" in given and item is None:
            errors.append(bad_item(given["ItemCode"]))
        errors += wrong + self._account_problems(given, account, needed="Quantity" in line)
        taxed, wrong = self._tax(given, account, line)
        return line | taxed, [*text_problems(given, LINE.fields), *errors, *wrong]

    def _from_item(self, item: Record) -> Element:
        """Return what a line has from its item where it says nothing itself."""
        text, side = (
            ("Description", "SalesDetails") if self.sales else ("PurchaseDescription", "PurchaseDetails")
        )
        details = item.doc.get(side, {})
        found = {"Description": item.doc.get(text), "UnitAmount": details.get("UnitPrice")}
        found |= {"AccountCode": details.get("AccountCode"), "TaxType": details.get("TaxType")}
        if not self.sales and not found["AccountCode"]:
            found["AccountCode"] = item.doc.get("InventoryAssetAccountCode")
        return _present(found)

    def _amounts(self, given: Element) -> tuple[Element, list[str]]:
        rate, discount, unit = (
            _number(given, name) for name in ("DiscountRate", "DiscountAmount", "UnitAmount")
        )
        errors = [] if self.discounts or not (rate or discount) else [NO_DISCOUNTS]
        if rate is not None and not 0 <= rate <= 100:
            return {}, [*errors, BAD_RATE]
        if unit is not None and self._too_fine(unit):
            errors += LONG_UNIT_AMOUNT
        amounts, wrong = priced(
            Given(
                quantity=_number(given, "Quantity"),
                unit=unit,
                amount=_number(given, "LineAmount"),
                rate=rate,
                discount=discount,
            ),
            self.decimals,
        )
        line: Element = {"LineAmount": amounts.amount, "Discount": amounts.discount}
        if amounts.quantity is not None:
            line |= {"Quantity": amounts.quantity, "UnitAmount": amounts.unit}
        elif not given.get("Description"):
            errors.append(NO_DESCRIPTION)
        line |= _present({"DiscountRate": rate, "DiscountAmount": discount})
        return line, errors + wrong

    def _too_fine(self, unit: Decimal) -> bool:
        return self.books.options.long_unit_amounts == "refuse" and rounded(unit, MAX_UNIT_PLACES) != unit

    def _account_problems(self, given: Element, account: Record | None, *, needed: bool) -> list[str]:
        named: str = given.get("AccountCode") or given.get("AccountID", "")
        if not named:
            return [NO_ACCOUNT] if self.approved and needed else []
        if (
            account is None
            or account.doc["Type"] == BANK
            or account.doc.get("SystemAccount") in _NOT_ON_LINES
        ):
            return [bad_account(named)]
        return [] if account.status == ACTIVE else [gone_account(named)]

    def _tax(self, given: Element, account: Record | None, line: Element) -> tuple[Element, list[str]]:
        if self.types == NO_TAX:
            return {"TaxType": "NONE", "TaxAmount": ZERO}, []
        type_ = given.get("TaxType") or (account.doc["TaxType"] if account else None)
        if type_ is None:
            named = given.get("AccountCode") or given.get("AccountID")
            needed = self.approved and "Quantity" in line and not named
            return {"TaxAmount": ZERO}, [NO_TAX_TYPE] if needed else []
        rate = find_tax_rate(self.books, type_)
        if rate is None:
            return {}, [unknown_type(type_)]
        if account and not may_tax(rate, account):
            return {}, [bad_tax(type_, account.doc.get("Code", ""))]
        tax = _number(given, "TaxAmount")
        if tax is None:
            tax = line_tax(line.get("LineAmount", ZERO), effective_rate(rate), self.types)
        return {"TaxType": rate.id, "TaxAmount": rounded(tax)}, []


def _amounts_of(line: Element) -> Element:
    return {name: line[name] for name in (*_AMOUNTS, "Discount") if name in line}


def _present(part: Element) -> Element:
    return {name: value for name, value in part.items() if value not in (None, "")}


def _number(given: Element, name: str) -> Decimal | None:
    return Decimal(given[name]) if name in given else None

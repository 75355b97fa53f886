"""Tax rates: how they are stored, shown and found. Source: Xero, Accounting API, Tax rates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bookward.demo.xero.bodies import Boolean, Choice, Group, Ignored, Items, Number, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.records import Records
from bookward.demo.xero.report_tax_types import REPORT_TAX_TYPES

DELETED = "DELETED"
ASSET, EQUITY, EXPENSE, LIABILITY, REVENUE = "ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"
APPLIES = {
    "CanApplyToAssets": ASSET,
    "CanApplyToEquity": EQUITY,
    "CanApplyToExpenses": EXPENSE,
    "CanApplyToLiabilities": LIABILITY,
    "CanApplyToRevenue": REVENUE,
}
COMPONENT = Group({"Name": Text(), "Rate": Number(), "IsCompound": Boolean(), "IsNonRecoverable": Boolean()})
TAX_RATE = Group(
    {
        "Name": Text(),
        "TaxType": Text(),
        "TaxComponents": Items(COMPONENT),
        "Status": Choice(frozenset({"ACTIVE", DELETED, "ARCHIVED", "PENDING"})),
        "ReportTaxType": Choice(REPORT_TAX_TYPES),
        **{name: Ignored() for name in (*APPLIES, "DisplayTaxRate", "EffectiveRate")},
    }
)
_PLACES = Decimal("0.0001")


def applies_to(report: str) -> Element:
    """Return which classes of accounts may use a rate, by what it is reported as."""
    barred = {REVENUE} if "INPUT" in report else {EXPENSE} if "OUTPUT" in report else set()
    return {name: class_ not in barred for name, class_ in APPLIES.items()}


def rates(components: Sequence[Element]) -> Element:
    """Return what the components of a rate come to, in percent.

    A compound component is a tax on the amount with all other components, so the effective rate is higher
    than what is displayed, which is their sum.
    """
    plain = sum((Decimal(part["Rate"]) for part in components if not part["IsCompound"]), Decimal(0))
    compound = sum((Decimal(part["Rate"]) for part in components if part["IsCompound"]), Decimal(0))
    return {
        "DisplayTaxRate": (plain + compound).quantize(_PLACES),
        "EffectiveRate": (plain + compound + plain * compound / 100).quantize(_PLACES),
    }


def find_tax_rate(books: Books, tax_type: str) -> Record | None:
    """Return the rate with that type, deleted or not."""
    return Records(books, TAX_RATE_KIND).by_id(tax_type)


def effective_rate(rate: Record) -> Decimal:
    """Return the percentage that a rate adds to an amount."""
    return Decimal(rate.doc["EffectiveRate"])


def may_tax(rate: Record, account: Record) -> bool:
    """Return whether lines on an account may use a rate."""
    return rate.status == "ACTIVE" and any(
        rate.doc[name] for name, class_ in APPLIES.items() if class_ == account.doc["Class"]
    )


def _keys(doc: Element, _options: Options) -> Keys:
    return {"name": [doc["Name"].casefold()]}


def _shown(_books: Books, rate: Record, _view: View) -> Element:
    order = ("Name", "TaxType", "ReportTaxType", *APPLIES, "DisplayTaxRate", "EffectiveRate")
    shown = {name: rate.doc[name] for name in order if name in rate.doc}
    return shown | {"Status": rate.status, "TaxComponents": rate.doc["TaxComponents"]}


TAX_RATE_KIND = RecordKind(
    plural="TaxRates",
    singular="TaxRate",
    id="TaxType",
    guid=False,
    group=TAX_RATE,
    show=_shown,
    keys=_keys,
    fields={
        "Name": "text",
        "TaxType": "text",
        "Status": "text",
        "ReportTaxType": "text",
        **dict.fromkeys(APPLIES, "boolean"),
        "DisplayTaxRate": "number",
        "EffectiveRate": "number",
    },
    own_errors=False,
    error_flag=None,
)

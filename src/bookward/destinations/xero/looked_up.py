"""What rows can name and no sync writes: tax rates, currencies, tracking categories; a list is one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bookward.destinations.xero.objects import Reference, XeroObject
from bookward.destinations.xero.problems import remedy_for
from bookward.spec.field import Field

ACTIVE = "ACTIVE"


class TaxRates(XeroObject):
    """Xero's tax rates. Source: Xero, Accounting API, Tax rates."""

    name = "tax rates"
    noun = "tax rate"
    path = "TaxRates"
    envelope = "TaxRates"
    id_field = "TaxType"
    title = "Name"
    match_fields = ("TaxType",)
    paged = False
    listed_under = "Tax rates"
    fields: Mapping[str, Field] = {}

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return body.get("Status") != ACTIVE


class Currencies(XeroObject):
    """The currencies that an organisation works in. Source: Xero, Accounting API, Currencies."""

    name = "currencies"
    noun = "currency"
    path = "Currencies"
    envelope = "Currencies"
    id_field = "Code"
    title = "Code"
    match_fields = ("Code",)
    paged = False
    listed_under = "Currencies"
    fields: Mapping[str, Field] = {}
    when_missing = remedy_for("not subscribed to currency")


class TrackingCategories(XeroObject):
    """Xero's tracking categories with their options. Source: Xero, Accounting API, Tracking categories."""

    name = "tracking categories"
    noun = "tracking category"
    path = "TrackingCategories"
    envelope = "TrackingCategories"
    id_field = "TrackingCategoryID"
    title = "Name"
    match_fields = ("Name",)
    paged = False
    listed_under = "Tracking categories"
    list_params: ClassVar[Mapping[str, str]] = {"includeArchived": "true"}
    fields: Mapping[str, Field] = {}

    def fold(self, field: str, value: object) -> str:
        """Return the form in which Xero takes two names for the same, whatever their case."""
        return super().fold(field, value).casefold()

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return body.get("Status") != ACTIVE


def currency(code: str) -> Reference:
    """Return that a record names a currency; whether it is the organisation's own, others know."""
    return Reference(path="CurrencyCode", object=CURRENCIES.name, field="Code", value=code)


TAX_RATES = TaxRates()
CURRENCIES = Currencies()
TRACKING_CATEGORIES = TrackingCategories()

"""Items: products and services, tracked as inventory or not. Source: Xero, Accounting API, Items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from bookward.destinations.xero.amounts import check_places
from bookward.destinations.xero.fields import FIELDS
from bookward.destinations.xero.fitting import check_tax
from bookward.destinations.xero.objects import Named, Reference, XeroObject
from bookward.errors import FieldInvalid, FieldRequired
from bookward.records import Payload
from bookward.spec.field import Field

_ASSET = "InventoryAssetAccountCode"
_SIDES = ("PurchaseDetails", "SalesDetails")
_PLACES = {"UnitPrice": 4}
_CODES = ("AccountCode", "COGSAccountCode")


class Items(XeroObject):
    """Xero's items.

    Their codes are told apart by case: where Xero does not do so, it refuses the row, and nothing that
    another row means is overwritten.
    """

    name = "items"
    noun = "item"
    path = "Items"
    envelope = "Items"
    id_field = "ItemID"
    title = "Code"
    match_fields = ("Code", "ItemID")
    removals = ("keep", "delete")
    unique = ("Code",)
    paged = False
    listed_under = "Products and services"
    most_rows = 500
    list_params: ClassVar[Mapping[str, str]] = {"unitdp": "4"}
    decimals = "4"
    fields: Mapping[str, Field] = FIELDS["Item"]

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        _check_tracking(payload)
        for side in _SIDES:
            check_places(payload.get(side) or {}, _PLACES, f"{side}.")
        return super().tidy(payload)

    def references(self, payload: Payload) -> Iterator[Reference]:
        if payload.get(_ASSET):
            yield Reference(path=_ASSET, object="accounts", field="Code", value=payload[_ASSET])
        for side in _SIDES:
            details = payload.get(side) or {}
            for name in _CODES:
                if details.get(name):
                    yield Reference(
                        path=f"{side}.{name}", object="accounts", field="Code", value=details[name]
                    )
            if details.get("TaxType"):
                yield Reference(
                    path=f"{side}.TaxType", object="tax rates", field="TaxType", value=details["TaxType"]
                )

    def check_named(self, payload: Payload, named: Named) -> None:
        for side in _SIDES:
            path = f"{side}.TaxType"
            check_tax(named.get(f"{side}.AccountCode"), named.get(path), path)


def _check_tracking(payload: Payload) -> None:
    """Refuse an item that is neither wholly tracked nor wholly untracked.

    Source: Xero, Tracked inventory: the asset account and the cost account make an item a tracked one.
    """
    tracked = payload.get("IsTrackedAsInventory")
    purchase = payload.get("PurchaseDetails") or {}
    if tracked is False and payload.get(_ASSET):
        raise FieldInvalid("An item that is not tracked has no inventory account.", field=_ASSET)
    if not tracked and not payload.get(_ASSET):
        return
    for path, value in (
        (_ASSET, payload.get(_ASSET)),
        ("PurchaseDetails.COGSAccountCode", purchase.get("COGSAccountCode")),
    ):
        if not value:
            raise FieldRequired(f"{path} has no value, and no item is tracked without one.", field=path)
    if purchase.get("AccountCode"):
        raise FieldInvalid(
            "A tracked item is bought on its inventory account: its purchases have no AccountCode.",
            field="PurchaseDetails.AccountCode",
        )


ITEMS = Items()

"""Items: how they are stored, shown and found. Source: Xero, Accounting API, Items."""

from __future__ import annotations

from decimal import Decimal

from bookward.demo.xero.bodies import Boolean, Group, Id, Ignored, Number, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element, ms_date
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.money import rounded
from bookward.demo.xero.options import Options
from bookward.demo.xero.records import Records

DETAILS = ("PurchaseDetails", "SalesDetails")
TEXTS = {
    "Code": Text(30),
    "Name": Text(50),
    "Description": Text(4000),
    "PurchaseDescription": Text(4000),
    "InventoryAssetAccountCode": Text(),
}
FLAGS = ("IsSold", "IsPurchased")
_DETAIL = Group({"UnitPrice": Number(), "AccountCode": Text(), "COGSAccountCode": Text(), "TaxType": Text()})


def find_item(books: Books, code: str) -> Record | None:
    """Return the item with that code."""
    return Records(books, ITEM_KIND).by_key("code", code_key(code, books.options))


def code_key(code: str, options: Options) -> str:
    """Return what two codes share that Xero takes for one."""
    return code.casefold() if options.item_codes_fold_case else code


def tracked(doc: Element) -> bool:
    """Return whether the quantity of an item, given by its ``doc``, is kept."""
    return "InventoryAssetAccountCode" in doc


def _keys(doc: Element, options: Options) -> Keys:
    return {"code": [code_key(doc["Code"], options)]}


def _shown(_books: Books, item: Record, view: View) -> Element:
    doc = item.doc
    shown: Element = {"ItemID": item.id}
    shown |= {name: doc[name] for name in ("Code", "Description", "PurchaseDescription") if name in doc}
    shown["UpdatedDateUTC"] = ms_date(item.updated)
    shown |= {name: _detail(doc.get(name, {}), view.decimals) for name in DETAILS}
    shown |= {name: doc[name] for name in ("Name", "InventoryAssetAccountCode") if name in doc}
    shown |= {"IsTrackedAsInventory": tracked(doc)} | {name: doc[name] for name in FLAGS}
    if tracked(doc):
        shown |= {name: Decimal(doc[name]) for name in ("TotalCostPool", "QuantityOnHand")}
    return shown


def _detail(held: Element, places: int) -> Element:
    price = held.get("UnitPrice")
    return held if price is None else held | {"UnitPrice": rounded(Decimal(price), places)}


ITEM_KIND = RecordKind(
    plural="Items",
    singular="Item",
    id="ItemID",
    group=Group(
        {
            "ItemID": Id(),
            **TEXTS,
            **dict.fromkeys(FLAGS, Boolean()),
            **dict.fromkeys(DETAILS, _DETAIL),
            "IsTrackedAsInventory": Boolean(),
            **dict.fromkeys(
                (
                    "TotalCostPool",
                    "QuantityOnHand",
                    "UpdatedDateUTC",
                    "StatusAttributeString",
                    "ValidationErrors",
                ),
                Ignored(),
            ),
        }
    ),
    show=_shown,
    keys=_keys,
    natural=("code",),
    fields={
        "ItemID": "id",
        **dict.fromkeys(TEXTS, "text"),
        **dict.fromkeys(FLAGS, "boolean"),
        "UpdatedDateUTC": "date",
        **{f"{side}.UnitPrice": "number" for side in DETAILS},
        **{f"{side}.AccountCode": "text" for side in DETAILS},
    },
    modified_since=True,
    error_flag=None,
)

"""``/Items``: writing and deleting them. Source: Xero, Accounting API, Items; Tracked inventory in Xero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import ClassVar

from bookward.demo.xero.accounts import ACTIVE, INVENTORY, find_account
from bookward.demo.xero.answers import Answer, Refused, empty_answer, exception
from bookward.demo.xero.books import Books
from bookward.demo.xero.endpoints import get_list, get_one, write_many, write_one
from bookward.demo.xero.envelope import Element, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.items import DETAILS, FLAGS, ITEM_KIND, TEXTS, code_key, find_item, tracked
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.listing import one
from bookward.demo.xero.money import rounded
from bookward.demo.xero.partial import merged_group, put_all, text_problems
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.tax_rate_write import unknown_type
from bookward.demo.xero.tax_rates import find_tax_rate, may_tax
from bookward.demo.xero.uses import USES_ITEM, used
from bookward.demo.xero.writing import Writer, Written

MAX_ELEMENTS = 500
NO_CODE = "An item must have a Code."
HALF_TRACKED = (
    "A tracked item must have both an InventoryAssetAccountCode and PurchaseDetails with a COGSAccountCode."
)
NOT_INVENTORY = "The InventoryAssetAccountCode must be that of an account of the type INVENTORY."
TRACKED_ACCOUNT = "The PurchaseDetails of a tracked item have no AccountCode."
TRACKED_BOTH = "A tracked item must be both sold and purchased."
TRACKING_FIXED = "An item that is used in transactions cannot become tracked or untracked."
USED = "A tracked item that is used in transactions cannot be deleted."


def code_taken(code: str) -> str:
    """Return the message about a code that another item has."""
    return f"Price List Item with Code '{code}' already exists"


def unknown_account(code: str) -> str:
    """Return the message about an account code that no active account has."""
    return f"Account code '{code}' is not a valid code."


def bad_tax(tax_type: str, code: str) -> str:
    """Return the message about a tax type that an account does not allow."""
    return f"The TaxType code '{tax_type}' cannot be used with account code '{code}'."


class ItemWriter(Writer):
    """Writes items; unit prices are rounded to the decimal places of the request."""

    kind: ClassVar[RecordKind] = ITEM_KIND

    def write_all(self, elements: Sequence[Element]) -> list[Written]:
        if len(elements) > MAX_ELEMENTS:
            message = f"A request must not have more than {MAX_ELEMENTS} items."
            raise exception(10, "ValidationException", message)
        return super().write_all(elements)

    def write(self, sent: Element) -> Written:
        held = None if self.create_only else self._found(sent)
        doc = self._doc(sent, held)
        if errors := [*self._problems(sent, doc, held), *_detail_problems(self.books, doc)]:
            return self.refused(sent, held, errors)
        return self.accepted(self.stored(held, ACTIVE, doc))

    def _found(self, sent: Element) -> Record | None:
        if sent.get("ItemID"):
            return self.records.by_id(sent["ItemID"])
        code = (sent.get("Code") or "").strip()
        return find_item(self.books, code) if code else None

    def _problems(self, sent: Element, doc: Element, held: Record | None) -> Iterator[str]:
        yield from text_problems(sent, TEXTS)
        if not doc.get("Code"):
            yield NO_CODE
        elif self.records.by_key("code", code_key(doc["Code"], self.options), held.id if held else None):
            yield code_taken(doc["Code"])
        if tracked(doc) != ("COGSAccountCode" in doc.get("PurchaseDetails", {})):
            yield HALF_TRACKED
        if tracked(doc):
            if "AccountCode" in doc["PurchaseDetails"]:
                yield TRACKED_ACCOUNT
            if not (doc["IsSold"] and doc["IsPurchased"]):
                yield TRACKED_BOTH
        if held is not None and tracked(doc) != tracked(held.doc) and used(self.books, USES_ITEM, held.id):
            yield TRACKING_FIXED

    def _doc(self, sent: Element, held: Record | None) -> Element:
        doc: Element = dict(held.doc) if held else dict.fromkeys(FLAGS, True)
        put_all(doc, [name for name in TEXTS if name != "Code"], sent, self.options)
        doc |= {name: sent[name] for name in FLAGS if sent.get(name) is not None}
        if (sent.get("Code") or "").strip():
            doc["Code"] = sent["Code"].strip()
        for side in DETAILS:
            if sent.get(side) is not None:
                doc[side] = self._detail(merged_group(doc.get(side, {}), sent[side], self.options))
        if not tracked(doc):
            for flag, gone in zip(FLAGS, (("Description", "SalesDetails"), _PURCHASE), strict=True):
                doc = doc if doc[flag] else {name: doc[name] for name in doc if name not in gone}
            return doc
        return {"TotalCostPool": Decimal(0), "QuantityOnHand": Decimal(0), "PurchaseDetails": {}} | doc

    def _detail(self, detail: Element) -> Element:
        if "UnitPrice" not in detail:
            return detail
        return detail | {"UnitPrice": rounded(Decimal(detail["UnitPrice"]), self.view.decimals)}


_PURCHASE = ("PurchaseDescription", "PurchaseDetails")


def _detail_problems(books: Books, doc: Element) -> Iterator[str]:
    """Yield what is wrong with the accounts and tax types of an item."""
    if tracked(doc):
        account = find_account(books, code=doc["InventoryAssetAccountCode"])
        if account is None or account.doc["Type"] != INVENTORY:
            yield NOT_INVENTORY
    for side in DETAILS:
        detail = doc.get(side, {})
        for name in ("AccountCode", "COGSAccountCode"):
            if code := detail.get(name):
                yield from _account_problems(books, code, detail.get("TaxType"))
        if (type_ := detail.get("TaxType")) and find_tax_rate(books, type_) is None:
            yield unknown_type(type_)


def _account_problems(books: Books, code: str, tax_type: str | None) -> Iterator[str]:
    account = find_account(books, code=code)
    if account is None or account.status != ACTIVE:
        yield unknown_account(code)
    elif tax_type and (rate := find_tax_rate(books, tax_type)) and not may_tax(rate, account):
        yield bad_tax(tax_type, code)


def _delete(books: Books, incoming: Incoming) -> Answer:
    item = one(books, ITEM_KIND, incoming.params["key"])
    writer = ItemWriter(books, create_only=False)
    if tracked(item.doc) and used(books, USES_ITEM, item.id):
        raise Refused(summarised([writer.refused({"Code": item.doc["Code"]}, item, [USED]).element]))
    writer.records.delete(item)
    return empty_answer(204)


_SCOPES = ("accounting.settings", "accounting.invoices")
ITEMS = Resource(
    scopes=_SCOPES,
    methods={
        "GET": get_list(ITEM_KIND),
        "PUT": write_many(ItemWriter, create_only=True),
        "POST": write_many(ItemWriter, create_only=False),
    },
)
ITEM_ONE = Resource(
    scopes=_SCOPES,
    methods={"GET": get_one(ITEM_KIND), "POST": write_one(ItemWriter), "DELETE": _delete},
)

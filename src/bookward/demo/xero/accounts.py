"""The chart of accounts: how accounts are stored, shown and found. Source: Xero, Accounting API, Accounts."""

from __future__ import annotations

from bookward.demo.xero.bodies import Boolean, Choice, Group, Id, Ignored, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.currencies import CURRENCIES
from bookward.demo.xero.envelope import Element, ms_date
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.records import Records

ACTIVE, ARCHIVED, DELETED = "ACTIVE", "ARCHIVED", "DELETED"
BANK = "BANK"
INVENTORY = "INVENTORY"
CLASSES = {
    **dict.fromkeys(["BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"], "ASSET"),
    "EQUITY": "EQUITY",
    **dict.fromkeys(["DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"], "EXPENSE"),
    **dict.fromkeys(["CURRLIAB", "LIABILITY", "PAYG", "TERMLIAB"], "LIABILITY"),
    **dict.fromkeys(["OTHERINCOME", "REVENUE", "SALES"], "REVENUE"),
}
"""The class of each type of account. Source: Xero, Types, accounts."""

TEXTS = {"Code": Text(), "Name": Text(150), "Description": Text(4000), "ReportingCode": Text()}
DETAILS = (*TEXTS, "Type", "TaxType", "EnablePaymentsToAccount", "ShowInExpenseClaims", "AddToWatchlist")
BANK_DETAILS = ("BankAccountNumber", "BankAccountType", "CurrencyCode")
ACCOUNT = Group(
    {
        "AccountID": Id(),
        **TEXTS,
        "Type": Choice(frozenset(CLASSES)),
        "Status": Choice(frozenset({ACTIVE, ARCHIVED, DELETED})),
        "BankAccountNumber": Text(),
        "BankAccountType": Choice(frozenset({"BANK", "CREDITCARD", "PAYPAL", "NONE"})),
        "CurrencyCode": Choice(CURRENCIES),
        "TaxType": Text(),
        "EnablePaymentsToAccount": Boolean(),
        "ShowInExpenseClaims": Boolean(),
        "AddToWatchlist": Boolean(),
        **dict.fromkeys(
            ("Class", "SystemAccount", "ReportingCodeName", "HasAttachments", "UpdatedDateUTC"), Ignored()
        ),
        "ValidationErrors": Ignored(),
    }
)
_ORDER = ("Code", "Name", "Status", "Type", "TaxType", "Description", "Class", "SystemAccount")
_FLAGS = ("EnablePaymentsToAccount", "ShowInExpenseClaims")


def find_account(books: Books, *, id_: str | None = None, code: str | None = None) -> Record | None:
    """Return the account with that id, else that code, archived or not."""
    accounts = Records(books, ACCOUNT_KIND)
    if id_:
        return accounts.by_id(id_)
    return accounts.by_key("code", code.casefold()) if code else None


def takes_payments(account: Record) -> bool:
    """Return whether payments may be made from, or into, an account."""
    return account.doc["Type"] == BANK or account.doc["EnablePaymentsToAccount"] is True


def brief(account: Record) -> Element:
    """Return an account as it stands inside documents."""
    shown: Element = {name: account.doc[name] for name in ("Code", "Name") if name in account.doc}
    return {"AccountID": account.id} | shown


def _keys(doc: Element, _options: Options) -> Keys:
    return {"name": [doc["Name"].casefold()], "code": [doc.get("Code", "").casefold()]}


def _shown(_books: Books, account: Record, _view: View) -> Element:
    doc = account.doc | {"Status": account.status}
    shown: Element = {"AccountID": account.id}
    shown |= {name: doc[name] for name in (*_ORDER, *_FLAGS, *BANK_DETAILS, "ReportingCode") if name in doc}
    return shown | {
        "HasAttachments": False,
        "UpdatedDateUTC": ms_date(account.updated),
        "AddToWatchlist": doc["AddToWatchlist"],
    }


ACCOUNT_KIND = RecordKind(
    plural="Accounts",
    singular="Account",
    id="AccountID",
    group=ACCOUNT,
    show=_shown,
    keys=_keys,
    fields={
        "AccountID": "id",
        "UpdatedDateUTC": "date",
        **dict.fromkeys((*_ORDER, "BankAccountNumber", "BankAccountType", "CurrencyCode"), "text"),
        "ReportingCode": "text",
        **dict.fromkeys(_FLAGS, "boolean"),
    },
    modified_since=True,
    own_errors=False,
    error_flag=None,
)

"""``/Accounts``: writing and deleting them. Source: Xero, Accounting API, Accounts."""

from __future__ import annotations

from typing import ClassVar

from bookward.demo.xero.accounts import (
    ACCOUNT,
    ACCOUNT_KIND,
    ACTIVE,
    ARCHIVED,
    BANK,
    BANK_DETAILS,
    CLASSES,
    DELETED,
    DETAILS,
)
from bookward.demo.xero.answers import Answer, Refused
from bookward.demo.xero.books import Books
from bookward.demo.xero.endpoints import answered, get_list, get_one, write_first, write_one
from bookward.demo.xero.envelope import Element, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.kinds import Record, RecordKind, View
from bookward.demo.xero.listing import one
from bookward.demo.xero.partial import put_all, text_problems
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.subscriptions import not_subscribed, subscribed
from bookward.demo.xero.tax_rate_write import unknown_type
from bookward.demo.xero.tax_rates import find_tax_rate, may_tax
from bookward.demo.xero.uses import USES_ACCOUNT, used
from bookward.demo.xero.writing import Writer, Written

NO_NAME = "An account must have a Name."
NO_TYPE = "An account must have a Type."
NO_CODE = "An account must have a Code."
CODE_TOO_LONG = "Account Code is too long. Maximum of 10 characters allowed"
NAME_TAKEN = "Please enter a unique Name."
CODE_TAKEN = "Please enter a unique Code."
NO_BANK_NUMBER = "A bank account must have a BankAccountNumber."
BANK_DESCRIPTION = "Bank accounts have no Description."
BANK_TYPE = "The Type of an account cannot be changed to or from BANK."
STATUS_ALONE = "Cannot update account details and STATUS on the same request"
BANK_ACCOUNT = "Bank accounts cannot be updated via the API."
SYSTEM_ACCOUNT = "System accounts can be neither archived nor deleted, and keep their Type."
ARCHIVED_ACCOUNT = "Archived accounts cannot be updated via the API."
USED_ACCOUNT = "The account is used in transactions and cannot be deleted. It can be archived."
NO_DELETING = "An account is deleted with DELETE, not by its Status."
MAX_CODE = 10


class AccountWriter(Writer):
    """Writes accounts."""

    kind: ClassVar[RecordKind] = ACCOUNT_KIND

    def write(self, sent: Element) -> Written:
        held = None if self.create_only else self.records.by_id(sent["AccountID"])
        if held is not None and sent.get("Status"):
            return self._set_status(sent, held)
        doc = self._doc(sent, held)
        if errors := self._untouchable(sent, held) or self._problems(sent, doc, held):
            return self.refused(sent, held, errors)
        return self.accepted(self.stored(held, ACTIVE, doc))

    def _set_status(self, sent: Element, held: Record) -> Written:
        errors = []
        if any(sent.get(name) is not None for name in (*DETAILS, *BANK_DETAILS)):
            errors.append(STATUS_ALONE)
        elif sent["Status"] == DELETED:
            errors.append(NO_DELETING)
        elif "SystemAccount" in held.doc:
            errors.append(SYSTEM_ACCOUNT)
        elif held.doc["Type"] == BANK and not self.options.bank_accounts_archivable:
            errors.append(BANK_ACCOUNT)
        elif held.status == ARCHIVED and not self.options.accounts_restorable:
            errors.append(ARCHIVED_ACCOUNT)
        if errors:
            return self.refused(sent, held, errors)
        return self.accepted(self.stored(held, sent["Status"], held.doc))

    def _untouchable(self, sent: Element, held: Record | None) -> list[str]:
        if held is None:
            return []
        if held.status == ARCHIVED:
            return [ARCHIVED_ACCOUNT]
        if held.doc["Type"] == BANK:
            return [BANK_ACCOUNT]
        type_ = sent.get("Type") or held.doc["Type"]
        if type_ == BANK:
            return [BANK_TYPE]
        return [SYSTEM_ACCOUNT] if "SystemAccount" in held.doc and type_ != held.doc["Type"] else []

    def _problems(self, sent: Element, doc: Element, held: Record | None) -> list[str]:
        found = [*text_problems(sent, ACCOUNT.fields)]
        wanted = [("Name", NO_NAME), ("Type", NO_TYPE)]
        wanted += [("BankAccountNumber", NO_BANK_NUMBER)] if doc.get("Type") == BANK else [("Code", NO_CODE)]
        found += [message for name, message in wanted if not doc.get(name)]
        if len(doc.get("Code", "")) > MAX_CODE:
            found.append(CODE_TOO_LONG)
        own, status = held.id if held else None, None if self.options.archived_accounts_block else ACTIVE
        for name, key, message in (("Name", "name", NAME_TAKEN), ("Code", "code", CODE_TAKEN)):
            if doc.get(name) and self.records.by_key(key, doc[name].casefold(), own, status=status):
                found.append(message)
        return [*found, *self._money_problems(sent, doc)]

    def _money_problems(self, sent: Element, doc: Element) -> list[str]:
        found = []
        if doc.get("Type") == BANK:
            found += [BANK_DESCRIPTION] if sent.get("Description") else []
            currency = doc["CurrencyCode"]
            found += [] if subscribed(self.books, currency) else [not_subscribed(currency)]
        if sent.get("TaxType") and doc.get("Type"):
            rate = find_tax_rate(self.books, sent["TaxType"])
            if rate is None or not may_tax(rate, Record("", ACTIVE, 0, doc)):
                found.append(unknown_type(sent["TaxType"]))
        return found

    def _doc(self, sent: Element, held: Record | None) -> Element:
        doc = dict(held.doc) if held else _defaults(sent.get("Type"), self.books)
        required = ("Name", "Code", "Type")
        put_all(doc, [name for name in DETAILS if name not in required], sent, self.options)
        doc |= {name: sent[name].strip() for name in required if (sent.get(name) or "").strip()}
        if doc.get("Type") == BANK:
            put_all(doc, BANK_DETAILS, sent, self.options)
        if held is None:
            doc["AddToWatchlist"] = False
        return doc | {"Class": CLASSES.get(doc.get("Type", ""), "")}


def _defaults(type_: str | None, books: Books) -> Element:
    tax = {"REVENUE": "OUTPUT2", "EXPENSE": "INPUT2"}.get(CLASSES.get(type_ or "", ""), "NONE")
    doc: Element = {"TaxType": tax, "EnablePaymentsToAccount": False, "ShowInExpenseClaims": False}
    return doc | ({"BankAccountType": BANK, "CurrencyCode": books.company.currency} if type_ == BANK else {})


def _delete(books: Books, incoming: Incoming) -> Answer:
    account = one(books, ACCOUNT_KIND, incoming.params["key"])
    writer = AccountWriter(books, create_only=False)
    errors = [SYSTEM_ACCOUNT] if "SystemAccount" in account.doc else []
    errors += [USED_ACCOUNT] if used(books, USES_ACCOUNT, account.id) else []
    if errors:
        sent: Element = {name: account.doc[name] for name in ("Code", "Name", "Type") if name in account.doc}
        raise Refused(summarised([writer.refused(sent, account, errors).element]))
    writer.records.delete(account)
    shown = ACCOUNT_KIND.show(books, account, View()) | {"Status": DELETED}
    return answered(books, ACCOUNT_KIND.plural, [shown])


_SCOPES = ("accounting.settings",)
ACCOUNTS = Resource(
    scopes=_SCOPES,
    methods={"GET": get_list(ACCOUNT_KIND), "PUT": write_first(AccountWriter, create_only=True)},
)
ACCOUNT_ONE = Resource(
    scopes=_SCOPES,
    methods={"GET": get_one(ACCOUNT_KIND), "POST": write_one(AccountWriter), "DELETE": _delete},
)

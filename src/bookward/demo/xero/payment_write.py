"""``/Payments``: making and deleting them. Source: Xero, Accounting API, Payments."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from bookward.demo.xero import payment_rules as rules
from bookward.demo.xero.accounts import ACTIVE, find_account, takes_payments
from bookward.demo.xero.document_show import echoed
from bookward.demo.xero.endpoints import get_list, get_one, write_many, write_one
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record, RecordKind
from bookward.demo.xero.lock_dates import lock_problems
from bookward.demo.xero.money import rounded
from bookward.demo.xero.organisation import today
from bookward.demo.xero.partial import put_all, text_problems
from bookward.demo.xero.payment_targets import find_credit_note, find_invoice
from bookward.demo.xero.payments import (
    AUTHORISED,
    DELETED,
    PAYMENT,
    PAYMENT_KIND,
    PAYMENT_TYPES,
    TEXTS,
    paid_kind,
)
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.settling import PAYMENTS, add_to, take_from
from bookward.demo.xero.writing import Writer, Written

RATE_PLACES = 6


class PaymentWriter(Writer):
    """Makes payments, and deletes those that are named by their ids; they cannot be changed otherwise."""

    kind: ClassVar[RecordKind] = PAYMENT_KIND

    def write(self, sent: Element) -> Written:
        held = None if self.create_only else self.records.by_id(sent.get("PaymentID") or "")
        return self._made(sent) if held is None else self._deleted(sent, held)

    def refused(self, sent: Element, held: Record | None, errors: Sequence[str]) -> Written:
        return super().refused(echoed(sent), held, errors)

    def _made(self, sent: Element) -> Written:
        document, errors = self._document(sent)
        account, no_account = self._account(sent)
        day = sent.get("Date") or today(self.books).isoformat()
        errors += no_account + self._locked(day) + rules.amount_problems(sent.get("Amount"))
        errors += text_problems(sent, PAYMENT.fields)
        if document is not None:
            errors += self._document_problems(sent, document, account)
        if errors or document is None or account is None:
            return self.refused(sent, None, errors)
        doc = self._doc(sent, document, account, day)
        payment = self.records.insert(AUTHORISED, doc)
        names = ("Date", "Amount", "Reference", "CurrencyRate")
        part = {"PaymentID": payment.id} | {name: doc[name] for name in names if name in doc}
        add_to(self.books, paid_kind(doc), document.id, PAYMENTS, part)
        return self.accepted(payment)

    def _document(self, sent: Element) -> tuple[Record | None, list[str]]:
        invoice, note = sent.get("Invoice") or {}, sent.get("CreditNote") or {}
        if invoice or sent.get("InvoiceNumber"):
            named = {"InvoiceNumber": sent.get("InvoiceNumber")} | invoice
            found, message = find_invoice(self.books, named), rules.NO_INVOICE
        elif note or sent.get("CreditNoteNumber"):
            named = {"CreditNoteNumber": sent.get("CreditNoteNumber")} | note
            found, message = find_credit_note(self.books, named), rules.NO_CREDIT_NOTE
        else:
            advance = sent.get("Prepayment") or sent.get("Overpayment")
            return None, [rules.NO_ADVANCE if advance else rules.NO_DOCUMENT]
        return found, [] if found else [message]

    def _account(self, sent: Element) -> tuple[Record | None, list[str]]:
        named = sent.get("Account") or {}
        code = named.get("Code") or sent.get("Code")
        account = find_account(self.books, id_=named.get("AccountID"), code=code)
        if account is None or account.status != ACTIVE:
            return None, [rules.NO_ACCOUNT]
        return account, [] if takes_payments(account) else [rules.BAD_ACCOUNT]

    def _document_problems(self, sent: Element, document: Record, account: Record | None) -> list[str]:
        doc = document.doc
        due = doc["AmountDue"]
        target = rules.Target(status=document.status, due=due, currency=doc["CurrencyCode"])
        found = rules.document_problems(target, sent.get("Amount") or Decimal(0))
        if account is None:
            return found
        currency = account.doc.get("CurrencyCode")
        return [*found, *rules.currency_problems(target, currency, self.books.company.currency)]

    def _locked(self, day: str) -> list[str]:
        company = self.books.company
        return lock_problems(day, period=company.period_lock_date, year=company.year_lock_date)

    def _doc(self, sent: Element, document: Record, account: Record, day: str) -> Element:
        rate = Decimal(sent.get("CurrencyRate") or document.doc["CurrencyRate"])
        amount = rounded(sent["Amount"])
        doc: Element = {
            "DocumentID": document.id,
            "AccountID": account.id,
            "PaymentType": PAYMENT_TYPES[document.doc["Type"]],
            "Date": day,
            "Amount": amount,
            "BankAmount": self._bank_amount(sent, document, account, amount / rate),
            "CurrencyRate": rounded(rate, RATE_PLACES),
            "IsReconciled": bool(sent.get("IsReconciled")),
        }
        put_all(doc, TEXTS, sent, self.options)
        return doc

    def _bank_amount(self, sent: Element, document: Record, account: Record, in_base: Decimal) -> Decimal:
        """Return what leaves or reaches the account; rates are units of foreign money for one of ours."""
        if sent.get("BankAmount"):
            return rounded(sent["BankAmount"])
        base = self.books.company.currency
        same = account.doc.get("CurrencyCode", base) == document.doc["CurrencyCode"]
        return rounded(sent["Amount"] if same else in_base)

    def _deleted(self, sent: Element, held: Record) -> Written:
        others = sent.keys() - {"PaymentID", "Status"}
        errors = []
        if sent.get("Status") != DELETED or any(sent[name] not in (None, "", []) for name in others):
            errors.append(rules.ONLY_DELETED)
        elif held.status == DELETED:
            errors.append(rules.DELETED_PAYMENT)
        elif held.doc["IsReconciled"]:
            errors.append(rules.RECONCILED)
        if errors := errors or self._locked(held.doc["Date"]):
            return self.refused(sent, held, errors)
        take_from(self.books, paid_kind(held.doc), held.doc["DocumentID"], PAYMENTS, "PaymentID", held.id)
        return self.accepted(self.stored(held, DELETED, held.doc))


_SCOPES = ("accounting.transactions", "accounting.payments")
PAYMENTS_RESOURCE = Resource(
    scopes=_SCOPES,
    methods={
        "GET": get_list(PAYMENT_KIND),
        "PUT": write_many(PaymentWriter, create_only=True),
        "POST": write_many(PaymentWriter, create_only=False),
    },
)
PAYMENT_ONE = Resource(
    scopes=_SCOPES, methods={"GET": get_one(PAYMENT_KIND), "POST": write_one(PaymentWriter)}
)

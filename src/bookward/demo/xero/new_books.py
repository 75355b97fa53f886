"""What the books of a new organisation begin with: a chart of accounts, tax rates and a currency.

Source: Xero's demo company for New Zealand, and its Types page for the tax rates.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from bookward.demo.xero.accounts import ACCOUNT_KIND, BANK, CLASSES
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.records import Records
from bookward.demo.xero.subscriptions import subscribe
from bookward.demo.xero.tax_rates import TAX_RATE_KIND, applies_to, rates

FOUNDED = datetime(2020, 1, 1, tzinfo=UTC)

_RATES = [
    ("15% GST on Expenses", "INPUT2", "INPUT", 15),
    ("15% GST on Income", "OUTPUT2", "OUTPUT", 15),
    ("GST on Imports", "GSTONIMPORTS", "GSTONIMPORTS", 0),
    ("No GST", "NONE", "NONE", 0),
    ("Zero Rated", "ZERORATED", "ZERORATEDOUTPUT", 0),
]
_BANK_NUMBERS = {"090": "0209080007654320", "091": "0209087654321050"}
_CHART = """
    090 BANK        NONE    -                      Business Bank Account
    091 BANK        NONE    -                      Business Savings Account
    200 REVENUE     OUTPUT2 -                      Sales
    260 REVENUE     OUTPUT2 -                      Other Revenue
    270 REVENUE     NONE    -                      Interest Income
    300 DIRECTCOSTS INPUT2  -                      Purchases
    310 DIRECTCOSTS INPUT2  -                      Cost of Goods Sold
    400 EXPENSE     INPUT2  -                      Advertising
    404 EXPENSE     NONE    -                      Bank Fees
    408 EXPENSE     INPUT2  -                      Cleaning
    412 EXPENSE     INPUT2  -                      Consulting & Accounting
    416 DEPRECIATN  NONE    -                      Depreciation
    420 EXPENSE     INPUT2  -                      Entertainment
    424 EXPENSE     INPUT2  -                      Entertainment - Non deductible
    425 EXPENSE     INPUT2  -                      Freight & Courier
    429 EXPENSE     INPUT2  -                      General Expenses
    433 EXPENSE     INPUT2  -                      Insurance
    437 EXPENSE     NONE    -                      Interest Expense
    441 EXPENSE     INPUT2  -                      Legal expenses
    445 EXPENSE     INPUT2  -                      Light, Power, Heating
    449 EXPENSE     INPUT2  -                      Motor Vehicle Expenses
    453 EXPENSE     INPUT2  -                      Office Expenses
    461 EXPENSE     INPUT2  -                      Printing & Stationery
    463 EXPENSE     INPUT2  -                      IT Software and Consumables
    465 EXPENSE     INPUT2  -                      Rates
    469 EXPENSE     INPUT2  -                      Rent
    473 EXPENSE     INPUT2  -                      Repairs and Maintenance
    477 EXPENSE     NONE    -                      Salaries
    478 EXPENSE     NONE    -                      KiwiSaver Employer Contributions
    485 EXPENSE     INPUT2  -                      Subscriptions
    489 EXPENSE     INPUT2  -                      Telephone & Internet
    493 EXPENSE     INPUT2  -                      Travel - National
    494 EXPENSE     NONE    -                      Travel - International
    497 EXPENSE     NONE    BANKCURRENCYGAIN       Bank Revaluations
    498 EXPENSE     NONE    UNREALISEDCURRENCYGAIN Unrealised Currency Gains
    499 EXPENSE     NONE    REALISEDCURRENCYGAIN   Realised Currency Gains
    505 EXPENSE     NONE    -                      Income Tax Expense
    610 CURRENT     NONE    DEBTORS                Accounts Receivable
    611 CURRENT     NONE    -                      Less Provision for Doubtful Debts
    620 CURRENT     INPUT2  -                      Prepayments
    625 CURRENT     NONE    -                      Withholding tax paid
    630 INVENTORY   NONE    -                      Inventory
    710 FIXED       INPUT2  -                      Office Equipment
    711 FIXED       NONE    -                      Less Accumulated Depreciation on Office Equipment
    720 FIXED       INPUT2  -                      Computer Equipment
    721 FIXED       NONE    -                      Less Accumulated Depreciation on Computer Equipment
    800 CURRLIAB    NONE    CREDITORS              Accounts Payable
    801 CURRLIAB    NONE    UNPAIDEXPCLM           Unpaid Expense Claims
    814 CURRLIAB    NONE    WAGEPAYABLES           Wages Payable - Payroll
    820 CURRLIAB    NONE    GST                    GST
    825 CURRLIAB    NONE    -                      PAYE Payable
    830 CURRLIAB    NONE    -                      Income Tax
    835 CURRLIAB    OUTPUT2 -                      Revenue Received in Advance
    840 CURRLIAB    NONE    HISTORICAL             Historical Adjustment
    850 CURRLIAB    NONE    -                      Suspense
    860 CURRLIAB    NONE    ROUNDING               Rounding
    877 CURRLIAB    NONE    TRACKINGTRANSFERS      Tracking Transfers
    880 EQUITY      NONE    -                      Owner A Drawings
    881 EQUITY      NONE    -                      Owner A Funds Introduced
    900 TERMLIAB    NONE    -                      Loan
    960 EQUITY      NONE    RETAINEDEARNINGS       Retained Earnings
    970 EQUITY      NONE    -                      Owner A Share Capital
"""


def begin(books: Books) -> None:
    """Write what new books begin with."""
    books = replace(books, now=FOUNDED)
    subscribe(books, books.company.currency)
    tax_rates, accounts = Records(books, TAX_RATE_KIND), Records(books, ACCOUNT_KIND)
    for rate in _RATES:
        doc = _tax_rate(*rate)
        tax_rates.insert("ACTIVE", doc, doc["TaxType"])
    for line in _CHART.strip().splitlines():
        doc = _account(books, *line.split(maxsplit=4))
        accounts.insert("ACTIVE", doc, str(uuid5(NAMESPACE_URL, f"{books.company.id}/{doc['Code']}")))


def _tax_rate(name: str, type_: str, report: str, percent: int) -> Element:
    component = {"Name": "GST", "Rate": Decimal(percent), "IsCompound": False, "IsNonRecoverable": False}
    doc: Element = {"Name": name, "TaxType": type_, "ReportTaxType": report, "TaxComponents": [component]}
    return doc | applies_to(report) | rates([component])


def _account(books: Books, code: str, type_: str, tax: str, system: str, name: str) -> Element:
    doc: Element = {"Code": code, "Name": name, "Type": type_, "TaxType": tax, "Class": CLASSES[type_]}
    doc |= dict.fromkeys(("EnablePaymentsToAccount", "ShowInExpenseClaims", "AddToWatchlist"), False)
    if system != "-":
        doc["SystemAccount"] = system
    if type_ == BANK:
        doc |= {"BankAccountNumber": _BANK_NUMBERS[code], "BankAccountType": BANK}
        doc["CurrencyCode"] = books.company.currency
    return doc

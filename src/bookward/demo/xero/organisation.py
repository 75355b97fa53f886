"""``/Organisation``. Source: Xero, Accounting API, Organisation."""

from __future__ import annotations

from bookward.demo.xero.answers import Answer
from bookward.demo.xero.books import Books
from bookward.demo.xero.endpoints import answered
from bookward.demo.xero.envelope import Element, millis, ms_date
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.new_books import FOUNDED
from bookward.demo.xero.options import Company
from bookward.demo.xero.resources import Resource

_VERSIONS = {"NZ": "NZ", "AU": "AU", "GB": "UK", "US": "US"}
_ACTIONS = [
    "CreateApprovedInvoice",
    "CreateDraftInvoice",
    "CreateApprovedBill",
    "CreateDraftBill",
    "CreateInvoicePayment",
    "CreateApprovedPurchaseOrder",
    "CreateDraftPurchaseOrder",
    "CreateSentQuote",
    "CreateDraftQuote",
    "CreateRepeatingInvoice",
    "CreateRepeatingBill",
    "AttachFilesIntoInvoice",
    "UseMulticurrency",
]


def _organisation(books: Books, _incoming: Incoming) -> Answer:
    return answered(books, "Organisations", [_shown(books.company)])


def _actions(books: Books, _incoming: Incoming) -> Answer:
    actions = [{"Name": name, "Status": "ALLOWED"} for name in _ACTIONS]
    return answered(books, "Actions", actions)


def _shown(company: Company) -> Element:
    return {
        "OrganisationID": company.id,
        "Name": company.name,
        "LegalName": company.name,
        "PaysTax": True,
        "Version": _VERSIONS.get(company.country, "GLOBAL"),
        "OrganisationType": "COMPANY",
        "BaseCurrency": company.currency,
        "CountryCode": company.country,
        "IsDemoCompany": True,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "PAYMENTS",
        "SalesTaxPeriod": "TWOMONTHS",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": ms_date(millis(FOUNDED)),
        "OrganisationEntityType": "COMPANY",
        "Timezone": company.timezone,
        "ShortCode": f"!{company.id[-5:]}",
        "Edition": "BUSINESS",
        "Class": "DEMO",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }


ORGANISATION = Resource(scopes=("accounting.settings",), methods={"GET": _organisation})
ACTIONS = Resource(scopes=("accounting.settings",), methods={"GET": _actions})

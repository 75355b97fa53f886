"""``/Organisation``. Source: Xero, Accounting API, Organisation."""

from __future__ import annotations

from bookward.demo.xero.accounting import Books, Resource
from bookward.demo.xero.answers import Answer
from bookward.demo.xero.envelope import Element, enveloped, ms_date
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.options import Company
from bookward.demo.xero.world import World

_FOUNDED = 1_577_836_800_000
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


def _organisation(world: World, books: Books, _incoming: Incoming) -> Answer:
    return enveloped("Organisations", [_shown(books.company)], provider=books.provider, now=world.clock.now())


def _actions(world: World, books: Books, _incoming: Incoming) -> Answer:
    actions = [{"Name": name, "Status": "ALLOWED"} for name in _ACTIONS]
    return enveloped("Actions", actions, provider=books.provider, now=world.clock.now())


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
        "CreatedDateUTC": ms_date(_FOUNDED),
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


ORGANISATION = Resource(scope="accounting.settings", methods={"GET": _organisation})
ACTIONS = Resource(scope="accounting.settings", methods={"GET": _actions})

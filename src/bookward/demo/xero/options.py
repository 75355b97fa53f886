"""What a local Xero is made of, and the switches for what nobody outside Xero knows for certain.

Every field of ``Options`` has its line in ``docs/reference/local-xero.md``; a test holds that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

GRANULAR_SCOPES = frozenset(
    [
        "openid",
        "profile",
        "email",
        "offline_access",
        "app.connections",
        "accounting.settings",
        "accounting.settings.read",
        "accounting.contacts",
        "accounting.contacts.read",
        "accounting.invoices",
        "accounting.invoices.read",
        "accounting.payments",
        "accounting.payments.read",
        "accounting.banktransactions",
        "accounting.banktransactions.read",
        "accounting.manualjournals",
        "accounting.manualjournals.read",
        "accounting.attachments",
        "accounting.attachments.read",
        "accounting.budgets.read",
        "accounting.journals.read",
    ]
)
BROAD_SCOPES = frozenset(
    ["accounting.transactions", "accounting.transactions.read", "accounting.reports.read"]
)


class AppKind(StrEnum):
    """How an app proves that it is itself."""

    CONFIDENTIAL = "confidential"  #: a web app with a secret
    PKCE = "pkce"  #: no secret, a code verifier instead
    CUSTOM = "custom"  #: a custom connection: client credentials, one organisation, no user


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app registered with the local Xero.

    ``redirect_uris`` are compared whole; the entry ``http://localhost`` stands for any port and path there.
    """

    id: str
    name: str
    kind: AppKind
    secret: str | None = None
    redirect_uris: tuple[str, ...] = ("http://localhost",)
    scopes: frozenset[str] = GRANULAR_SCOPES
    tenant: str | None = None  #: the one organisation of a custom connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One organisation with its books."""

    id: str
    name: str
    country: str = "NZ"
    currency: str = "NZD"
    timezone: str = "NEWZEALANDSTANDARDTIME"
    edition: Literal["BUSINESS", "PARTNER"] = "BUSINESS"
    plan: str = "DEMO"  #: what Xero calls the organisation's class
    period_lock_date: date | None = None  #: nothing up to this day can be changed, but by advisers
    year_lock_date: date | None = None  #: nor up to this day, by anybody


DEMO_COMPANY = Company(id="b0c1d2e3-0001-4000-8000-000000000001", name="Demo Company (NZ)")
WEB_APP = App(
    id="B00C0000000000000000000000000001",
    secret="demo-web-app-secret",  # noqa: S106 - a local emulator's, documented
    name="Bookward (web app)",
    kind=AppKind.CONFIDENTIAL,
)
PKCE_APP = App(id="B00C0000000000000000000000000002", name="Bookward (PKCE app)", kind=AppKind.PKCE)
CUSTOM_APP = App(
    id="B00C0000000000000000000000000003",
    secret="demo-custom-connection-secret",  # noqa: S106 - a local emulator's, documented
    name="Bookward (custom connection)",
    kind=AppKind.CUSTOM,
    tenant=DEMO_COMPANY.id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The organisations, the apps, the limits, and the switches."""

    companies: tuple[Company, ...] = (DEMO_COMPANY,)
    apps: tuple[App, ...] = (WEB_APP, PKCE_APP, CUSTOM_APP)

    minute_limit: int = 60  #: calls a minute of one app to one organisation
    day_limit: int = 5000  #: calls a day of one app to one organisation; 1,000 on the free tier
    concurrent_limit: int = 5  #: calls in flight of one app to one organisation
    app_minute_limit: int = 10_000  #: calls a minute of one app to all organisations
    minute_phase: int = 0  #: second at which the fixed minute begins
    day_phase: int = 0  #: second of the UTC day at which the fixed day begins
    body_limit: int = 10 * 1024 * 1024  #: bytes
    query_limit: int = 2048  #: characters
    high_volume: int = 100_000  #: records that one GET may have to touch

    summarised_saves: Literal["good", "none"] = "good"  #: summarised errors: are the good elements kept?
    name_with_other_number: Literal["update", "refuse"] = "update"  #: POST of a known name, other number
    empty_clears: bool = True  #: does "" clear a text field?
    null_clears: bool = False  #: does null clear a field?
    slots_keep_fields: bool = True  #: does a phone or address sent in part keep the rest of its slot?
    unknown_fields: Literal["refuse", "ignore"] = "refuse"  #: an element's field that Xero does not have
    names_fold_accents: bool = False  #: are "Zoe" and "Zoë" one name?
    zero_id_on_failed_update: bool = True  #: does a refused update answer with the zero id?
    says_ok: bool = True  #: do accepted elements carry StatusAttributeString?
    groups_touch_contacts: bool = False  #: does joining or leaving a group count as a change of the contact?
    accounts_restorable: bool = False  #: can an archived account be made active again?
    archived_accounts_block: bool = True  #: do names and codes of archived accounts stay taken?
    item_codes_fold_case: bool = True  #: are "ab" and "AB" one item code?
    bank_accounts_archivable: bool = False  #: can a bank account be archived through the API?
    unknown_contact: Literal["refuse", "not_found"] = "refuse"  #: a document's ContactID that is not there
    dead_numbers: Literal["taken", "free"] = "taken"  #: numbers of voided and deleted sales invoices, on PUT
    paid_by_number: Literal["refuse", "edit"] = "refuse"  #: POST of a paid invoice without its InvoiceID
    paid_number_of_both: Literal["sale", "bill", "refuse"] = "sale"  #: a payment by number
    long_unit_amounts: Literal["refuse", "round"] = "refuse"  #: a UnitAmount with more than 4 decimal places
    zero_total_is_paid: bool = True  #: is an approved document that comes to nothing PAID by itself?
    zero_paid_editable: bool = True  #: can such a document be changed?
    monthly_sales: int | None = (
        None  #: sales invoices that can be approved in a month; 20 on the smallest plan
    )
    monthly_bills: int | None = None  #: bills that can be approved in a month; 5 on the smallest plan
    bank_details_allowed: bool = True  #: has the user the role that bank details need?
    summary_keeps_phones: bool = False  #: are phones part of a summary?
    refused_calls_count: bool = False  #: do calls answered 429 use up the limits?
    app_minute_problem: str = "appminute"  #: spelling in X-Rate-Limit-Problem
    sign_in_error_body: Literal["json", "html", "empty"] = "json"  #: body of 401 and 403
    scope_error_status: Literal[401, 403] = 401
    too_large_status: Literal[413, 400] = 413
    query_error_number: int = 16  #: ErrorNumber of QueryParseException
    read_lag_seconds: float = 0.0  #: how long a write stays unseen by lists

    def app(self, id_: str | None) -> App | None:
        return next((app for app in self.apps if app.id == id_), None)

    def company(self, id_: str | None) -> Company | None:
        wanted = (id_ or "").lower()
        return next((company for company in self.companies if company.id == wanted), None)

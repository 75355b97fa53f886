"""Where a person finds a record in Xero itself. Source: Xero, Deep link to Xero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_XERO = "https://go.xero.com"
_PAGES: Mapping[tuple[str, bool], str] = {
    # by object, and whether it is a document from a supplier
    ("contacts", False): "/Contacts/View/{}",
    ("invoices", False): "/AccountsReceivable/View.aspx?InvoiceID={}",
    ("invoices", True): "/AccountsPayable/Edit.aspx?InvoiceID={}",
    ("credit-notes", False): "/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={}",
    ("credit-notes", True): "/AccountsPayable/ViewCreditNote.aspx?creditNoteID={}",
    ("payments", False): "/Bank/ViewTransaction.aspx?bankTransactionID={}",
}


def local_link(base_url: str, path: str, remote_id: str, organisation: str) -> str:
    """Return the address of a record's page at a local Xero, whose kinds are called as in its API."""
    return f"{base_url.rstrip('/')}/books/{quote(organisation)}/{path}/{quote(remote_id, safe='')}"


def books_link(base_url: str | None, short_code: str) -> str:
    """Return the address of an organisation's books, at Xero or at a local one.

    Args:
        base_url: of the local one; None at Xero itself.
        short_code: of the organisation; without it, Xero shows the one that the person was in last.
    """
    if base_url is not None:
        return f"{base_url.rstrip('/')}/"
    if not short_code:
        return f"{_XERO}/"
    return f"{_XERO}/organisationlogin/default.aspx?shortcode={quote(short_code)}"


def deep_link(object_: str, remote_id: str, payload: Mapping[str, Any], short_code: str) -> str | None:
    """Return the address of a record's page, None for an object that Xero gives no address for.

    Args:
        payload: what was sent, by which a bill is told from an invoice.
        short_code: of the organisation; without it, Xero shows the one that the person was in last.
    """
    bought = str(payload.get("Type") or "").startswith("ACCPAY")
    page = _PAGES.get((object_, bought))
    if page is None:
        return None
    path = page.format(quote(remote_id, safe=""))
    if not short_code:
        return f"{_XERO}{path}"
    return f"{_XERO}/organisationlogin/default.aspx?shortcode={quote(short_code)}&redirecturl={path}"

"""What documents use, so that it can be neither deleted nor changed at will.

A document's keys name what it uses under these names; see ``RecordKind.keys``.
"""

from __future__ import annotations

from bookward.demo.xero.books import Books

USES_ACCOUNT = "uses_account"  #: values: ids of accounts
USES_ITEM = "uses_item"  #: values: ids of items
USES_OPTION = "uses_option"  #: values: ids of tracking options
USES_TAX = "uses_tax"  #: values: tax types in lower case
IS_CUSTOMER = "is_customer"  #: values: ids of contacts that something was sold to
IS_SUPPLIER = "is_supplier"  #: values: ids of contacts that something was bought from


def used(books: Books, use: str, value: str) -> bool:
    """Return whether any document of the organisation uses something."""
    found = books.db.execute(
        "SELECT 1 FROM record_keys WHERE tenant = ? AND name = ? AND value = ? LIMIT 1",
        (books.company.id, use, value),
    )
    return found.fetchone() is not None

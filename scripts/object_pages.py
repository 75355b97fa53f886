"""The reference pages on Xero's objects: one page each, from the catalogue that also drives validation."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

from bookward.destinations.xero.checking import OBJECTS
from bookward.destinations.xero.objects import XeroObject
from bookward.records import OperationKind
from bookward.spec.field import Field, FieldKind

_MODES = {
    "upsert": "update the record that matches, create it where there is none",
    "update": "update the record that matches; a row without one is skipped",
    "insert": "create records; what is there is never changed (see `on_change`)",
}
_REMOVALS = {
    "keep": "the record stays as it is",
    "archive": "the record is archived",
    "delete": "the record is deleted; where Xero refuses, the row is rejected with Xero's reason",
    "void": "the document is voided, or deleted while it is a draft; what has payments is rejected",
    "delete_or_archive": "the record is deleted, or archived where Xero refuses to delete it",
}


_CHECK_TEXTS = {
    "account": "accounts are there and not archived",
    "item": "items are there",
    "tax": "tax rates are there and active",
    "tax fit": "a tax rate applies to the class of the account beside it",
    "tracking": "tracking categories and their options, by name or id, are there and not archived",
    "currency": "a currency that is not the organisation's own is one that it has added in Xero",
    "bank currency": "the currency of a bank account is one that the organisation has added in Xero",
    "takes payments": "the account is a bank account, or enabled for payments",
    "open": "the record's Date, in Xero and in the row, is after the period lock date and the end of year "
    "lock date. Both are kept for a day; before a row is rejected for one, it is read again",
}
_CHECKS = {
    "accounts": ("tax", "bank currency"),
    "items": ("account", "tax", "tax fit"),
    "invoices": ("account", "item", "tax", "tax fit", "tracking", "currency", "open"),
    "credit-notes": ("account", "item", "tax", "tax fit", "tracking", "currency", "open"),
    "payments": ("account", "takes payments", "open"),
}
"""What is known to fail in Xero and is held back, by object."""

_TOTAL = """## `total`

A `total` holds the sum of the lines against a column of the row before anything is sent. Of
`of: [Quantity, UnitAmount]` a line comes to quantity times unit amount, less the `DiscountRate` or
`DiscountAmount` that is mapped beside them, rounded to cents as Xero does; of `of: LineAmount` to that, from
which Xero has the discount taken off already. What the sum means follows from `LineAmountTypes`: with
`Exclusive`, or nothing, it is the net amount (Xero's SubTotal), with `Inclusive` the gross amount and with
`NoTax` the amount that is due (Xero's Total). Tax is not added up. A line has a discount by rate or by
amount; a row with both on one line is rejected."""
_STATUS = """## What can still be changed

`Status` only moves forward. Of a row that says `DRAFT` or `SUBMITTED` while its document was approved or
paid in Xero, no change is sent: it is rejected as `record_locked`. That holds for a constant
`Status: {value: DRAFT}` as well, which so keeps a sync of drafts away from what people have approved. Leave
`Status` out (what is new is a draft anyhow), or set `only_on_create: true`, and changes reach approved
documents too.

| the document is | what may change |
|---|---|
| a draft, submitted or approved | everything but its type; SentToContact only once it is approved |
| paid or part-paid | Reference, DueDate, its number, BrandingThemeID, Url, SentToContact, Contact, of a \
bill PlannedPaymentDate, and of its lines Description, account and Tracking |
| credited, wholly or in part | the same without Contact |
| voided or deleted | nothing |

Of a paid one only what differs is sent, and the plan says so; a row that changes more is rejected as
`record_locked`. An approved document that comes to nothing is shown as paid by Xero at once: it has no
payments, and may change like an approved one, but it is not voided."""
_DOCUMENT = f"{_TOTAL}\n\n{_STATUS}"
_MORE = {"invoices": _DOCUMENT, "credit-notes": _DOCUMENT}
"""What else there is to know, by object."""

LOOK_UPS = {
    "contacts": """
`ContactGroups` names the groups that the contact is to be in, by `Name` or `ContactGroupID`. The column holds
one group, a list of them (a list column, or JSON such as `["VIP", "Trade"]`), or nothing.

When the row's groups change, the contact joins those that it is not in, and leaves those that the accepted
version of the row named and the new one does not. Groups that the row never named are not touched: whom
people put into them in Xero, stays there. So do contacts whose row is removed or gets another primary key, or
whose sync looks up no groups any more.

With `missing: create` a group that is not there is made first; Xero takes 100 of them. A row counts as
accepted when its contact is in all of its groups. Where only that failed it is rejected as
`record_incomplete`, and the next run does only what is missing. Archived contacts join no group.

Contacts are put into a group by one call for many, after all contacts of the run are booked; leaving a group
takes a call for each contact.
""",
    "payments": """
Without a look-up, Xero itself finds what is paid by its number, and no call is spent on reading it. That is
the way for sales invoices and credit notes of yours: no two of them share a number.

Bills carry the numbers of their suppliers, so several may have one number, and a sales invoice too; nobody
says which of them Xero then pays. Look bills up:

```yaml
look_up:
  Invoice: {by: InvoiceNumber, column: bill_number}     # or by InvoiceID
```

`CreditNote` is looked up in the same way, by `CreditNoteNumber` or `CreditNoteID`, and `Account` by `Code` or
`AccountID`. The id that is found is what Xero is sent. A number that several documents have rejects the row
as `match_ambiguous` and names them; look such up by their id. One that only voided or deleted documents have
rejects it as `look_up_failed`. Upper and lower case differ. Documents are read by their numbers where they
are few, else page by page, and then only what changed. `missing: create` is not possible.
""",
}
"""What there is to know about look-ups, by object."""

EXAMPLES = {
    "contacts": """
match: {ContactNumber: id}
look_up:
  ContactGroups: {by: Name, column: segment, missing: create}
fields:
  Name: name
  EmailAddress: {column: email, when_null: clear}
  Phones:
    - PhoneType: {value: MOBILE}
      PhoneNumber: phone
on_removal: archive
""",
    "accounts": """
match: {Code: code}
fields:
  Code: code
  Name: name
  Type: type
  TaxType: tax_type
on_removal: delete_or_archive
""",
    "items": """
match: {Code: sku}
fields:
  Code: sku
  Name: name
  SalesDetails: {UnitPrice: price, AccountCode: {value: "200"}}
on_removal: delete
""",
    "invoices": """
match: {InvoiceNumber: number}
look_up:
  Contact:
    by: EmailAddress
    column: customer_email
    missing: create        # or reject, which is what happens without it
    fields: {Name: customer_name}
fields:
  Type: {value: ACCREC}
  Status: {value: AUTHORISED}
  Date: issued_on
  DueDate: due_on
  LineItems:
    each: lines            # a list or JSON column, or rows gathered by `lines` in the model's file
    fields: {Description: what, Quantity: quantity, UnitAmount: unit_price, AccountCode: account}
    total: {column: amount_net, of: [Quantity, UnitAmount]}
on_removal: void
""",
    "credit-notes": """
match: {CreditNoteNumber: number}
look_up:
  Contact: {by: Name, column: customer, missing: create}
fields:
  Type: {value: ACCRECCREDIT}
  Date: issued_on
  LineItems:
    - Description: description
      UnitAmount: amount
      AccountCode: {value: "200"}
on_removal: void
""",
    "payments": """
mode: insert
match: {Reference: payment_id}
fields:
  Invoice: {InvoiceNumber: invoice_number}
  Account: {Code: {value: "090"}}
  Date: paid_on
  Amount: amount
on_removal: delete
""",
}
"""What the file of a sync may say below `model` and `destination`, by object."""


def example(object_: str) -> str:
    """Return the whole file of a sync into an object."""
    model = object_.replace("-", "_")
    return f"model: {model}\ndestination: xero\nobject: {object_}\n{EXAMPLES[object_].lstrip()}"


def object_pages() -> dict[str, Iterator[str]]:
    """Return the lines of every page by its file name."""
    return {f"xero-{name}.md": _page(kind) for name, kind in OBJECTS.items()}


def _page(kind: XeroObject) -> Iterator[str]:
    yield f"# Xero: {kind.name}"
    yield ""
    yield inspect.cleandoc(type(kind).__doc__ or "")
    yield ""
    yield "```yaml"
    yield example(kind.name).rstrip()
    yield "```"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| object | `{kind.name}` |"
    yield f"| match by | {', '.join(f'`{field}`' for field in kind.match_fields)} |"
    yield f"| no two share | {', '.join(f'`{field}`' for field in kind.unique)} |"
    yield f"| rows a call | {_rows_a_call(kind)} |"
    yield f"| reading them | {'1,000 a call, then only what changed' if kind.paged else 'all in one call'} |"
    yield from _choices("mode", {mode: _MODES[mode] for mode in kind.modes})
    yield from _choices("on_change", _changes(kind))
    yield from _choices("on_removal", {removal: _REMOVALS[removal] for removal in kind.removals})
    yield from _checked(kind)
    if kind.name in LOOK_UPS:
        yield from ("", "## `look_up`", *LOOK_UPS[kind.name].rstrip().splitlines())
    if kind.name in _MORE:
        yield from ("", *_MORE[kind.name].splitlines())
    yield ""
    yield "## Fields"
    yield ""
    yield "| field | type | |"
    yield "|---|---|---|"
    yield from _fields({name: field for name, field in kind.fields.items() if name != kind.id_field})


def _changes(kind: XeroObject) -> Mapping[str, str]:
    """Return what happens to a row of an inserting sync that says something else than its record."""
    found = {"reject": "the row is rejected", "ignore": "the record stays as it is"}
    if kind.replaced_by is None:
        return found
    removed = (
        "deleted" if kind.replaced_by is OperationKind.DELETE else "voided, or deleted while it is a draft"
    )
    replaced = (
        f"a {kind.noun} that the sync has inserted is {removed}, and only then another one is inserted; "
        "where that is known to fail, the row is rejected before"
    )
    if kind.replaced_by is OperationKind.VOID:
        replaced += ", as for a sales document that keeps its number: Xero gives no number twice"
    return found | {"replace": replaced}


def _checked(kind: XeroObject) -> Iterator[str]:
    if not (checks := _CHECKS.get(kind.name)):
        return
    yield ""
    yield "## Checked before a call is spent"
    yield ""
    yield "What a row names is read once a plan, and only when a row names it; rows that fail are rejected,"
    yield "and tried again by the next run."
    yield ""
    for check in checks:
        yield f"- {_CHECK_TEXTS[check]}"


def _rows_a_call(kind: XeroObject) -> str:
    if kind.most_rows == 1:
        return "1"
    most = f", at most {kind.most_rows}" if kind.most_rows else ""
    alone = "; one a call when deleting" if "delete" in kind.removals else ""
    return f"as many as Xero takes in five seconds and 3.5 MB{most}{alone}"


def _choices(key: str, meanings: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"## `{key}`"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for choice, meaning in meanings.items():
        yield f"| `{choice}` | {meaning} |"


def _fields(fields: Mapping[str, Field], path: str = "") -> Iterator[str]:
    for field in fields.values():
        if field.read_only:
            continue
        yield f"| `{path}{field.name}` | {field.kind.value} | {'; '.join(_facts(field))} |"
        yield from _fields(field.fields, f"{path}{field.name}.")


def _facts(field: Field) -> Iterator[str]:
    if field.required:
        yield "required"
    if field.kind is FieldKind.DATE:
        yield "of a moment with a zone the day in the organisation's own"
    if field.looked_up:
        yield "named in `look_up`, not mapped"
    if field.max_length is not None:
        unit = "entries" if field.fields else "letters"
        yield f"at most {field.max_length} {unit}"
    if len(field.choices) > 40:
        yield f"one of {len(field.choices)} codes, such as {', '.join(field.choices[:3])}"
    elif field.choices:
        yield ", ".join(f"`{choice}`" for choice in field.choices)

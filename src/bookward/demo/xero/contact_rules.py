"""What Xero says about one contact on its own, and what becomes of a contact that is written again.

Messages that Xero is known to give are marked so in ``docs/reference/local-xero.md``; the others say
the same thing in other words than Xero's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bookward.demo.xero.bodies import Items
from bookward.demo.xero.contact_shape import BANK, CHOICES, CONTACT, MONTH_TERMS, PHONE_SLOTS, TEXTS, TRACKING
from bookward.demo.xero.envelope import Element, messages
from bookward.demo.xero.options import Options
from bookward.demo.xero.partial import merged_group, present, put, text_problems, without_errors

NO_IDENTITY = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)
NO_NAME = "A new contact must have a Name."
ARCHIVED_CONTACT = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
NUMBER_TAKEN = "Another contact has this contact number. Please enter a different contact number."
ACCOUNT_NUMBER_TAKEN = "The Account Number already exists. Please enter a different Account Number."
BAD_EMAIL = "Email address must be valid"
MAX_PERSONS = 5
MAX_DAYS = 999

_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_COUNTRY = re.compile(r"[A-Za-z ]*")
_SLOTS = {"Addresses": "AddressType", "Phones": "PhoneType"}


def name_taken(name: str) -> str:
    """Return the message about a name that another contact has."""
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def tidied(sent: Element) -> Element:
    """Return the element with its name trimmed and runs of blanks in it made one; an empty name is none."""
    if not isinstance(sent.get("Name"), str):
        return {name: value for name, value in sent.items() if name != "Name"}
    name = " ".join(sent["Name"].split())
    rest = {key: value for key, value in sent.items() if key != "Name"}
    return {"Name": name, **rest} if name else rest


def problems(sent: Element, options: Options) -> list[str]:
    """Return what is wrong with the contact's own fields, whoever else there is."""
    found = [*text_problems(sent, TEXTS), *text_problems(sent.get("BatchPayments") or {}, BANK.fields)]
    if "<" in sent.get("Name", "") or ">" in sent.get("Name", ""):
        found.append("The contact name must not contain < or >.")
    if not _email_fits(sent):
        found.append(BAD_EMAIL)
    if len(sent.get("ContactPersons") or ()) > MAX_PERSONS:
        found.append(f"A contact must not have more than {MAX_PERSONS} contact persons.")
    if not options.bank_details_allowed and (sent.get("BankAccountDetails") or sent.get("BatchPayments")):
        found.append("The user's role does not permit changing the bank account details of contacts.")
    return found


def nested_problems(sent: Element, existing: Element) -> dict[tuple[str, int | str], list[str]]:
    """Return what is wrong inside the contact's parts, by field and place in it."""
    found: dict[tuple[str, int | str], list[str]] = {}
    for field in ("Addresses", "Phones", "ContactPersons"):
        for place, part in enumerate(sent.get(field) or ()):
            found[field, place] = _part_problems(field, part)
    for side, term in (sent.get("PaymentTerms") or {}).items():
        held = existing.get("PaymentTerms", {}).get(side, {})
        found["PaymentTerms", side] = _term_problems(held | present(term or {}))
    return {place: texts for place, texts in found.items() if texts}


def echoed(sent: Element, nested: Mapping[tuple[str, int | str], list[str]]) -> Element:
    """Return what was sent with a list of errors in every part, empty where the part is sound."""
    shown = dict(sent)
    for field in ("Addresses", "Phones"):
        if shown.get(field):
            shown[field] = [
                part | {"ValidationErrors": messages(nested.get((field, place), ()))}
                for place, part in enumerate(shown[field])
            ]
    for place, person in enumerate(sent.get("ContactPersons") or ()):
        if texts := nested.get(("ContactPersons", place)):
            shown["ContactPersons"] = list(shown["ContactPersons"])
            shown["ContactPersons"][place] = person | {"ValidationErrors": messages(texts)}
    if shown.get("PaymentTerms"):
        shown["PaymentTerms"] = {
            side: (term or {}) | {"ValidationErrors": messages(nested.get(("PaymentTerms", side), ()))}
            for side, term in shown["PaymentTerms"].items()
        }
    return shown


def merged(held: Element, sent: Element, options: Options) -> Element:
    """Return the contact after the write: what was not sent stays, lists are replaced, slots are filled."""
    doc = dict(held)
    for name in (*TEXTS, *CHOICES):
        if name in sent:
            put(doc, name, sent[name], options, required=name == "Name")
    for field, type_ in _SLOTS.items():
        if sent.get(field):
            doc[field] = _filled(doc.get(field, {}), sent[field], type_, options)
    for field in ("ContactPersons", *TRACKING):
        if sent.get(field) is not None:
            doc[field] = [present(without_errors(part)) for part in sent[field]]
    for field in ("PaymentTerms", "BatchPayments"):
        if sent.get(field):
            doc[field] = merged_group(doc.get(field, {}), sent[field], options)
    return doc


def _filled(held: Element, parts: list[Element], type_: str, options: Options) -> Element:
    slots = dict(held)
    for part in parts:
        slot = part[type_]
        if type_ == "PhoneType" and slot not in PHONE_SLOTS:
            continue
        kept = slots.get(slot, {}) if options.slots_keep_fields else {}
        slots[slot] = merged_group(kept, without_errors(part), options)
        slots[slot].pop(type_, None)
    return slots


def _part_problems(field: str, part: Element) -> list[str]:
    items = CONTACT.fields[field]
    assert isinstance(items, Items)
    found = [*text_problems(part, items.of.fields)]
    type_ = _SLOTS.get(field)
    if type_ and not part.get(type_):
        found.append(f"{type_} must be specified.")
    if not _COUNTRY.fullmatch(part.get("Country") or ""):
        found.append("Country must consist of letters only.")
    if field == "ContactPersons" and not _email_fits(part):
        found.append(BAD_EMAIL)
    return found


def _term_problems(term: Element) -> list[str]:
    day, type_ = term.get("Day"), term.get("Type")
    if day is None or type_ is None:
        return ["Payment terms must have both a Day and a Type."]
    low, high = (1, 31) if type_ in MONTH_TERMS else (0, MAX_DAYS)
    return [] if low <= day <= high else [f"Day must be between {low} and {high} for the type {type_}."]


def _email_fits(part: Element) -> bool:
    email = part.get("EmailAddress")
    return not email or len(email) > 255 or _EMAIL.fullmatch(email) is not None

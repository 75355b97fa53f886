"""What Xero would do to a contact's values, and what it would refuse, known before a call is spent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bookward.errors import FieldInvalid, FieldRequired
from bookward.records import Payload

_SLOTS = {"Phones": "PhoneType", "Addresses": "AddressType"}
_TRIMMED = ("ContactNumber", "AccountNumber", "EmailAddress")

_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_COUNTRY = re.compile("[A-Za-z ]*")


def tidy_name(name: str) -> str:
    """Return a contact's name without < and >, outer spaces and repeated spaces.

    Source: Xero, Contacts: such names are refused.
    """
    return " ".join(re.sub("[<>]", " ", name).split())


def tidy_contact(payload: Payload) -> tuple[Payload, tuple[str, ...]]:
    """Return the payload as Xero would take it, with a note per value that was changed.

    Raises:
        FieldRequired: the name is empty.
        FieldInvalid: Xero refuses a value.
    """
    tidied, notes = dict(payload), []
    for field, text in _own_texts(payload):
        clean = tidy_name(text) if field == "Name" else text.strip()
        if clean != text:
            tidied[field] = clean
            notes.append(f"{field} {text!r} is sent as {clean!r}.")
    _check_name(payload, tidied)
    _check_texts(tidied)
    for field, slot in _SLOTS.items():
        _check_slots(field, slot, tidied.get(field) or ())
    return tidied, tuple(notes)


def _own_texts(payload: Payload) -> Iterator[tuple[str, str]]:
    for field in ("Name", *_TRIMMED):
        if isinstance(text := payload.get(field), str):
            yield field, text


def _check_name(payload: Payload, tidied: Payload) -> None:
    if "Name" in payload and not tidied["Name"]:
        raise FieldRequired(
            f"Name {payload['Name']!r} is empty when spaces, < and > are taken away.",
            field="Name",
        )


def _check_texts(values: Payload, path: str = "") -> None:
    """Check the texts in an object and in the objects inside it; ``path`` is what stands before a name."""
    for name, value in values.items():
        if isinstance(value, list):
            for place, part in enumerate(value, 1):
                if isinstance(part, dict):
                    _check_texts(part, f"{path}{name}[{place}].")
        elif isinstance(value, dict):
            _check_texts(value, f"{path}{name}.")
        elif name in _CHECKS and isinstance(value, str) and (why := _CHECKS[name](value)):
            raise FieldInvalid(f"{path}{name} is {value!r}: {why}.", field=f"{path}{name}")


def _no_email(text: str) -> str:
    if not text.isascii():
        return "Xero takes plain ASCII only"
    return "" if not text or _EMAIL.fullmatch(text) else "it is not an e-mail address"


def _no_country(text: str) -> str:
    return "" if _COUNTRY.fullmatch(text) else "Xero takes the letters A to Z only"


_CHECKS = {"EmailAddress": _no_email, "Country": _no_country}
"""What Xero has against a text, by the field, wherever that stands."""


def _check_slots(field: str, slot: str, entries: Sequence[Payload]) -> None:
    seen = set()
    for place, entry in enumerate(entries, 1):
        kind = entry.get(slot)
        if kind in seen:
            message = f"{field} holds {kind} twice, and Xero keeps one of each."
            raise FieldInvalid(message, field=f"{field}[{place}].{slot}")
        seen.add(kind)

"""What Xero would do to a contact's values, and what it would refuse, known before a call is spent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bookward.errors import FieldInvalid, FieldRequired
from bookward.records import Payload

_SLOTS = {"Phones": "PhoneType", "Addresses": "AddressType"}
_TRIMMED = ("ContactNumber", "AccountNumber", "EmailAddress")

_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


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
    for path, text in _texts(tidied):
        _check_text(path, text)
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


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a payload with its dotted path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, part in enumerate(value, 1):
            yield from _texts(part, f"{path}[{place}]")


def _check_text(path: str, text: str) -> None:
    field = path.rsplit(".", 1)[-1]
    if field == "EmailAddress" and text and not (text.isascii() and _EMAIL.fullmatch(text)):
        why = "Xero takes plain ASCII only" if not text.isascii() else "it is not an e-mail address"
        raise FieldInvalid(f"{path} is {text!r}: {why}.", field=path)
    if field == "Country" and not re.fullmatch("[A-Za-z ]*", text):
        raise FieldInvalid(f"{path} is {text!r}: Xero takes the letters A to Z only.", field=path)


def _check_slots(field: str, slot: str, entries: Sequence[Payload]) -> None:
    seen = set()
    for place, entry in enumerate(entries, 1):
        kind = entry.get(slot)
        if kind in seen:
            message = f"{field} holds {kind} twice, and Xero keeps one of each."
            raise FieldInvalid(message, field=f"{field}[{place}].{slot}")
        seen.add(kind)

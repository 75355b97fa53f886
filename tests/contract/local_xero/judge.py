"""What is sent and what the emulator answers, held against the contract that the client is built from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

import bookward

PACKAGE = Path(bookward.__file__).parent
CONTRACT: dict[str, Any] = json.loads((PACKAGE / "destinations/xero/contract.json").read_text())
SCHEMAS: dict[str, dict[str, Any]] = CONTRACT["schemas"]

ENVELOPE = {"Id", "Status", "ProviderName", "DateTimeUTC"}
_TEXT = {"type": "string"}
_ERRORS = {"list": True, "ref": "ValidationError"}
#: Fields that the emulator takes and answers although the contract does not have them.
MORE: dict[str, dict[str, Any]] = {
    "Address.ValidationErrors": _ERRORS,
    "Phone.ValidationErrors": _ERRORS,
    "ContactPerson.ValidationErrors": _ERRORS,
    "Bill.ValidationErrors": _ERRORS,
    "CreditNote.DateString": _TEXT,
    "CreditNote.DueDateString": _TEXT,
    "Invoice.DateString": _TEXT,
    "Invoice.DueDateString": _TEXT,
}
#: Fields that the emulator answers although the contract does not have them.
MORE_ANSWERED: dict[str, dict[str, Any]] = {
    "ContactGroup.HasValidationErrors": {"type": "boolean"},
    "ContactGroup.ValidationErrors": _ERRORS,
    "Currency.ValidationErrors": _ERRORS,
    "TaxRate.ValidationErrors": _ERRORS,
    "TrackingCategory.ValidationErrors": _ERRORS,
    "TrackingOption.ValidationErrors": _ERRORS,
}
#: Fields that Bookward sends although the contract does not have them, with the evidence: none so far.
MORE_SENT: dict[str, dict[str, Any]] = {}


def disagreements(value: Any, field: dict[str, Any], where: str, *, sent: bool = False) -> Iterator[str]:
    """Yield what about a value is not as the contract's field says.

    Args:
        sent: the value is Bookward's, not an answer: days are written otherwise, "" clears a text, and
            read-only fields have no place.
    """
    if field.get("list"):
        if not isinstance(value, list):
            yield f"{where}: no list"
            return
        for item in value:
            yield from disagreements(item, field | {"list": False}, where, sent=sent)
    elif "ref" in field and "" not in SCHEMAS[field["ref"]]:
        if isinstance(value, dict):
            yield from group_disagreements(value, field["ref"], sent=sent)
        else:
            yield f"{where}: no object"
    elif not fits(value, SCHEMAS[field["ref"]][""] if "ref" in field else field, sent=sent):
        yield f"{where}: {value!r}"


def group_disagreements(value: dict[str, Any], schema: str, *, sent: bool = False) -> Iterator[str]:
    """Yield what about the members of an object is not as the schema says."""
    more = MORE_SENT if sent else MORE | MORE_ANSWERED
    for name, member in value.items():
        where = f"{schema}.{name}"
        field = SCHEMAS[schema].get(name)
        if field is None or (sent and field.get("read_only")):
            field = more.get(where)
        if field is None:
            yield where
        else:
            yield from disagreements(member, field, where, sent=sent)


def fits(value: Any, field: dict[str, Any], *, sent: bool = False) -> bool:
    match field["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        case _:
            return isinstance(value, str) and ((sent and value == "") or text_fits(value, field, sent=sent))


def text_fits(value: str, field: dict[str, Any], *, sent: bool = False) -> bool:
    if field.get("format") == "uuid":
        return is_uuid(value)
    if sent and field.get("date"):
        return is_day(value)
    if field.get("datetime") or field.get("date"):
        return re.fullmatch(r"/Date\(-?\d+\+0000\)/", value) is not None
    if "enum" in field:
        return value in field["enum"]
    return len(value) <= field.get("maxLength", len(value))


def is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def checked(answer: httpx.Response, schema: str) -> dict[str, Any]:
    value: dict[str, Any] = answer.json()
    inner = {name: member for name, member in value.items() if name not in ENVELOPE}
    assert value.keys() >= ENVELOPE
    found = list(group_disagreements(inner, schema))
    assert not found, found
    return value

"""What the emulator answers, held against the contract that the client is built from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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
#: Fields that the emulator takes and answers although the contract does not have them.
MORE = {
    "Address.ValidationErrors",
    "Phone.ValidationErrors",
    "ContactPerson.ValidationErrors",
    "Bill.ValidationErrors",
    "CreditNote.DateString",
    "CreditNote.DueDateString",
    "Invoice.DateString",
    "Invoice.DueDateString",
}
#: Fields that the emulator answers although the contract does not have them.
MORE_ANSWERED = {
    "ContactGroup.HasValidationErrors",
    "ContactGroup.ValidationErrors",
    "Currency.ValidationErrors",
    "TaxRate.ValidationErrors",
    "TrackingCategory.ValidationErrors",
}


def disagreements(value: Any, field: dict[str, Any], where: str) -> Iterator[str]:
    """Yield what about a value is not as the contract's field says."""
    if field.get("list"):
        if not isinstance(value, list):
            yield f"{where}: no list"
            return
        for item in value:
            yield from disagreements(item, {"ref": field["ref"]}, where)
    elif "ref" in field:
        schema = SCHEMAS[field["ref"]]
        if "" in schema:
            yield from disagreements(value, schema[""], where)
        else:
            yield from group_disagreements(value, field["ref"])
    elif not fits(value, field):
        yield f"{where}: {value!r}"


def group_disagreements(value: dict[str, Any], schema: str) -> Iterator[str]:
    for name, member in value.items():
        where = f"{schema}.{name}"
        if name in SCHEMAS[schema]:
            yield from disagreements(member, SCHEMAS[schema][name], where)
        elif where not in MORE | MORE_ANSWERED:
            yield where


def fits(value: Any, field: dict[str, Any]) -> bool:
    match field["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        case _:
            return isinstance(value, str) and text_fits(value, field)


def text_fits(value: str, field: dict[str, Any]) -> bool:
    if field.get("format") == "uuid":
        return str(UUID(value)) == value
    if field.get("datetime") or field.get("date"):
        return re.fullmatch(r"/Date\(-?\d+\+0000\)/", value) is not None
    if "enum" in field:
        return value in field["enum"]
    return len(value) <= field.get("maxLength", len(value))


def checked(answer: httpx.Response, schema: str) -> dict[str, Any]:
    value: dict[str, Any] = answer.json()
    inner = {name: member for name, member in value.items() if name not in ENVELOPE}
    assert value.keys() >= ENVELOPE
    found = list(group_disagreements(inner, schema))
    assert not found, found
    return value

"""A catalogue that resembles an accounting contact, and short ways to make mappings and rows for it."""

from __future__ import annotations

from typing import Any

from bookward.engine.mapping import Mapping
from bookward.spec.field import Field, FieldKind
from bookward.spec.sync import SyncSpec


def _field(name: str, kind: FieldKind = FieldKind.TEXT, *nested: Field, **facts: Any) -> Field:
    return Field(name=name, kind=kind, fields={field.name: field for field in nested}, **facts)


_TERM = (
    _field("Day", FieldKind.INTEGER),
    _field("Type", choices=("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")),
)
_FIELDS = (
    _field("ContactID", FieldKind.UUID),
    _field("ContactNumber", max_length=50),
    _field("Name", max_length=255, required=True),
    _field("EmailAddress", max_length=255),
    _field("IsCustomer", FieldKind.BOOLEAN),
    _field("Discount", FieldKind.DECIMAL),
    _field("Since", FieldKind.DATE),
    _field("SeenAt", FieldKind.DATETIME),
    _field("Balances", FieldKind.OBJECT, _field("Outstanding", FieldKind.DECIMAL), read_only=True),
    _field("UpdatedDateUTC", FieldKind.DATETIME, read_only=True),
    _field(
        "Phones",
        FieldKind.LIST,
        _field("PhoneType", choices=("DEFAULT", "DDI", "MOBILE", "FAX"), required=True),
        _field("PhoneNumber", max_length=50),
        _field("PhoneAreaCode", max_length=10),
        max_length=4,
    ),
    _field(
        "Addresses",
        FieldKind.LIST,
        _field("AddressType", choices=("POBOX", "STREET")),
        _field("AddressLine1", max_length=500),
        _field("City", max_length=255),
    ),
    _field(
        "ContactPersons",
        FieldKind.LIST,
        _field("FirstName", max_length=255),
        _field("EmailAddress", max_length=255, required=True),
        max_length=5,
    ),
    _field(
        "Lines",
        FieldKind.LIST,
        _field("Description", max_length=20),
        _field("Quantity", FieldKind.DECIMAL),
        _field("UnitAmount", FieldKind.DECIMAL),
        _field("AccountCode", max_length=10),
        _field("Tracking", FieldKind.LIST, _field("Name", required=True), _field("Option", required=True)),
    ),
    _field(
        "PaymentTerms",
        FieldKind.OBJECT,
        _field("Bills", FieldKind.OBJECT, *_TERM),
        _field("Sales", FieldKind.OBJECT, *_TERM),
    ),
)
CONTACT = {field.name: field for field in _FIELDS}


def mapping(match: dict[str, str] | None = None, **fields: Any) -> Mapping:
    """Return the compiled mapping of ``fields``, matched by contact number unless said otherwise."""
    document = {
        "model": "users",
        "destination": "books",
        "object": "contacts",
        "match": match or {"ContactNumber": "id"},
        "fields": {"Name": "name", **fields},
    }
    return Mapping.compile(SyncSpec.model_validate(document), CONTACT)


def row(**values: Any) -> dict[str, Any]:
    """Return a row with an id and a name besides ``values``."""
    return {"id": "C-1", "name": "Ann", **values}


def payload(mapped: Mapping, **values: Any) -> dict[str, Any]:
    """Return what ``mapped`` sends for a row of ``values``, without its contact number and name."""
    sent = mapped.render(row(**values)).payload
    return {name: value for name, value in sent.items() if name not in ("ContactNumber", "Name")}

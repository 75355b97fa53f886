"""Compares what would be sent with a record as Xero shows it, following Xero's rules of partial update.

Fields left out stay as they are. Phones and addresses fill the slot of their type, payment terms and
batch payments are taken part by part, contact persons and tracking categories are replaced as a whole.
Xero shows an emptied text as "" or not at all, so both are the same here.
Source: Xero, Contacts; Requests and responses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bookward.records import Payload

_MOMENT = re.compile(r"/Date\((-?\d+)")  # dates are shown so, and sent as in ISO 8601
_SLOTS = {"Phones": "PhoneType", "Addresses": "AddressType"}
_WHOLE: Mapping[str, tuple[str, ...]] = {
    "ContactPersons": ("FirstName", "LastName", "EmailAddress", "IncludeInEmails"),
    "SalesTrackingCategories": ("TrackingCategoryName", "TrackingOptionName"),
    "PurchasesTrackingCategories": ("TrackingCategoryName", "TrackingOptionName"),
}


def differences(payload: Payload, live: Mapping[str, Any]) -> Payload:
    """Return, for every field of ``payload`` that ``live`` says otherwise, what ``live`` says.

    Nested values have the shape of the payload's: only the slots and parts that would be sent.
    """
    pairs = {field: (wanted, _shown(field, wanted, live.get(field))) for field, wanted in payload.items()}
    return {
        field: shown
        for field, (wanted, shown) in pairs.items()
        if _plain(field, wanted) != _plain(field, shown)
    }


def _shown(field: str, wanted: Any, live: Any) -> Any:
    """Return the part of a live value that ``wanted`` speaks of."""
    if field in _SLOTS and isinstance(wanted, list):
        slot = _SLOTS[field]
        by_slot = {entry.get(slot): entry for entry in live or ()}
        return [
            _part(entry, by_slot.get(entry.get(slot)) or {}) | {slot: entry.get(slot)} for entry in wanted
        ]
    if field in _WHOLE:
        return [{name: entry.get(name) for name in _WHOLE[field] if name in entry} for entry in live or ()]
    if isinstance(wanted, dict):
        return _part(wanted, live if isinstance(live, dict) else {})
    return day_shown(live)


def day_shown(live: Any) -> Any:
    """Return a date as YYYY-MM-DD, and anything else as it is."""
    if isinstance(live, str) and (found := _MOMENT.match(live)):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date().isoformat()
    return live


def _part(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Payload:
    return {name: _shown("", value, live.get(name)) for name, value in wanted.items()}


def _plain(field: str, value: Any) -> Any:
    """Return a value so that what Xero keeps alike compares alike."""
    if field in _WHOLE:
        entries = [_whole_entry(field, entry) for entry in value or ()]
        return entries if field == "ContactPersons" else sorted(entries, key=repr)
    if isinstance(value, dict):
        return {name: part for name, raw in value.items() if (part := _plain("", raw)) is not None}
    if isinstance(value, list):
        return [_plain("", entry) for entry in value]
    return None if value == "" else value


def _whole_entry(field: str, entry: Mapping[str, Any]) -> Sequence[Any]:
    return [entry.get(name) or None for name in _WHOLE[field]]

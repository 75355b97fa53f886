"""The emulator held against the contract that the client is built from, in both directions.

What differs on purpose is listed here and explained in ``docs/reference/local-xero.md``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

import bookward
from bookward.demo.xero import LocalXero
from bookward.demo.xero.bodies import (
    Boolean,
    Choice,
    Day,
    Group,
    Id,
    Ignored,
    Items,
    Kind,
    Number,
    Text,
    Whole,
)
from bookward.demo.xero.catalogue import PATHS, WRITERS
from bookward.demo.xero.currencies import CURRENCIES
from tests.contract.local_xero.driver import ORGANISATION as ORGANISATION_PATH

PACKAGE = Path(bookward.__file__).parent
CONTRACT: dict[str, Any] = json.loads((PACKAGE / "destinations/xero/contract.json").read_text())
SCHEMAS: dict[str, dict[str, Any]] = CONTRACT["schemas"]
RESOURCES = {re.sub(r"{[^}]*}", "{}", path): resource for path, resource in PATHS.items()}

#: Resources of the contract that are not served yet.
NOT_YET = frozenset(
    {
        "CreditNotes",
        "Invoices",
        "Payments",
    }
)
#: Scopes that are enough although the contract does not have them.
MORE_SCOPES: dict[str, set[str]] = {"Items": {"accounting.invoices"}}
ENVELOPE = {"Id", "Status", "ProviderName", "DateTimeUTC"}
#: Fields that the emulator takes and answers although the contract does not have them.
MORE = {
    "Address.ValidationErrors",
    "Phone.ValidationErrors",
    "ContactPerson.ValidationErrors",
    "Bill.ValidationErrors",
}
#: Fields that the emulator answers although the contract does not have them.
MORE_ANSWERED = {
    "ContactGroup.HasValidationErrors",
    "ContactGroup.ValidationErrors",
    "Currency.ValidationErrors",
    "TaxRate.ValidationErrors",
    "TrackingCategory.ValidationErrors",
}
#: Fields whose length is checked although the contract has none.
LENGTHS = {
    "ContactPerson.FirstName",
    "ContactPerson.LastName",
    "ContactPerson.EmailAddress",
    "BatchPaymentDetails.Details",
    "Account.Description",
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
    assert list(group_disagreements(inner, schema)) == []
    return value


FULL = {
    "Name": "All",
    "ContactNumber": "1",
    "EmailAddress": "a@b.co",
    "TaxNumberType": "EIN",
    "DefaultCurrency": "EUR",
    "SalesDefaultLineAmountType": "INCLUSIVE",
    "SalesTrackingCategories": [{"TrackingCategoryName": "Region", "TrackingOptionName": "North"}],
    "ContactPersons": [{"FirstName": "P", "IncludeInEmails": True}],
    "Phones": [{"PhoneType": "FAX", "PhoneNumber": "1"}],
    "Addresses": [{"AddressType": "STREET", "AddressLine1": "1 Way", "Country": "Chile"}],
    "PaymentTerms": {"Bills": {"Day": 1, "Type": "OFCURRENTMONTH"}},
    "BatchPayments": {"BankAccountNumber": "1", "Code": "C"},
}

#: Good elements of each kind, with many fields and with few.
GOOD: dict[str, list[dict[str, Any]]] = {
    "Accounts": [
        {
            "Code": "401",
            "Name": "Fairs",
            "Type": "EXPENSE",
            "Description": "Stands",
            "TaxType": "INPUT2",
            "EnablePaymentsToAccount": True,
            "ShowInExpenseClaims": True,
            "ReportingCode": "EXP",
        },
        {"Name": "Till", "Type": "BANK", "BankAccountNumber": "1", "BankAccountType": "NONE"},
    ],
    "ContactGroups": [{"Name": "VIPs"}],
    "Contacts": [FULL, {"Name": "Bare"}],
    "Currencies": [{"Code": "EUR"}, {"Code": "ALL"}],
    "Items": [
        {
            "Code": "GUITAR",
            "Name": "Guitar",
            "Description": "Sold",
            "PurchaseDescription": "Bought",
            "InventoryAssetAccountCode": "630",
            "PurchaseDetails": {"UnitPrice": 10.125, "COGSAccountCode": "310", "TaxType": "INPUT2"},
            "SalesDetails": {"UnitPrice": 20, "AccountCode": "200", "TaxType": "OUTPUT2"},
        },
        {"Code": "BARE"},
    ],
    "TrackingCategories": [{"Name": "Region"}],
    "TaxRates": [
        {
            "Name": "City",
            "ReportTaxType": "OUTPUT",
            "TaxComponents": [
                {"Name": "State", "Rate": 2.25},
                {"Name": "City", "Rate": 1, "IsCompound": True},
            ],
        },
    ],
}
#: Elements of each kind that are refused.
BAD: dict[str, list[dict[str, Any]]] = {
    "Accounts": [{"Name": "Sales", "Code": "200", "Type": "REVENUE"}, {"Type": "BANK"}],
    "ContactGroups": [{"Name": "vips"}, {"Status": "ACTIVE"}],
    "Currencies": [{"Description": "Euro"}],
    "Items": [{"Code": "bare", "SalesDetails": {"AccountCode": "0"}}],
    "TrackingCategories": [{"Name": "region"}],
    "TaxRates": [{"Name": "No GST"}, {"TaxComponents": [{"Name": "Rate"}]}],
    "Contacts": [
        FULL,
        {"Name": "<"},
        FULL | {"Phones": [{"PhoneNumber": "1"}], "Addresses": [{"City": "X"}]},
    ],
}


@pytest.mark.parametrize("plural", WRITERS)
@pytest.mark.parametrize(
    "query", [{}, {"page": 1}, {"page": 1, "summaryOnly": "true"}, {"includeArchived": "true", "pageSize": 1}]
)
def test_lists_agree_with_the_contract(
    xero: LocalXero, api: httpx.Client, plural: str, query: dict[str, Any]
) -> None:
    xero.add(plural, GOOD[plural])
    value = checked(api.get(f"/api.xro/2.0/{plural}", params=query), plural)
    assert value[plural] != []


@pytest.mark.parametrize("plural", WRITERS)
def test_writes_agree_with_the_contract(xero: LocalXero, plural: str) -> None:
    kind = WRITERS[plural].kind
    good, bad = xero.add(plural, GOOD[plural]), xero.add(plural, BAD[plural])
    assert all(element[kind.error_flag or "ValidationErrors"] for element in bad)
    for element in (*good, *bad):
        assert list(group_disagreements(element, kind.singular)) == []


def test_organisation_agrees_with_the_contract(api: httpx.Client) -> None:
    checked(api.get(ORGANISATION_PATH), "Organisations")


def served_operations() -> list[str]:
    paths = {name: operation["path"] for name, operation in CONTRACT["operations"].items()}
    return [name for name, path in paths.items() if path.split("/")[1] not in NOT_YET]


@pytest.mark.parametrize("name", served_operations())
def test_every_operation_of_the_contract_is_served_with_its_scopes(name: str) -> None:
    operation = CONTRACT["operations"][name]
    resource = RESOURCES[re.sub(r"{[^}]*}", "{}", operation["path"])]
    assert operation["method"] in resource.methods
    more = MORE_SCOPES.get(operation["path"].split("/")[1], set())
    if operation["method"] == "GET":
        more = more | {f"{scope}.read" for scope in more}
    assert set(resource.scopes_for(operation["method"])) == {*operation["scopes"], *more}


def test_what_is_not_served_yet_is_served_nowhere() -> None:
    assert {path.split("/")[1] for path in RESOURCES} & NOT_YET == set()


def differences(group: Group, schema: str) -> Iterator[str]:
    """Yield where the fields that the emulator takes are not those of the contract."""
    fields = SCHEMAS[schema]
    yield from (f"{schema}.{name}" for name in fields.keys() ^ group.fields.keys())
    for name in fields.keys() & group.fields.keys():
        yield from kind_differences(group.fields[name], fields[name], f"{schema}.{name}")


def kind_differences(kind: Kind, field: dict[str, Any], where: str) -> Iterator[str]:
    inner = SCHEMAS[field["ref"]].get("", field) if "ref" in field else field
    match kind:
        case Ignored():
            return
        case Items(of):
            yield from differences(of, field["ref"])
        case Group():
            yield from differences(kind, field["ref"])
        case Choice(values) if set(inner.get("enum", ())) - {""} == values:
            return
        case Text(limit) if inner["type"] == "string" and "enum" not in inner:
            if limit != inner.get("maxLength"):
                yield f"{where} length"
        case _:
            if not is_scalar_of(kind, inner):
                yield where


def is_scalar_of(kind: Kind, field: dict[str, Any]) -> bool:
    match kind:
        case Id():
            return bool(field.get("format") == "uuid")
        case Day():
            return bool(field.get("date"))
        case _:
            return {"boolean": Boolean, "integer": Whole, "number": Number}.get(field["type"]) is type(kind)


def test_fields_taken_are_the_contracts_but_for_the_listed_ones() -> None:
    kinds = [writer.kind for writer in WRITERS.values()]
    found = {text for kind in kinds for text in differences(kind.group, kind.singular)}
    assert found == MORE | {f"{name} length" for name in LENGTHS}


@pytest.mark.parametrize("plural", WRITERS)
def test_elements_tell_their_status_where_the_contract_has_it(plural: str) -> None:
    kind = WRITERS[plural].kind
    assert kind.own_errors == ("StatusAttributeString" in SCHEMAS[kind.singular])


def not_ignored(group: Group, schema: str) -> Iterator[str]:
    """Yield the read-only fields of the contract that the emulator looks at when they are sent."""
    for name, kind in group.fields.items():
        field = SCHEMAS[schema].get(name, {})
        if field.get("read_only") and not isinstance(kind, Ignored):
            yield f"{schema}.{name}"
        elif isinstance(kind, Group):
            yield from not_ignored(kind, field["ref"])
        elif isinstance(kind, Items):
            yield from not_ignored(kind.of, field["ref"])


@pytest.mark.parametrize("plural", WRITERS)
def test_read_only_fields_of_the_contract_are_ignored_on_write(plural: str) -> None:
    kind = WRITERS[plural].kind
    assert list(not_ignored(kind.group, kind.singular)) == []


def test_currencies_are_those_of_the_contract() -> None:
    assert set(SCHEMAS["CurrencyCode"][""]["enum"]) == CURRENCIES


def test_listed_deviations_are_explained(reference: str) -> None:
    assert [name for name in sorted(MORE | MORE_ANSWERED | LENGTHS) if name not in reference] == []

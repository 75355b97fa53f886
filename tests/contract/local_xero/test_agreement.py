"""The emulator held against the contract that the client is built from, in both directions.

What differs on purpose is listed here and explained in ``docs/reference/local-xero.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

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
from tests.contract.local_xero.judge import (
    CONTRACT,
    MORE,
    MORE_ANSWERED,
    SCHEMAS,
    checked,
    group_disagreements,
)
from tests.contract.local_xero.samples import BAD, CREDIT_NOTE, GOOD, INVOICE, add_good

RESOURCES = {re.sub(r"{[^}]*}", "{}", path): resource for path, resource in PATHS.items()}

#: Scopes that are enough although the contract does not have them.
MORE_SCOPES: dict[str, set[str]] = {
    "CreditNotes": {"accounting.invoices"},
    "Invoices": {"accounting.invoices"},
    "Items": {"accounting.invoices"},
    "Payments": {"accounting.payments"},
}
#: Fields whose length is checked although the contract has none.
LENGTHS = {
    "ContactPerson.FirstName",
    "ContactPerson.LastName",
    "ContactPerson.EmailAddress",
    "BatchPaymentDetails.Details",
    "Account.Description",
    "LineItem.Description",
}


@pytest.mark.parametrize("plural", WRITERS)
@pytest.mark.parametrize(
    "query", [{}, {"page": 1}, {"page": 1, "summaryOnly": "true"}, {"includeArchived": "true", "pageSize": 1}]
)
def test_lists_agree_with_the_contract(
    xero: LocalXero, api: httpx.Client, plural: str, query: dict[str, Any]
) -> None:
    add_good(xero, plural)
    value = checked(api.get(f"/api.xro/2.0/{plural}", params=query), plural)
    assert value[plural] != []


@pytest.mark.parametrize("plural", [plural for plural in WRITERS if f"/{plural}/{{}}" in RESOURCES])
def test_single_records_agree_with_the_contract(xero: LocalXero, api: httpx.Client, plural: str) -> None:
    kind = WRITERS[plural].kind
    for made in add_good(xero, plural):
        value = checked(api.get(f"/api.xro/2.0/{plural}/{made[kind.id]}"), plural)
        assert [element[kind.id] for element in value[plural]] == [made[kind.id]]


def test_tracking_options_agree_with_the_contract(xero: LocalXero, api: httpx.Client) -> None:
    (category,) = xero.add("TrackingCategories", GOOD["TrackingCategories"])
    path = f"/api.xro/2.0/TrackingCategories/{category['TrackingCategoryID']}"
    made = checked(api.put(f"{path}/Options", json={"Name": "North"}), "TrackingOptions")
    one = f"{path}/Options/{made['Options'][0]['TrackingOptionID']}"
    checked(api.post(one, json={"Name": "South"}), "TrackingOptions")
    checked(api.get(path), "TrackingCategories")
    checked(api.delete(one), "TrackingOptions")


def test_allocations_agree_with_the_contract(xero: LocalXero, api: httpx.Client) -> None:
    xero.add("Invoices", [INVOICE])
    (note,) = xero.add("CreditNotes", [CREDIT_NOTE])
    path = f"/api.xro/2.0/CreditNotes/{note['CreditNoteID']}/Allocations"
    good = {"Invoice": {"InvoiceNumber": "I-1"}, "Amount": 1, "Date": "2026-10-02"}
    answer = api.put(path, json={"Allocations": [good, {"Amount": 1}]}, params={"summarizeErrors": "false"})
    (made, _) = checked(answer, "Allocations")["Allocations"]
    checked(api.get("/api.xro/2.0/Invoices/I-1"), "Invoices")
    checked(api.get("/api.xro/2.0/CreditNotes/C-1"), "CreditNotes")
    deleted = api.delete(f"{path}/{made['AllocationID']}").json()
    assert list(group_disagreements(deleted, "Allocation")) == []


@pytest.mark.parametrize("plural", WRITERS)
def test_writes_agree_with_the_contract(xero: LocalXero, plural: str) -> None:
    kind = WRITERS[plural].kind
    good, bad = add_good(xero, plural), xero.add(plural, BAD[plural])
    assert all(element[kind.error_flag or "ValidationErrors"] for element in bad)
    for element in (*good, *bad):
        assert list(group_disagreements(element, kind.singular)) == []


def test_organisation_agrees_with_the_contract(api: httpx.Client) -> None:
    checked(api.get(ORGANISATION_PATH), "Organisations")


@pytest.mark.parametrize("name", CONTRACT["operations"])
def test_every_operation_of_the_contract_is_served_with_its_scopes(name: str) -> None:
    operation = CONTRACT["operations"][name]
    resource = RESOURCES[re.sub(r"{[^}]*}", "{}", operation["path"])]
    assert operation["method"] in resource.methods
    more = MORE_SCOPES.get(operation["path"].split("/")[1], set())
    if operation["method"] == "GET":
        more = more | {f"{scope}.read" for scope in more}
    assert set(resource.scopes_for(operation["method"])) == {*operation["scopes"], *more}


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
    assert found == set(MORE) | {f"{name} length" for name in LENGTHS}


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
    assert [name for name in sorted({*MORE, *MORE_ANSWERED, *LENGTHS}) if name not in reference] == []

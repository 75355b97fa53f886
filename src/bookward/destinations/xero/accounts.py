"""Accounts: the chart of accounts, one record a call. Source: Xero, Accounting API, Accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace

from bookward.destinations.xero.fields import FIELDS
from bookward.destinations.xero.looked_up import currency
from bookward.destinations.xero.objects import Change, Reference, Removal, Route, XeroObject
from bookward.errors import FieldInvalid, FieldRequired, RecordLocked
from bookward.records import SENDING, Operation, OperationKind, Payload, RemoteRecord, SpecProblem
from bookward.spec.field import Field
from bookward.spec.mapping import ConstantMapping
from bookward.spec.sync import SyncSpec

_BANK = "BANK"


class Accounts(XeroObject):
    """Xero's accounts. Bank accounts can be created and never changed; system accounts stay."""

    name = "accounts"
    noun = "account"
    path = "Accounts"
    envelope = "Accounts"
    id_field = "AccountID"
    title = "Name"
    match_fields = ("Code", "Name", "AccountID")
    removals = ("keep", "archive", "delete", "delete_or_archive")
    unique = ("Code", "Name")
    paged = False
    listed_under = "Chart of accounts"
    most_rows = 1
    alone = SENDING
    archived: ClassVar[Payload] = {"Status": "ARCHIVED"}
    fields: Mapping[str, Field] = FIELDS["Account"]

    def problems(self, sync: SyncSpec) -> Iterator[SpecProblem]:
        type_ = sync.fields.get("Type")
        if isinstance(type_, ConstantMapping) and type_.value == _BANK and sync.mode != "insert":
            yield SpecProblem(
                where=("mode",),
                message=f"mode {sync.mode!r} is not possible for bank accounts: Xero lets nobody change one "
                "through its API.",
                remedy="Use `mode: insert`.",
            )

    def fold(self, field: str, value: object) -> str:
        """Return the form in which Xero takes two codes or names for the same, whatever their case."""
        return super().fold(field, value).casefold()

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        if payload.get("Type") == _BANK and payload.get("Description"):
            raise FieldInvalid("A bank account has no description in Xero.", field="Description")
        return super().tidy(payload)

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return body.get("Status") != "ACTIVE"

    def references(self, payload: Payload) -> Iterator[Reference]:
        if payload.get("TaxType"):
            yield Reference(path="TaxType", object="tax rates", field="TaxType", value=payload["TaxType"])
        if payload.get("CurrencyCode") and payload.get("Type") == _BANK:
            yield currency(payload["CurrencyCode"])

    def check_new(self, payload: Payload) -> None:
        super().check_new(payload)
        wanted = "BankAccountNumber" if payload["Type"] == _BANK else "Code"
        if not payload.get(wanted):
            raise FieldRequired(
                f"{wanted} has no value, and Xero creates no account of type {payload['Type']} without one.",
                field=wanted,
            )

    def change(self, record: RemoteRecord, payload: Payload, before: Payload) -> Change:
        if record.body.get("Type") == _BANK:
            raise RecordLocked(
                f"The {self.called(record)} is a bank account, which nobody can change through Xero's API."
            )
        return payload, ()

    def removal(self, on_removal: str, record: RemoteRecord) -> Removal:
        if record.body.get("SystemAccount"):
            raise RecordLocked(
                f"The {self.called(record)} is a system account: Xero neither archives nor deletes it."
            )
        return super().removal(on_removal, record)

    def route(self, operation: Operation) -> Route:
        if operation.kind is OperationKind.INSERT:
            return Route("PUT", self.path)
        method = "DELETE" if operation.kind is OperationKind.DELETE else "POST"
        return Route(method, f"{self.path}/{operation.remote_id}")

    def params(self, method: str) -> Mapping[str, str]:
        return {}  # the only answer to one record that Xero refuses is a refusal

    def element(self, operation: Operation) -> Payload:
        sent = super().element(operation)
        if operation.kind is OperationKind.INSERT:
            # Source: Xero, Accounts: the watchlist is for updates only.
            return {name: value for name, value in sent.items() if name != "AddToWatchlist"}
        return sent

    def body(self, route: Route, elements: Sequence[bytes]) -> bytes:
        return elements[0] if route.method == "PUT" else super().body(route, elements)

    def after_refusal(self, operation: Operation) -> Operation | None:
        if operation.kind is OperationKind.DELETE and operation.payload:
            return replace(operation, kind=OperationKind.ARCHIVE)
        return None

    def is_done(self, operation: Operation, record: RemoteRecord | None) -> bool:
        if operation.kind is OperationKind.DELETE and operation.payload and record is not None:
            return record.archived
        return super().is_done(operation, record)


ACCOUNTS = Accounts()

"""Reads the answer to a batch: one element out for every element in, each with its own fate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from msgspec.structs import replace

from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.problems import may_pass, messages, remedy_for
from bookward.errors import RemoteRejected, RowError
from bookward.records import Operation, OperationKind, Outcome, OutcomeStatus, Rejection, RemoteRecord


class Contradiction(Exception):
    """An answer that cannot belong to the batch: what became of the rows has to be read back."""


def outcomes_of(kind: XeroObject, operations: Sequence[Operation], document: Any) -> list[Outcome]:
    """Return the outcome of every operation of a batch, in order.

    Raises:
        Contradiction: there are fewer or more elements than were sent, or one is somebody else's.
    """
    if document is None and [kind.route(operation).method for operation in operations] == ["DELETE"]:
        return [accepted(operation, str(operation.remote_id)) for operation in operations]
    elements = document.get(kind.envelope) if isinstance(document, Mapping) else None
    if not isinstance(elements, list) or len(elements) != len(operations):
        count = len(elements) if isinstance(elements, list) else "no"
        raise Contradiction(f"{count} elements for {len(operations)} rows")
    names = {_name(kind, operation.payload) for operation in operations}
    outcomes = [_outcome(kind, *pair, names) for pair in zip(operations, elements, strict=True)]
    ids = [outcome.remote_id for outcome in outcomes if outcome.status is OutcomeStatus.ACCEPTED]
    if len(set(ids)) < len(ids):
        raise Contradiction("two rows have one id")
    return outcomes


def check_new_ids(
    kind: XeroObject,
    match_field: str,
    operations: Sequence[Operation],
    outcomes: Sequence[Outcome],
    known: Callable[[Iterable[str]], Mapping[str, RemoteRecord]],
) -> None:
    """Refuse an answer that gives a new record the id of another.

    Args:
        known: returns the records that are known by their ids.

    Raises:
        Contradiction: it does.
    """
    made = {
        outcome.remote_id: kind.natural_keys(operation.payload, match_field)
        for operation, outcome in zip(operations, outcomes, strict=True)
        if operation.kind is OperationKind.INSERT and outcome.status is OutcomeStatus.ACCEPTED
    }
    for id_, record in known(filter(None, made)).items():
        if not made[id_].items() & record.keys.items():
            raise Contradiction(f"a new {kind.noun} has the id of the {kind.called(record)}")


def saved(kind: XeroObject, outcomes: Sequence[Outcome], document: Any) -> list[Any]:
    """Return the elements that were accepted, as Xero stores them now."""
    pairs = zip(outcomes, document[kind.envelope], strict=True)
    return [
        element
        for outcome, element in pairs
        if outcome.status is OutcomeStatus.ACCEPTED and kind.title in element
    ]


def _outcome(kind: XeroObject, operation: Operation, element: Any, names: Set[str]) -> Outcome:
    if not isinstance(element, Mapping):
        raise Contradiction(f"an element is {element!r}")
    errors = list(dict.fromkeys(messages(element)))
    remote_id = kind.remote_id(element)
    if errors or not remote_id or _says_error(element):
        said = " ".join(errors) or "Xero did not save the row and gave no reason."
        return rejected(operation, said, passing=not errors)
    _check_identity(kind, operation, element, names)
    warnings = tuple(dict.fromkeys(messages(element, "Warnings")))
    return accepted(operation, remote_id, warnings)


def _says_error(element: Mapping[str, Any]) -> bool:
    """Source: Xero, Requests and responses; which of the signs an element carries depends on its type."""
    flagged = element.get("HasValidationErrors") or element.get("HasErrors")
    return bool(flagged) or element.get("StatusAttributeString") == "ERROR"


def _name(kind: XeroObject, element: Mapping[str, Any]) -> str:
    return kind.fold(kind.title, element.get(kind.title) or "")


def _check_identity(
    kind: XeroObject, operation: Operation, element: Mapping[str, Any], names: Set[str]
) -> None:
    """Refuse an answer to another row; a name that Xero merely stored otherwise is nobody else's."""
    remote_id = kind.remote_id(element)
    if operation.kind is not OperationKind.INSERT and remote_id != operation.remote_id:
        raise Contradiction(f"the answer for {operation.remote_id} is about {remote_id}")
    sent, got = _name(kind, operation.payload), _name(kind, element)
    if sent and got != sent and got in names:
        raise Contradiction(f"the answer for {sent!r} is about {got!r}")


def accepted(operation: Operation, remote_id: str, warnings: tuple[str, ...] = ()) -> Outcome:
    """Return the outcome of an operation that Xero has booked."""
    return Outcome(
        seq=operation.seq,
        key=operation.key,
        status=OutcomeStatus.ACCEPTED,
        remote_id=remote_id,
        warnings=warnings,
    )


def rejected(operation: Operation, message: str, *, passing: bool = False) -> Outcome:
    """Return the outcome of an operation that Xero refused, in its own words and with our remedy."""
    passing = passing or may_pass(message)
    return refused(operation, RemoteRejected(message, remedy=remedy_for(message), passing=passing))


def uncertain(operation: Operation, error: RowError, candidates: Iterable[str]) -> Outcome:
    """Return the outcome of an operation that may be booked, as one of the candidates or as none."""
    outcome = refused(operation, error)
    return replace(outcome, status=OutcomeStatus.UNCERTAIN, candidates=tuple(candidates))


def refused(operation: Operation, error: RowError) -> Outcome:
    """Return the outcome of an operation that failed for the reason given."""
    return Outcome(
        seq=operation.seq,
        key=operation.key,
        status=OutcomeStatus.REJECTED,
        remote_id=operation.remote_id,
        rejection=Rejection.of(error),
    )

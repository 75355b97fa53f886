"""A sync: a model into one object of a destination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bookward.spec.alert import Alerting
from bookward.spec.base import Spec
from bookward.spec.guards import Guards
from bookward.spec.mapping import FieldMapping
from bookward.spec.schedule import Schedule, manual_is_none


class LookUp(Spec):
    """How a record of another kind is found, for example the contact of an invoice."""

    by: str
    """Field by which it is found, for example `EmailAddress`."""
    column: str
    """Column of the model that holds its value; where several records can be found, a list of values."""
    missing: Literal["reject", "create"] = "reject"
    """What happens to a row whose record is not there: `reject` the row, or `create` the record first."""
    fields: Annotated[dict[str, FieldMapping], Field(default_factory=dict)]
    """With `missing: create`, field of the record to be created to where its value comes from. What it is
    found by is one of them already."""


class SyncSpec(Alerting):
    """A model into one object of a destination."""

    model: str
    """Slug of the model whose rows are synced."""
    destination: str
    """Slug of the destination that they are written to."""
    object: str
    """What a row becomes there, for example `contacts`."""
    mode: Literal["upsert", "update", "insert"] = "upsert"
    """`upsert`: update the record that matches, create it where there is none. `update`: create none.
    `insert`: change none."""
    match: Annotated[dict[str, str], Field(min_length=1, max_length=1)]
    """How a row finds its record: one field of the destination and the column that holds its value."""
    fields: Annotated[dict[str, FieldMapping], Field(default_factory=dict)]
    """Field of the destination to where its value comes from."""
    look_up: Annotated[dict[str, LookUp], Field(default_factory=dict)]
    """Field of the destination that names a record of another kind, or several, to how they are found; with
    `missing: create` and `fields`, what is missing is created first."""
    on_change: Literal["reject", "ignore", "replace"] = "reject"
    """With `mode: insert`, what happens to a row that says something else than its record by now. `replace`:
    where this sync has inserted the record, it is deleted or voided, and a new one is inserted."""
    on_removal: Literal["keep", "archive", "delete", "delete_or_archive", "void"] = "keep"
    """What happens to the record of a row that is no longer in the model. `delete_or_archive`: archive it
    where the destination refuses to delete it. `void`: void a document, delete it while it is a draft."""
    diff: Literal["local", "warehouse"] = "local"
    """Where the rows are compared with those last accepted. `local`: all are read, and compared here.
    `warehouse`: only rows that may differ leave the warehouse, for which the source has to allow Bookward
    tables of its own there."""
    guards: Guards = Guards()
    """What a run may do at most without a person's approval."""
    park_after: Annotated[int, Field(ge=1, le=100)] = 8
    """So often the destination may refuse one and the same row for a reason that may pass, such as a payment
    of an invoice that nobody approved yet; it waits longer each time, and is parked then. What cannot pass is
    parked at once. A parked row is sent again when it or its mapping changed, or after `bookward retry`."""
    schedule: Annotated[
        Schedule | None,
        BeforeValidator(manual_is_none, json_schema_input_type=Schedule | Literal["manual"] | None),
    ] = None
    """When the sync runs by itself where `bookward serve` or a worker is at work; `manual`, the default: when
    somebody starts it."""
    title: str = ""
    """Its name for people, where that is not the slug."""
    description: str = ""
    """For people; Bookward does not read it."""


def mode_to_say(modes: Sequence[str]) -> str | None:
    """Return the mode that a new sync has to name, of those that its object allows, the usual one first.

    None where the usual one is what a sync means that names none.
    """
    return None if modes[0] == SyncSpec.model_fields["mode"].default else modes[0]

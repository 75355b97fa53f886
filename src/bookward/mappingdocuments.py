"""What a mapping is made of as documents: the columns of a model, the objects of a destination, a row."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import getdoc
from typing import Any, TypeAlias

from bookward.documents import problem_document, rejection_document
from bookward.serving import Mappable, ObjectType, Rehearsal
from bookward.spec.field import Field
from bookward.spec.sync import mode_to_say

Document: TypeAlias = dict[str, Any]


def column_document(column: Mappable) -> Document:
    """Return a column of a model, with those of the lines in it."""
    return {
        "name": column.name,
        "type": column.type,
        "inside": [column_document(each) for each in column.inside],
    }


def object_document(kind: ObjectType) -> Document:
    """Return an object of a destination: what a sync into it can say, and its fields that can be written."""
    return {
        "name": kind.name,
        "noun": kind.noun,
        "about": (getdoc(type(kind)) or "").partition("\n\n")[0].replace("\n", " "),
        "modes": list(kind.modes),
        "mode": mode_to_say(kind.modes),
        "match_fields": list(kind.match_fields),
        "on_changes": list(kind.on_changes),
        "removals": list(kind.removals),
        "has_amount": kind.has_amount,
        "fields": _fields(kind.fields.values()),
        "look_ups": [
            _look_up(field) for name, field in kind.fields.items() if name in kind.named_once and field.fields
        ],
    }


def _fields(fields: Iterable[Field]) -> list[Document]:
    return [_field(field) for field in fields if not field.read_only]


def _field(field: Field) -> Document:
    return {
        "name": field.name,
        "kind": field.kind.value,
        "required": field.required,
        "clearable": field.clearable,
        "max_length": field.max_length,
        "choices": list(field.choices),
        "only_looked_up": field.looked_up,
        "fields": _fields(field.fields.values()),
    }


def _look_up(field: Field) -> Document:
    """Return a field that names a record of another kind, and how that is found or created."""
    return {
        "field": field.name,
        "required": field.required,
        "by": list(field.fields),
        "created_by": list(field.created_by),
        "fields": _fields(field.record.values()),
    }


def rehearsal_document(found: Rehearsal) -> Document:
    """Return a row as a sync would send it."""
    return {
        "problems": [problem_document(each) for each in found.problems],
        "keys": list(found.keys),
        "key": found.key,
        "payload": found.payload,
        "create_only": sorted(found.create_only),
        "match_value": found.match_value,
        "notes": list(found.notes),
        "rejection": rejection_document(found.rejection),
    }

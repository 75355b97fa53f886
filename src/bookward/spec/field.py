"""What a destination says about one of its fields: the facts that validation, mapping and docs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FieldKind(StrEnum):
    """The type of a field's value on the wire."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    UUID = "uuid"
    OBJECT = "object"  #: nested fields
    LIST = "list"  #: a list of objects with nested fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an object of the destination."""

    name: str
    kind: FieldKind
    required: bool = False  #: a record cannot be created without it
    read_only: bool = False  #: the destination ignores or refuses it on writing
    looked_up: bool = False  #: written only by naming, in `look_up`, records that it leads to
    percent_off: str = ""  #: the field beside it of whose product with others so many percent are taken off
    amount_off: str = ""  #: the field beside it from whose product with others this is taken off
    max_length: int | None = None  #: in characters; for lists, in elements
    choices: tuple[str, ...] = ()  #: the only values allowed, empty when free
    fields: Mapping[str, Field] = field(default_factory=dict)  #: nested fields, for objects and lists
    record: Mapping[str, Field] = field(default_factory=dict)  #: what the record named by it can be made of
    created_by: tuple[str, ...] = ()  #: by one of these, what it names can be created where it is missing

    @property
    def clearable(self) -> bool:
        """Whether the destination lets it be emptied."""
        return self.kind is FieldKind.TEXT and not self.required and not self.choices

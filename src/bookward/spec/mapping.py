"""How one field of the destination gets its value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Tag
from typing_extensions import TypeAliasType

from bookward.spec.base import Spec

WhenNull: TypeAlias = Literal["omit", "clear", "reject"]
"""What to do when the value is null: leave the field out, empty it at the destination, or reject the row."""


class ColumnMapping(Spec):
    """The value of a column."""

    column: str
    """Column of the model. A bare name instead of a mapping means the same."""
    when_null: WhenNull = "omit"
    """Null or blank: `omit` leaves the field as it is, `clear` empties it, `reject` rejects the row.

    Only optional free text can be cleared.
    """
    only_on_create: bool = False
    """Send the field when the record is created and never again."""


class ConstantMapping(Spec):
    """The same value for every row."""

    value: str | bool | int | Decimal
    """The value itself."""
    only_on_create: bool = False
    """Send the field when the record is created and never again."""


class TemplateMapping(Spec):
    """A Liquid template over the columns of the row."""

    template: str
    """For example `{{ first_name }} {{ last_name }}`; a template that gives nothing counts as null."""
    when_null: WhenNull = "omit"
    """An empty result: `omit` leaves the field as it is, `clear` empties it, `reject` rejects the row."""
    only_on_create: bool = False
    """Send the field when the record is created and never again."""


def _kind(value: Any) -> str:
    if isinstance(value, ColumnMapping | ConstantMapping | TemplateMapping):
        return {"ColumnMapping": "column", "ConstantMapping": "value", "TemplateMapping": "template"}[
            type(value).__name__
        ]
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return next((kind for kind in ("column", "value", "template") if kind in value), "object")
    return "name"


if TYPE_CHECKING:
    FieldMapping: TypeAlias = (
        str
        | ColumnMapping
        | ConstantMapping
        | TemplateMapping
        | dict[str, "FieldMapping"]
        | list[dict[str, "FieldMapping"]]
    )
else:
    FieldMapping = TypeAliasType(
        "FieldMapping",
        Annotated[
            Annotated[str, Tag("name")]
            | Annotated[ColumnMapping, Tag("column")]
            | Annotated[ConstantMapping, Tag("value")]
            | Annotated[TemplateMapping, Tag("template")]
            | Annotated[dict[str, "FieldMapping"], Tag("object")]
            | Annotated[list[dict[str, "FieldMapping"]], Tag("list")],
            Discriminator(_kind),
        ],
    )
"""A column's name, one of the mappings above, or an object or list of objects made of such mappings."""

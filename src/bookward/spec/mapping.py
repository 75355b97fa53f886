"""How one field of the destination gets its value."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from bookward.spec.base import Spec, as_list

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


class LinesTotal(Spec):
    """What the lines must come to for the row to be taken."""

    column: str
    """Column of the row that says the total."""
    of: Annotated[
        list[str], BeforeValidator(as_list, json_schema_input_type=str | list[str]), Field(min_length=1)
    ]
    """The field of each entry that is its amount, or the fields that multiplied give it. Discounts that are
    mapped beside a unit amount are taken off. Every amount is rounded to two decimals, half up, and then they
    are added."""


class EachMapping(Spec):
    """One entry of a list for every line in a column."""

    each: str
    """Column that holds the lines: `lines` of a model that gathers rows, a list of structs, or JSON with a
    list of objects."""
    fields: Annotated[dict[str, FieldMapping], Field(min_length=1)]
    """Field of the entry to where its value comes from; the columns here are those of the line."""
    total: LinesTotal | None = None
    """Reject the row when its lines do not add up."""
    when_null: Literal["omit", "reject"] = "omit"
    """No line at all: `omit` leaves the list as it is, `reject` rejects the row."""
    only_on_create: bool = False
    """Send the field when the record is created and never again."""


ORIGINS = ("each", "column", "value", "template")
"""The keys that say where a value comes from; a mapping has just one of them."""

_ORIGIN_OF: dict[type, str] = {
    ColumnMapping: "column",
    ConstantMapping: "value",
    TemplateMapping: "template",
    EachMapping: "each",
}


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return next((kind for kind in ORIGINS if kind in value), "object")
    return _ORIGIN_OF.get(type(value), "name")


if TYPE_CHECKING:
    FieldMapping: TypeAlias = (
        str
        | ColumnMapping
        | ConstantMapping
        | TemplateMapping
        | EachMapping
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
            | Annotated[EachMapping, Tag("each")]
            | Annotated[dict[str, "FieldMapping"], Tag("object")]
            | Annotated[list[dict[str, "FieldMapping"]], Tag("list")],
            Discriminator(_kind),
        ],
    )
"""A column's name, one of the mappings above, or an object or list of objects made of such mappings."""

EachMapping.model_rebuild()

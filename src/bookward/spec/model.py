"""A model: a query with a primary key."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from bookward.spec.base import Spec, as_list


class ModelSpec(Spec):
    """A query with a primary key.

    The query stands in a `.sql` file of the same name beside this file, or the model is one `table`.
    """

    source: str
    """Slug of the source that the query runs on."""
    primary_key: Annotated[
        list[str], BeforeValidator(as_list, json_schema_input_type=str | list[str]), Field(min_length=1)
    ]
    """The column, or the columns together, that tell one row from every other."""
    table: str | None = None
    """A table or view to read instead of a query, `schema.table` where it needs one."""
    sql: str | None = None
    """The query itself, for those who prefer it here to a `.sql` file."""
    description: str = ""
    """For people; Bookward does not read it."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.table is not None and self.sql is not None:
            raise ValueError("a model is either a query or a table, not both")
        return self

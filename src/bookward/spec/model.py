"""A model: a query with a primary key."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from bookward.spec.base import Spec, as_list

LINES = "lines"
"""The column that gathered rows stand in."""


class LinesSpec(Spec):
    """Rows with the same primary key as the lines of one row, in its column `lines`."""

    order_by: Annotated[
        list[str], BeforeValidator(as_list, json_schema_input_type=str | list[str]), Field(min_length=1)
    ]
    """The column, or the columns together, that put the lines in order; no two lines of a row may share a
    place in it."""
    columns: Annotated[list[str], Field(min_length=1)]
    """What differs from line to line. All other columns belong to the row and must be the same in each of
    its lines."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = next((name for name in self.columns if self.columns.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the column {twice!r} is listed twice")
        return self


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
    lines: LinesSpec | None = None
    """Gather the rows of one primary key into one row that lists them in its column `lines`."""
    description: str = ""
    """For people; Bookward does not read it."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.table is not None and self.sql is not None:
            raise ValueError("a model is either a query or a table, not both")
        return self

    @model_validator(mode="after")
    def _lines_are_no_key(self) -> Self:
        if self.lines is not None and LINES in self.primary_key:
            raise ValueError(f"the column {LINES!r} holds the gathered rows, so it is no part of their key")
        return self

    @property
    def own_columns(self) -> frozenset[str]:
        """The columns that belong to the lines and not to the row that they are gathered into."""
        if self.lines is None:
            return frozenset()
        return frozenset([*self.lines.columns, *self.lines.order_by]).difference(self.primary_key)

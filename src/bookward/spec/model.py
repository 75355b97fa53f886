"""A model: a query with a primary key."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bookward.spec.base import Spec, as_list, shaped

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


_INSIDE = r"^[^/\s:.-][^\s:]*$"  # a path in a repository
_PLACES = ("https", "http", "s3", "gs", "gcs", "abfs", "abfss")


class DbtSpec(Spec):
    """A model of a dbt project, read as dbt has built it."""

    model: str
    """Its name in dbt, or its whole unique id (`model.shop.customers`) where two projects have one name."""
    target: str | None = None
    """The folder with manifest.json and run_results.json: a path that begins at the project's folder, or a
    URL (https, s3, gs, abfs)."""
    job: Annotated[int, Field(ge=1)] | None = None
    """Instead of `target`: the job of dbt Cloud whose last run has them; see `dbt_cloud` in
    project.yaml."""
    git: Annotated[str, shaped(_INSIDE, "a folder in the repository such as target")] | None = None
    """Instead of `target`: the folder in the git repository that `dbt_git` in project.yaml names."""
    tests: Literal["stop", "ignore"] = "stop"
    """What happens when a test of the model has failed: nothing is synced (`stop`), or all the same."""
    max_age_hours: Annotated[float, Field(gt=0)] | None = None
    """Nothing is synced when dbt last ran longer ago than this."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if [self.target, self.job, self.git].count(None) != 2:
            raise ValueError("say one of target, job and git: where dbt's manifest is")
        scheme, found, _ = (self.target or "").partition("://")
        if found and scheme not in _PLACES:
            raise ValueError(f"target: a path, or a URL that begins with one of {', '.join(_PLACES)}")
        return self


class LookSpec(Spec):
    """A Look or a query of Looker: its SQL runs on the model's source, or Looker itself gives the rows."""

    url: Annotated[str, Field(min_length=1)]
    """Its address: `https://example.cloud.looker.com/looks/42`, or of an explore, with `qid=` in it; what
    comes after the host, `looks/42`, is enough."""
    looker: str | None = None
    """Slug of the source that signs in at Looker, for its SQL; not needed where that is the model's source,
    which then gives the rows."""


class ModelSpec(Spec):
    """A query with a primary key.

    The query stands in a `.sql` file of the same name beside this file, or the model is one `table`, a
    model of `dbt`, or a `look` of Looker's.
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
    dbt: DbtSpec | None = None
    """A model that dbt builds, instead of a query."""
    look: LookSpec | None = None
    """A Look or a query of Looker's, instead of a query."""
    lines: LinesSpec | None = None
    """Gather the rows of one primary key into one row that lists them in its column `lines`."""
    title: str = ""
    """Its name for people, where that is not the slug."""
    description: str = ""
    """For people; Bookward does not read it."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(each is not None for each in (self.table, self.sql, self.dbt, self.look)) > 1:
            raise ValueError("a model is either a query, a table, one of dbt's or a Look: one of them")
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

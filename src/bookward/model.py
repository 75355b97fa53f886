"""A model bound to the source that it reads: its columns, its rows, and a look at the first of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bookward import dbt
from bookward.clock import Clock
from bookward.errors import ColumnMissing, ModelRefused
from bookward.heavy import pa
from bookward.nearest import did_you_mean
from bookward.ports import Rows, SqlPushdown
from bookward.records import Row
from bookward.sources import select
from bookward.sources.base import NotANumber, Source
from bookward.sources.bounds import Bounds
from bookward.sources.shape import kind_of
from bookward.spec.model import LINES, ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows of a model."""

    columns: tuple[tuple[str, str], ...]  #: name and type of each column, in words a person knows
    rows: list[Row]
    seconds: float  #: how long the source took
    of_lines: frozenset[str] = frozenset()  #: the columns that say something of a line of a record
    is_whole: bool = False  #: whether there are no more; not known, so false, where as many were asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Mappable:
    """A column of a model's rows, as they are once their lines are gathered."""

    name: str
    type: str  #: in words a person knows
    inside: tuple[Mappable, ...] = ()  #: the columns of the lines in it, so far as they are known


class Model:
    """A model and its source.

    Raises:
        ModelRefused: the query is not one single SELECT; ``line`` and ``column`` of a
            `bookward.sources.select.QueryRefused` say where it goes wrong.
    """

    def __init__(
        self,
        name: str,
        spec: ModelSpec,
        source: Source,
        clock: Clock,
        folder: dbt.Folder | None = None,
        look: Callable[[], str] | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        """Bind the model ``spec``.

        Args:
            folder: has what dbt wrote down, for a model of dbt's.
            look: asks for the query of a Look, for a model of Looker's.
            bounds: how much it may give; None for any amount.
        """
        self.name = name
        self.spec = spec
        self._source = source
        self._clock = clock
        self._bounds = bounds
        self._folder = folder
        self._look = look
        self._said = None if spec.dbt or spec.look else _query(name, spec, source.dialect)
        self._columns: pa.Schema | None = None
        self._loose: set[str] = set()

    def refuse_unfit(self) -> None:
        """Refuse a model of dbt's whose build or tests failed, or that is too old; others are always fit.

        Raises:
            BuildUnfit: with what dbt said.
            ModelRefused, SourceUnreachable, JobsRefused, JobsUnreachable: dbt's files cannot be read.
        """
        if self.spec.dbt is not None and self._folder is not None:
            found = self._folder.artefacts()
            dbt.refuse_unfit(self.spec.dbt, found, self._clock.now())
            self._said = _built(found.find(self.spec.dbt.model), self._source.dialect)

    @property
    def _query(self) -> str:
        if self._said is None and self._look is not None:
            self._said = self._look()
        if self._said is None:
            assert self.spec.dbt is not None
            assert self._folder is not None
            found = self._folder.artefacts()
            self._said = _built(found.find(self.spec.dbt.model), self._source.dialect)
        return self._said

    def columns(self) -> pa.Schema:
        """Return the columns as the source describes them; it is asked once.

        Raises:
            ModelRefused: two columns have one name, upper and lower case being the same, or there is none.
            SourceUnreachable, SourceFailed: as the source says.
        """
        if self._columns is None:
            with self._source.read(select.limited(self._query, 0, self._source.dialect)) as rows:
                _refuse_unusable(self.name, rows.schema.names)
                self._columns = rows.schema
        return self._columns

    def mappable(self) -> tuple[Mappable, ...]:
        """Return what a sync can refer to: of a model that gathers rows, its column of lines as well.

        Raises:
            ModelRefused, SourceUnreachable, SourceFailed: as ``columns``.
        """
        columns = [_mappable(field) for field in self.columns()]
        lines = self.spec.lines.columns if self.spec.lines else []
        found = [column for column in columns if column.name not in self.spec.own_columns]
        if lines:
            inside = tuple(column for column in columns if column.name in lines)
            found.append(Mappable(name=LINES, type="lines", inside=inside))
        return tuple(found)

    @contextmanager
    def read(
        self, columns: Sequence[str], limit: int | None = None, by: Sequence[str] = ()
    ) -> Iterator[Rows]:
        """Read these columns of all rows, or of the first so many; the source is not asked for others.

        Args:
            columns: what is read.
            limit: how many of the rows.
            by: some of the columns, to tell which the first are; see ``select.limited``.

        Raises:
            ColumnMissing: the model does not return one of them.
            SourceUnreachable, SourceFailed: as the source says, also while rows are taken.
            NotANumber: while rows are taken; ``loosen`` its column and read again.
            ReadTooLarge: while all rows are taken, of which there are more than may be.
        """
        query = self.query(columns)
        if limit is not None:
            query = select.limited(query, limit, self._source.dialect, by)
        with self._source.read(query) as rows:
            yield self.within(rows) if limit is None else rows

    def within(self, rows: Rows) -> Rows:
        """Return rows of it, however they were read; see ``Bounds.within``."""
        return self._bounds.within(rows) if self._bounds else rows

    def query(self, columns: Sequence[str]) -> str:
        """Return the query that gives these columns of all rows.

        Raises:
            ColumnMissing, SourceUnreachable, SourceFailed: as ``read``.
        """
        wanted = list(dict.fromkeys(columns))
        self._require(wanted)
        return select.projection(self._query, wanted, self._source.dialect, self._loose)

    def pushdown(self) -> SqlPushdown | None:
        """Return what compares its rows in the source itself, None where that cannot be."""
        return self._source.pushdown()

    def loosen(self, column: str) -> None:
        """Read a column's numbers as text from now on, whatever its type has no place for among them."""
        self._loose.add(column)

    def preview(self, limit: int = 100) -> Preview:
        """Return the columns with their types and the first rows."""
        try:
            return self._preview(limit)
        except NotANumber as error:
            self.loosen(error.column)
            return self.preview(limit)

    def _preview(self, limit: int) -> Preview:
        start = self._clock.now()
        dialect = self._source.dialect
        query = self._query
        if self._loose:
            query = select.projection(query, self.columns().names, dialect, self._loose)
        with self._source.read(select.limited(query, limit, dialect)) as rows:
            _refuse_unusable(self.name, rows.schema.names)
            found = [row for batch in rows.batches for row in _python_rows(batch)]
        return Preview(
            columns=tuple((field.name, friendly_type(field)) for field in rows.schema),
            rows=found,
            seconds=(self._clock.now() - start).total_seconds(),
            is_whole=len(found) < limit,
        )

    def _require(self, wanted: Sequence[str]) -> None:
        names = self.columns().names
        for name in wanted:
            if name not in names:
                raise ColumnMissing(
                    f"Model {self.name!r} has no column {name!r}. {did_you_mean(name, names)}".rstrip(),
                    remedy=f"Its columns are: {', '.join(names)}. Add the column to the model or correct "
                    "the name.",
                )


def _mappable(field: pa.Field[Any]) -> Mappable:
    item = field.type.value_type if pa.types.is_list(field.type) else None
    inside = tuple(map(_mappable, item)) if item is not None and pa.types.is_struct(item) else ()
    return Mappable(name=field.name, type="lines" if inside else friendly_type(field), inside=inside)


def friendly_type(field: pa.Field[Any]) -> str:
    """Return the type of a column in words that a person knows."""
    return kind_of(field) or _words(field.type)


def _words(type_: Any) -> str:
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision},{type_.scale})"
    if pa.types.is_timestamp(type_):
        return "timestamp with zone" if type_.tz else "timestamp"
    if pa.types.is_list(type_):
        return f"list of {_words(type_.value_type)}"
    names: dict[Callable[[pa.DataType], bool], str] = {
        pa.types.is_string: "text",
        pa.types.is_integer: "integer",
        pa.types.is_boolean: "boolean",
        pa.types.is_floating: "float",
        pa.types.is_date: "date",
        pa.types.is_time: "time",
        pa.types.is_binary: "bytes",
    }
    return next((name for matches, name in names.items() if matches(type_)), str(type_))


def _query(name: str, spec: ModelSpec, dialect: str) -> str:
    if spec.table is not None:
        return select.table_query(spec.table, dialect)
    if spec.sql is None:
        raise ModelRefused(
            f"Model {name!r} has neither a query nor a table.",
            remedy=f"Write the query into {name}.sql beside the model's file, or name a `table` in it.",
        )
    return select.single_select(spec.sql, dialect)


def _built(model: dbt.DbtModel, dialect: str) -> str:
    if model.relation is not None:
        return f"SELECT * FROM {model.relation}"
    if model.query is not None:
        return select.single_select(model.query, dialect)
    raise ModelRefused(
        f"dbt's model {model.name!r} is ephemeral: there is no table of it, and dbt has not compiled it.",
        remedy="Materialise it as a view or a table, or run `dbt compile`.",
    )


def _refuse_unusable(model: str, names: Sequence[str]) -> None:
    if not names:
        raise ModelRefused(f"Model {model!r} returns no columns.", remedy="Select at least one column.")
    seen: dict[str, str] = {}
    for name in names:
        other = seen.get(name.casefold())
        seen[name.casefold()] = name
        if other is not None:
            what = f"two columns {name!r}" if other == name else f"columns {other!r} and {name!r}"
            raise ModelRefused(
                f"Model {model!r} returns {what}; upper and lower case do not tell columns apart.",
                remedy="Give each column a name of its own: SELECT a.id, b.id AS b_id ...",
            )


def _python_rows(batch: pa.RecordBatch) -> list[Row]:
    decimals = [field.name for field in batch.schema if kind_of(field) == "decimal"]
    rows: list[dict[str, Any]] = batch.to_pylist()
    for row in rows:
        row.update({name: _decimal(row[name]) for name in decimals})
    return list(rows)


def _decimal(text: str | None) -> Decimal | str | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return text

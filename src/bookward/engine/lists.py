"""A field's entries from the lines in a column, and the check that they add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

from bookward import exactjson
from bookward.engine.casts import Cast, to_decimal
from bookward.engine.rendering import ABSENT, Notes, OnNull, Render
from bookward.engine.text import Unfit, is_blank, plain_text, shown
from bookward.errors import ColumnMissing, FieldInvalid, FieldRequired, RowError, TotalDiffers
from bookward.linesum import EXACT, line_sum
from bookward.records import Row


class JsonLine(dict[str, Any]):
    """An object in JSON: what it does not have is null."""

    def __missing__(self, name: str) -> None:
        return None


class Total(NamedTuple):
    """What the entries of a list must come to."""

    column: str
    of: Sequence[str]  #: the fields of an entry that multiplied give its amount
    percent: str = ""  #: the field that says how many percent are taken off, if one does
    discount: str = ""  #: the field that says what is taken off, if one does

    def amount(self, entry: Mapping[str, Any], path: str) -> Decimal:
        """Return what an entry comes to, in cents; one that has none of the fields comes to nothing.

        Raises:
            FieldRequired: the entry has some of the fields only.
        """
        missing = [name for name in self.of if name not in entry]
        if len(missing) == len(self.of):
            return Decimal()
        if missing:
            field = f"{path}.{missing[0]}"
            message = f"{field} must have a value, or what the line comes to is not known."
            raise FieldRequired(message, field=field)
        factors = [Decimal(entry[name]) for name in self.of]
        return line_sum(factors, entry.get(self.percent), entry.get(self.discount))

    def check(self, row: Row, amounts: Sequence[Decimal], path: str) -> None:
        """Hold the amounts of the entries against the row.

        Raises:
            TotalDiffers: the row says another total, or none though there are entries.
            FieldInvalid: what the row says is no number.
            ColumnMissing: the row does not have the column.
        """
        said = _value(row, self.column, path)
        if is_blank(said) and not amounts:
            return
        total = Decimal("0.00")
        for amount in amounts:
            total = EXACT.add(total, amount)
        if is_blank(said):
            message = f"{path}: the lines come to {total}, and column {self.column!r} says nothing."
            raise TotalDiffers(message, field=path)
        try:
            expected = to_decimal(said)
        except Unfit as error:
            message = f"{path}: column {self.column!r} is {shown(said)}: {error}."
            raise FieldInvalid(message, field=path) from error
        if expected != total:
            message = f"{path}: the lines come to {total}, and column {self.column!r} says "
            raise TotalDiffers(f"{message}{plain_text(expected)}.", field=path)


def each(
    column: str, path: str, entry: Render, null: OnNull, most: int | None, total: Total | None
) -> Render:
    """Return the rendering of a list with an entry for every line in a column.

    Args:
        path: the list's own; what is said about an entry names it by "path[]", which becomes its number.
        entry: renders one line; a line of which nothing is left is noted and left out.
        most: how many entries the field takes.
    """

    def render(row: Row, notes: Notes) -> Any:
        entries: list[Any] = []
        amounts: list[Decimal] = []
        for number, line in enumerate(lines_of(_value(row, column, path), path, column), 1):
            value = _numbered(entry, line, notes, path, number)
            if value is ABSENT:
                notes.append(f"{path}[{number}] says nothing and is left out")
                continue
            entries.append(value)
            if total is not None:
                amounts.append(total.amount(value, f"{path}[{number}]"))
        if total is not None:
            total.check(row, amounts, path)
        if most is not None and len(entries) > most:
            message = f"{path} has {len(entries)} entries, at most {most} are allowed."
            raise FieldInvalid(message, field=path)
        return entries or null()

    return render


def named(column: str, path: str, by: str, cast: Cast) -> Render:
    """Return the rendering of the records that a column names, each as ``{by: value}``, sorted.

    The column holds one value, a list of them, or JSON with a list of them; nothing names none.
    """

    def render(row: Row, _: Notes) -> Any:
        values = [cast(value) for value in _names(_value(row, column, path)) if not is_blank(value)]
        return [{by: value} for value in sorted(dict.fromkeys(values), key=str)]

    return render


def _names(value: Any) -> list[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        with suppress(exactjson.JsonError, RecursionError):  # a name may well begin with a bracket
            value = exactjson.decode(value)
    return value if isinstance(value, list) else [value]


def _value(row: Row, column: str, path: str) -> Any:
    try:
        return row[column]
    except KeyError:
        raise ColumnMissing(f"{path} needs column {column!r}, which the row does not have.") from None


def lines_of(value: Any, path: str, column: str) -> list[Row]:
    """Return the lines that a column's value holds: a list of structs, or JSON with a list of objects.

    Raises:
        FieldInvalid: it is neither, or one of its items is no object.
    """
    if is_blank(value):
        return []
    if isinstance(value, str):
        value = _parsed(value, path, column)
    if value is None:
        return []
    if not isinstance(value, list):
        message = f"{path} needs a list of objects, and column {column!r} is {shown(value)}."
        raise FieldInvalid(message, field=path)
    for number, line in enumerate(value, 1):
        if not isinstance(line, dict):
            message = f"{path}[{number}] is {shown(line)} in column {column!r}, and an object is needed."
            raise FieldInvalid(message, field=f"{path}[{number}]")
    return value


def _parsed(text: str, path: str, column: str) -> Any:
    try:
        return _lenient(exactjson.decode(text))
    except (exactjson.JsonError, RecursionError) as error:
        message = f"{path} needs a list of objects, and column {column!r} is {shown(text)}: {error}."
        raise FieldInvalid(message, field=path) from error


def _lenient(value: Any) -> Any:
    if isinstance(value, list):
        return [_lenient(part) for part in value]
    if isinstance(value, dict):
        return JsonLine({name: _lenient(part) for name, part in value.items()})
    return value


def _numbered(entry: Render, line: Row, notes: Notes, path: str, number: int) -> Any:
    """Render a line, with its number in whatever is said about it."""
    before = len(notes)
    try:
        value = entry(line, notes)
    except RowError as error:
        message, field = _with_number(path, number, error.message), error.field
        where = _with_number(path, number, field) if field else None
        raise type(error)(message, field=where, remedy=error.remedy) from error
    notes[before:] = [_with_number(path, number, note) for note in notes[before:]]
    return value


def _with_number(path: str, number: int, text: str) -> str:
    return text.replace(f"{path}[]", f"{path}[{number}]", 1)


def sorted_json(text: str | None) -> str | None:
    """Return JSON without white space and with its members sorted; other text as it is."""
    try:
        return None if text is None else exactjson.encode_sorted(exactjson.decode(text)).decode()
    except (exactjson.JsonError, RecursionError):
        return text

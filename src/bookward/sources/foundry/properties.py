"""Properties of object types as columns, and their values as Foundry writes them into JSON.

Source: Palantir, foundry-platform-python, docs/v2/Ontologies: ObjectPropertyType, PropertyValue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from bookward.heavy import pa
from bookward.sources import arrays, jsontext
from bookward.sources.arrays import Taken
from bookward.sources.statements import StatementRefused

_TEXTS = {"string", "cipherText", "marking"}
_NESTED = {
    "attachment",
    "geopoint",
    "geoshape",
    "geotimeSeriesReference",
    "mediaReference",
    "struct",
    "timeseries",
}


class _Plain(NamedTuple):
    """A type whose values have one of their own in Arrow."""

    arrow: pa.DataType
    read: Callable[[Any], Any]


def column(name: str, type_: Mapping[str, Any]) -> Taken:
    """Return the column of a property.

    Args:
        name: of the column.
        type_: the property's, as Foundry describes it. One that nobody knows here becomes text.

    Raises:
        StatementRefused: by the column, of a value that its type does not have.
    """
    made = _column(name, type_)

    def build(values: Any) -> Any:
        try:
            return made.build(values)
        except (ValueError, TypeError, ArithmeticError) as error:  # Arrow's errors are among them
            said = " ".join(str(error).split())
            raise StatementRefused(
                f"property {name!r} is {words(type_)}, and holds another: {said}"
            ) from error

    return Taken(made.field, build)


def words(type_: Mapping[str, Any]) -> str:
    """Return a type as a person reads it: `decimal(12,2)`, `array of string`."""
    kind = str(type_.get("type"))
    if kind == "array":
        return f"array of {words(type_['subType'])}"
    if kind == "decimal" and type_.get("precision"):
        return f"decimal({type_['precision']},{type_.get('scale') or 0})"
    return kind if _is_known(kind) else f"{kind}, read as text"


def _is_known(kind: str) -> bool:
    return kind in {*_TEXTS, *_NESTED, "decimal", "vector"} or _plain(kind) is not None


def _column(name: str, type_: Mapping[str, Any]) -> Taken:
    kind = type_["type"]
    if kind == "decimal":
        # Without a precision it has up to 38 digits, wherever its point is: exact text.
        return _exact(name, type_)
    if kind == "vector":
        return _list(name, _Plain(pa.float64(), float))
    if kind == "array":
        item = _item(type_["subType"])
        return _list(name, item) if item else arrays.converted(name, pa.string(), jsontext.written, "json")
    if kind in _NESTED:
        return arrays.converted(name, pa.string(), jsontext.written, "json")
    plain = _plain(kind)
    if plain is None:
        return arrays.converted(name, pa.string(), _as_text)
    return arrays.converted(name, plain.arrow, plain.read)


def _exact(name: str, type_: Mapping[str, Any]) -> Taken:
    return arrays.exact(name, int(type_.get("precision") or 0), int(type_.get("scale") or 0))


def _item(type_: Mapping[str, Any]) -> _Plain | None:
    """Return the type of an array's items, None where the array is JSON."""
    if type_["type"] == "decimal":
        exact = _exact("", type_).field.type
        return _Plain(exact, Decimal) if pa.types.is_decimal(exact) else None
    return _plain(type_["type"])


def _list(name: str, item: _Plain) -> Taken:
    read = arrays.or_null(item.read)
    return arrays.converted(name, pa.list_(item.arrow), lambda values: [read(value) for value in values])


def _plain(kind: str) -> _Plain | None:
    if kind in _TEXTS:
        return _Plain(pa.string(), _as_text)
    known: Mapping[str, tuple[Callable[[], pa.DataType], Callable[[Any], Any]]] = {
        "boolean": (pa.bool_, _boolean),
        "byte": (pa.int8, int),
        "short": (pa.int16, int),
        "integer": (pa.int32, int),
        "long": (pa.int64, int),
        "float": (pa.float64, float),
        "double": (pa.float64, float),
        "date": (pa.date32, _day),
        "timestamp": (lambda: pa.timestamp("us", "UTC"), _moment),
    }
    if kind not in known:
        return None
    arrow, read = known[kind]
    return _Plain(arrow(), read)


def _as_text(value: Any) -> str:
    return str(value) if isinstance(value, str) else jsontext.written(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value] if value in ("true", "false") else _no("boolean", value)


def _day(text: str) -> date:
    # ISO 8601 gives a sign to years that have more or fewer than four digits.
    beyond = {"-": date.min, "+": date.max}.get(text[:1])
    return beyond or date.fromisoformat(text)


def _moment(text: str) -> datetime:
    if text[:1] in ("-", "+"):
        return datetime.combine(_day(text), time.min if text[0] == "-" else time.max, UTC)
    found = datetime.fromisoformat(text)  # what comes after microseconds is dropped, as everywhere
    return found.astimezone(UTC) if found.tzinfo else _no("moment with a zone", text)


def _no(what: str, value: Any) -> Any:
    raise ValueError(f"{value!r} is no {what}")

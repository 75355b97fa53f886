"""What came over the wire, turned into elements of known fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from uuid import UUID

from bookward import exactjson
from bookward.demo.xero.answers import ZERO_ID, Refused, exception
from bookward.demo.xero.envelope import Element, read_moment

MAX_NUMBER = Decimal(10) ** 28  #: numbers that Xero's own type cannot hold


@dataclass(frozen=True, slots=True)
class Text:
    """A text of at most ``limit`` characters."""

    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a set of names."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Id:
    """A GUID; the zero one stands for none."""


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number."""


@dataclass(frozen=True, slots=True)
class Day:
    """A date without a time; read into ``YYYY-MM-DD``."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Anything: the field is read-only, so what is sent is not looked at."""


@dataclass(frozen=True, slots=True)
class Group:
    """Named fields."""

    fields: Mapping[str, Kind]
    lower: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", {name.lower(): name for name in self.fields})


@dataclass(frozen=True, slots=True)
class Items:
    """A list of groups."""

    of: Group


Kind: TypeAlias = Text | Choice | Id | Boolean | Whole | Number | Day | Ignored | Group | Items


def read_elements(
    body: bytes, plural: str, singular: str, group: Group, *, refuse_unknown: bool
) -> list[Element]:
    """Return the elements of a body: an enveloped list, an enveloped element, or one bare element.

    Raises:
        Refused: not JSON, a value of a wrong kind, an unknown name (14), or nothing to process (17).
    """
    raw = _unwrapped(_decoded(body), plural, group)
    if not raw:
        raise _no_data(singular)
    return [_read(element, group, plural, refuse_unknown=refuse_unknown) for element in raw]


def _decoded(body: bytes) -> Any:
    if not body.strip():
        return None
    try:
        return exactjson.decode(body)
    except (exactjson.JsonError, RecursionError):
        raise invalid("The JSON of the request could not be parsed.") from None


def _unwrapped(value: Any, plural: str, group: Group) -> list[Any]:
    if not isinstance(value, dict):
        return []
    for name, member in value.items():
        if name.lower() == plural.lower():
            return member if isinstance(member, list) else [member] if member else []
    return [value] if any(name.lower() in group.lower for name in value) else []


def invalid(message: str) -> Refused:
    """Return the refusal of a body that cannot be understood."""
    return exception(14, "PostDataInvalidException", message)


def _no_data(singular: str) -> Refused:
    return exception(
        17,
        "NoDataProcessedException",
        "No data has been processed for this endpoint. "
        f"This endpoint is expecting {singular} data to be specified in the request body.",
    )


def _read(value: Any, kind: Kind, where: str, *, refuse_unknown: bool) -> Any:
    if value is None or isinstance(kind, Ignored):
        return value
    match kind:
        case Group():
            return _read_group(value, kind, where, refuse_unknown=refuse_unknown)
        case Items(of):
            items = value if isinstance(value, list) else [value]
            return [
                _read(item, of, where, refuse_unknown=refuse_unknown) for item in items if item is not None
            ]
        case _:
            return _read_scalar(value, kind, where)


def _read_group(value: Any, group: Group, where: str, *, refuse_unknown: bool) -> Element:
    if not isinstance(value, dict):
        raise invalid(f"{where}: an object was expected.")
    element: Element = {}
    for sent, member in value.items():
        name = sent if sent in group.fields else group.lower.get(sent.lower())
        if name is not None:
            place = f"{where}.{name}"
            element[name] = _read(member, group.fields[name], place, refuse_unknown=refuse_unknown)
        elif refuse_unknown:
            raise invalid(f"{where}: there is no element '{sent}'.")
    return element


def _read_scalar(value: Any, kind: Kind, where: str) -> Any:
    match kind:
        case Text() if not isinstance(value, dict | list):
            return str(value).lower() if isinstance(value, bool) else str(value)
        case Choice(values) if value in values or value == "":
            return value or None
        case Boolean() if isinstance(value, bool) or value in {"true", "false"}:
            return value in {True, "true"}
        case Whole() if _is_whole(value):
            return int(value)
        case Number() if (number := _number(value)) is not None:
            return number
        case Day() if isinstance(value, str) and (moment := read_moment(value)):
            return moment.date().isoformat()
        case Id():
            return _read_id(value, where)
        case _:
            raise invalid(f"{where}: '{value}' is not valid.")


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).removeprefix("-").isdecimal()


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < MAX_NUMBER else None


def _read_id(value: Any, where: str) -> str | None:
    try:
        guid = str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise invalid(f"{where}: '{value}' is not a valid Guid.") from None
    return None if guid == ZERO_ID else guid

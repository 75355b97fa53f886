"""Asks for records by their keys: which queries that takes, each within what Xero lets a query be.

Source: Xero, Requests and responses, and XeroAPI/xero-node#404: a query of more than 2,048 characters is
answered as if nothing was there, so none here comes near it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from unicodedata import normalize
from urllib.parse import quote

from bookward.destinations.xero.objects import OF_ANY_TYPE, XeroObject
from bookward.records import NARROWED

LONGEST = 2_000
"""Characters of a query at most, percent-encoded."""

_LONGEST_VALUE = 255
_OR = " OR "


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Records of one kind that a plan has to know, or to know that they are not there."""

    ids: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()  #: field and folded value

    @classmethod
    def of(cls, kind: XeroObject, ids: Iterable[str], claims: Iterable[str] = ()) -> Self:
        """Return what records have these ids, or one of the values claimed ("Field=folded value")."""
        parts = [claim.partition("=") for claim in claims]
        named = {folded for field, _, folded in parts if field == kind.id_field}
        keys = frozenset((field, folded) for field, _, folded in parts if field != kind.id_field)
        return cls(ids=frozenset(ids) | named, keys=keys)

    def __or__(self, other: Wanted) -> Wanted:
        return Wanted(ids=self.ids | other.ids, keys=self.keys | other.keys)

    def __sub__(self, other: Wanted) -> Wanted:
        return Wanted(ids=self.ids - other.ids, keys=self.keys - other.keys)

    def __bool__(self) -> bool:
        return bool(self.ids or self.keys)


@dataclass(frozen=True, slots=True)
class Query:
    """One list of records, chosen by a parameter that is made of several parts."""

    parameter: str
    parts: tuple[str, ...]

    @property
    def params(self) -> Mapping[str, str]:
        """Return the parameter as it is sent."""
        return {self.parameter: _joint(self.parameter).join(self.parts)}

    def halves(self) -> Sequence[Query]:
        """Return the query as two; one that has a single part cannot be halved."""
        middle = len(self.parts) // 2
        parts = (self.parts[:middle], self.parts[middle:])
        return [Query(self.parameter, half) for half in parts] if middle else []


def queries(kind: XeroObject, wanted: Wanted, params: Mapping[str, str]) -> list[Query] | None:
    """Return the queries that find all that is wanted, None when a part of it cannot be asked for.

    Args:
        params: what each of them is sent with besides.
    """
    if wanted.ids and not kind.takes_ids:
        return None
    parts: dict[str, set[str]] = {"IDs": set(wanted.ids)}
    for key, folded in wanted.keys:
        field = key.removesuffix(OF_ANY_TYPE)
        value = folded.partition(NARROWED)[0]
        if not _is_safe(value):
            return None
        if field in kind.asked_in_lists and "," not in value:
            # Nobody says that lists take an accented letter and the letter with its accent for the same.
            spelt = {normalize(form, value) for form in ("NFC", "NFD")}
            parts.setdefault(kind.asked_in_lists[field], set()).update(spelt)
        elif field in kind.asked_by_value:
            parts.setdefault("where", set()).add(f"{field}=={_quoted(value)}")
        else:
            return None
    room = LONGEST - sum(len(name) + _length(value) + 2 for name, value in params.items())
    return [query for name, found in parts.items() for query in _packed(name, sorted(found), room)]


def _is_safe(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_VALUE and value.isprintable()


def _quoted(value: str) -> str:
    """Source: Xero, Requests and responses: quotes inside a text are escaped by a backslash."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _joint(parameter: str) -> str:
    return _OR if parameter == "where" else ","


def _length(text: str) -> int:
    return len(quote(text, safe=","))


def _packed(parameter: str, parts: Sequence[str], room: int) -> Iterator[Query]:
    """Yield as few queries as hold all parts in their order."""
    joint, left, taken = _length(_joint(parameter)), 0, list[str]()
    for part in parts:
        if taken and _length(part) + joint > left:
            yield Query(parameter, tuple(taken))
            taken = []
        left = (left - joint if taken else room - len(parameter) - 1) - _length(part)
        taken.append(part)
    if taken:
        yield Query(parameter, tuple(taken))

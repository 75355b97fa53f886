"""Why rows were not synced, many at a time: reasons that differ only in the rows' own values are one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

_VALUES = re.compile(
    r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?!\w)"""  # quoted as messages quote a row's values
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|-?(?<![\w.])\d+(?:[.,:-]\d+)*\b"
)
_ANY = "…"
_SHOWN = 5
_MOST = 1_000  # so many sets of values a reason are counted; those that come after are not told


class Refused(NamedTuple):
    """Rows that were refused in the same words."""

    status: str  #: what became of them, or what a plan does about them
    code: str
    message: str
    remedy: str
    field: str | None
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some rows were not synced."""

    id: str  #: stable: the same reason has the same id in every run
    code: str
    field: str | None  #: without the places of lines and the like
    message: str  #: with "…" where the rows differ
    remedy: str  #: of one of the rows
    rows: int
    statuses: Mapping[str, int]  #: rows by what became of them, or by what a plan does about them
    values: Mapping[str, int]  #: rows by the first value in which they differ: the most frequent few


def reason_id(code: str, message: str, field: str | None) -> str:
    """Return what tells the reason of a refusal from others, whatever the row's values."""
    said = "\0".join((code, _without_values(field or ""), _without_values(message)))
    return sha256(said.encode()).hexdigest()[:16]


def reasons(refused: Iterable[Refused]) -> list[Reason]:
    """Return the reasons of refusals, those of most rows first."""
    first: dict[str, Refused] = {}
    same: dict[str, bool] = {}
    statuses: dict[str, Counter[str]] = {}
    values: dict[str, Counter[tuple[str, ...]]] = {}
    for each in refused:
        id_ = reason_id(each.code, each.message, each.field)
        one = first.setdefault(id_, each)
        same[id_] = same.get(id_, True) and one.message == each.message
        statuses.setdefault(id_, Counter())[each.status] += each.rows
        _count(values.setdefault(id_, Counter()), each)
    found = [_reason(id_, one, same[id_], statuses[id_], values[id_]) for id_, one in first.items()]
    return sorted(found, key=lambda reason: (-reason.rows, reason.message))


def _count(values: Counter[tuple[str, ...]], each: Refused) -> None:
    said = tuple(_VALUES.findall(each.message))
    if said in values or len(values) < _MOST:
        values[said] += each.rows


def _few(values: Counter[tuple[str, ...]]) -> Mapping[str, int]:
    """Return the most frequent of the values in which messages differ first; nothing where none do."""
    differ = [place for place, column in enumerate(zip(*values, strict=True)) if len(set(column)) > 1]
    if not differ:
        return {}
    found: Counter[str] = Counter()
    for said, rows in values.items():
        found[said[differ[0]].strip("'\"")] += rows
    return dict(found.most_common(_SHOWN))


def _reason(
    id_: str, one: Refused, same: bool, statuses: Counter[str], values: Counter[tuple[str, ...]]
) -> Reason:
    return Reason(
        id=id_,
        code=one.code,
        field=_without_values(one.field) if one.field else None,
        message=one.message if same else _without_values(one.message),
        remedy=one.remedy,
        rows=statuses.total(),
        statuses=dict(statuses),
        values=_few(values),
    )


def _without_values(text: str) -> str:
    return _VALUES.sub(_ANY, text)

"""What a row may have meant that names something which is not in Xero, for the remedy of its refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bookward.destinations.xero.index import XeroIndex
from bookward.errors import LookUpFailed
from bookward.nearest import nearest_few

_FEW = 8
_MOST = 500  # comparing with more takes too long for each row


def remedy_of_missing(index: XeroIndex, field: str, value: str) -> str:
    """Return what to do about a row that names a record by a value which none has in ``field``."""
    kind = index.kind
    names = {} if field.endswith("ID") else index.names(field)  # one id is as near as another
    said = instead_of(value, names, kind.listed_under) if kind.listed_under else ""
    return f"{said} {kind.when_missing or LookUpFailed.remedy}".strip()


def instead_of(value: str, names: Mapping[str, str], under: str) -> str:
    """Return the names there are instead of ``value``: all of few, else those near it and where all stand.

    Args:
        names: with what people call each, which may be what the row says instead of the name.
        under: the page of Xero's that lists all.
    """
    if 0 < len(names) <= _FEW:
        return f"In Xero there are: {_listed(names, names)}."
    meant = {title: name for name, title in names.items()} | {name: name for name in names}
    near = nearest_few(value, tuple(meant)) if len(names) <= _MOST else ()
    if not near:
        return f"In Xero, all are under {under}."
    found = dict.fromkeys(meant[each] for each in near)
    return f"Nearest to {value!r} in Xero: {_listed(found, names)}; all are under {under}."


def _listed(found: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(name if names[name] in ("", name) else f"{name} ({names[name]})" for name in found)

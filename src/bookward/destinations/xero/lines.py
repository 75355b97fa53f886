"""Line items: compared one by one, and given the ids that they have in Xero already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bookward.destinations.xero.comparison import differences
from bookward.errors import FieldInvalid
from bookward.linesum import line_sum
from bookward.records import Payload

Line = Mapping[str, Any]

_EXTRAS = ("ItemCode", "DiscountRate", "DiscountAmount")
"""What changes a line's amount when it is there; Xero never fills it in by itself."""

_OPEN_ONCE_PAID = ("Description", "AccountCode", "AccountID", "Tracking")

PLACES: Mapping[str, int] = {
    "Quantity": 4,
    "UnitAmount": 4,
    "LineAmount": 2,
    "TaxAmount": 2,
    "DiscountAmount": 2,
}
"""The decimal places that Xero keeps of a line. Source: Xero, Rounding."""


_RECKONED_OF = ("Quantity", "UnitAmount", "DiscountRate", "DiscountAmount")


def line_amount(line: Line) -> Decimal:
    """Return what a line comes to without the tax that Xero adds; tax that the line includes is in it.

    Source: Xero, Invoices: a line without an amount comes to quantity times unit amount, less its discount.
    """
    if line.get("LineAmount") is not None:
        return Decimal(line["LineAmount"])
    quantity = line.get("Quantity")
    factors = (Decimal(1) if quantity is None else quantity, line.get("UnitAmount") or Decimal())
    return line_sum(factors, line.get("DiscountRate"), line.get("DiscountAmount"))


def says_amount(line: Line) -> bool:
    """Return whether a line says what it comes to; one that does not keeps its amount, or gets its item's."""
    return any(line.get(name) is not None for name in ("LineAmount", "UnitAmount"))


def completed(sent: Sequence[Line], live: Sequence[Line]) -> list[Payload]:
    """Return lines as they will be: what is sent of one by its id, and for the rest what it says by now.

    Source: Xero, Invoices, updating line items.
    """
    held = {line.get("LineItemID"): line for line in live}
    return [_over(held.get(line.get("LineItemID")) or {}, line) for line in sent]


def _over(held: Line, sent: Line) -> Payload:
    reckoned_anew = any(name in sent for name in _RECKONED_OF)
    return {
        name: value for name, value in held.items() if not (reckoned_anew and name == "LineAmount")
    } | dict(sent)


def account_of(line: Line) -> str:
    """Return the account that a line is booked on: its code, or its id where only that is said."""
    return str(line.get("AccountCode") or line.get("AccountID") or "")


def check_discount(line: Line, path: str) -> None:
    """Refuse a line, at ``path``, with both kinds of discount: Xero does not say which of them counts.

    Raises:
        FieldInvalid: it has a rate and an amount.
    """
    rate, amount = line.get("DiscountRate"), line.get("DiscountAmount")
    if rate is not None and amount is not None and (rate or amount):
        raise FieldInvalid(
            f"{path} has a DiscountRate of {rate} and a DiscountAmount of {amount}; a line has one of them.",
            field=f"{path}.DiscountAmount",
            remedy="Leave one of the two null in the model.",
        )


def line_differences(wanted: Sequence[Line], live: Sequence[Line]) -> Payload:
    """Return Xero's lines, under the name of their field, where they are not the wanted ones in that order.

    A field that a wanted line does not have is not compared, since Xero fills in what was left out; but what
    would change the amount has to be wanted.
    """
    if len(wanted) == len(live) and all(_same(*pair) for pair in zip(wanted, live, strict=True)):
        return {}
    named = dict.fromkeys([*(name for line in wanted for name in line), *_EXTRAS])
    return {"LineItems": [_shown(line, named) for line in live]}


def _shown(line: Line, named: Iterable[str]) -> Payload:
    return {name: line[name] for name in named if line.get(name) not in (None, "")}


def with_line_ids(wanted: Sequence[Line], live: Sequence[Line]) -> list[Payload]:
    """Return the wanted lines with the ids of the lines that they change or leave alone.

    Equal lines keep their ids wherever they stand now; what is left is paired in order, where nothing of the
    old line would stay that the wanted one does not name. A line without an id is made anew, and a line in
    Xero that is not named is deleted.
    Source: Xero, Invoices, updating line items.
    """
    ids = _paired(wanted, live, _covers)
    return [
        ({"LineItemID": ids[place]} if place in ids else {}) | dict(line) for place, line in enumerate(wanted)
    ]


def open_lines(wanted: Sequence[Line], live: Sequence[Line]) -> list[Payload] | None:
    """Return what is sent of the lines of a paid document, by their ids; None when Xero would refuse it.

    Source: Xero, Invoices, updating paid invoices: descriptions, accounts and tracking may still change.
    """
    ids = _paired(wanted, live, _differs_where_open)
    if not len(ids) == len(wanted) == len(live):
        return None
    return [
        {"LineItemID": ids[place]} | {name: line[name] for name in _OPEN_ONCE_PAID if name in line}
        for place, line in enumerate(wanted)
    ]


def _paired(
    wanted: Sequence[Line], live: Sequence[Line], otherwise: Callable[[Line, Line], bool]
) -> dict[int, str]:
    """Return the ids of held lines by the place of the wanted one: of equal ones, then of those that fit."""
    free = [line for line in live if line.get("LineItemID")]
    ids: dict[int, str] = {}
    for fits in (_same, otherwise):
        for place, line in enumerate(wanted):
            held = next((held for held in free if fits(line, held)), None)
            if place not in ids and held is not None:
                ids[place] = held["LineItemID"]
                free.remove(held)
    return ids


def _differs_where_open(wanted: Line, held: Line) -> bool:
    return _same({name: value for name, value in wanted.items() if name not in _OPEN_ONCE_PAID}, held)


def _same(wanted: Line, held: Line) -> bool:
    named = wanted.get("LineItemID")  # of a line that is named, what is not sent stays
    if not named and any(held.get(name) and name not in wanted for name in _EXTRAS):
        return False
    return not differences(_plain(wanted), _plain(held, wanted.get("Tracking")))


def _covers(wanted: Line, held: Line) -> bool:
    """Return whether a held line that is changed to the wanted one keeps nothing that was not asked for."""
    moved = any(wanted.get(name) != held.get(name) for name in ("AccountCode", "ItemCode"))
    staying = (*_EXTRAS, "Tracking", "TaxType") if moved else (*_EXTRAS, "Tracking")
    return all(name in wanted or not held.get(name) for name in staying)


def _plain(line: Line, wanted_tracking: Sequence[Line] | None = None) -> Payload:
    """Return a line whose tracking compares: in one order, without the ids that Xero adds."""
    entries = line.get("Tracking")
    if not entries:
        return dict(line)
    named = {name for entry in wanted_tracking or entries for name in entry}
    told = [{name: str(entry.get(name, "")).casefold() for name in sorted(named)} for entry in entries]
    return dict(line) | {"Tracking": sorted(told, key=repr)}

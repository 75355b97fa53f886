"""Line items: compared one by one, and given the ids that they have in Xero already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bookward.destinations.xero.comparison import differences
from bookward.records import Payload

Line = Mapping[str, Any]


def line_differences(wanted: Sequence[Line], live: Sequence[Line]) -> Payload:
    """Return Xero's lines, under the name of their field, where they are not the wanted ones in that order.

    A field that a wanted line does not have is not compared: Xero fills in what was left out.
    """
    if len(wanted) == len(live) and all(_same(pair[0], pair[1]) for pair in zip(wanted, live, strict=True)):
        return {}
    named = list(dict.fromkeys(name for line in wanted for name in line))
    return {"LineItems": [{name: line[name] for name in named if name in line} for line in live]}


def with_line_ids(wanted: Sequence[Line], live: Sequence[Line]) -> list[Payload]:
    """Return the wanted lines with the ids of the lines that they change or leave alone.

    Equal lines keep their ids wherever they stand now; what is left is paired in order. A line without an
    id is made anew, and a line in Xero that is not named is deleted.
    Source: Xero, Invoices, updating line items.
    """
    free = [line for line in live if line.get("LineItemID")]
    ids: dict[int, str] = {}
    for place, line in enumerate(wanted):
        equal = next((held for held in free if _same(line, held)), None)
        if equal is not None:
            ids[place] = equal["LineItemID"]
            free.remove(equal)
    for place in range(len(wanted)):
        if place not in ids and free:
            ids[place] = free.pop(0)["LineItemID"]
    return [
        ({"LineItemID": ids[place]} if place in ids else {}) | dict(line) for place, line in enumerate(wanted)
    ]


def _same(wanted: Line, held: Line) -> bool:
    return not differences({**wanted}, held)

"""What an address of Looker leads to, and which of it can be had as SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bookward.errors import ModelRefused
from bookward.heavy import exp, sqlglot
from bookward.sources import select


@dataclass(frozen=True, slots=True)
class Place:
    """A Look by its number, or a query by the short word in its address."""

    look: str | None = None
    slug: str | None = None


def place_of(url: str, looker: str) -> Place:
    """Return what an address leads to.

    Args:
        looker: address of the Looker that it should be of; of an address, what comes after that is enough.

    Raises:
        ModelRefused: it is another's, or of something else than a Look or a query.
    """
    parts = urlsplit(url if "://" in url else f"{looker}/{url.lstrip('/')}")
    if parts.hostname != urlsplit(looker).hostname:
        raise ModelRefused(
            f"{url!r} is not an address of {looker}.",
            remedy="Name the source of the Looker that the address is of, or correct the address.",
        )
    ways = [part for part in parts.path.split("/") if part]
    qid = parse_qs(parts.query).get("qid", [""])[0]
    if len(ways) >= 2 and ways[0] == "looks" and ways[1].isdecimal():
        return Place(look=ways[1])
    if ways[:1] == ["explore"] and qid:
        return Place(slug=qid)
    if len(ways) == 2 and ways[0] == "x":
        return Place(slug=ways[1])
    raise ModelRefused(
        f"{url!r} is the address of neither a Look nor a query.",
        remedy="Save the query as a Look (.../looks/42), or take its address with `qid=` from the browser.",
    )


def refuse_without_sql(query: Mapping[str, Any], what: str) -> None:
    """Refuse a query of which Looker computes a part itself, after the warehouse.

    Raises:
        ModelRefused: that part would not be in the rows.
    """
    calculations = [
        each for each in json.loads(query.get("dynamic_fields") or "[]") if "table_calculation" in each
    ]
    parts = {
        "pivots": query.get("pivots"),
        "table calculations": calculations,
        "rows that it fills in": query.get("fill_fields"),
        "subtotals": query.get("subtotals"),
    }
    found = [name for name, given in parts.items() if given]
    if found:
        raise ModelRefused(
            f"{what} has {' and '.join(found)}, which Looker makes itself and which are not in its SQL.",
            remedy="Take them out, or let Looker give the rows: name the Looker as the model's `source`.",
        )


def as_model(sql: str, what: str, dialect: str) -> str:
    """Return the SQL that Looker gives as one query whose columns' names have no dots.

    Raises:
        ModelRefused: it is cut at a number of rows, although all were asked for.
        QueryRefused: it is not one single SELECT.
    """
    query = select.single_select(sql, dialect)
    try:
        tree = sqlglot.parse_one(query, read=dialect)
    except sqlglot.errors.SqlglotError:
        return query
    if isinstance(tree, exp.Query) and (tree.args.get("limit") or tree.args.get("fetch")):
        raise ModelRefused(
            f"Looker gives {what} with a limit, although all rows were asked for.",
            remedy="Let its user download without a limit (`download_without_limit`).",
        )
    names = tree.named_selects if isinstance(tree, exp.Query) else []
    if not any("." in name for name in names):
        return query
    fields = ", ".join(
        f"{select.quoted(name, dialect)} AS {select.quoted(undotted(name), dialect)}" for name in names
    )
    return f"SELECT {fields} FROM (\n{query}\n) AS {select.quoted('look', dialect)}"


def undotted(name: str) -> str:
    """Return the name of a column for that of a field, `orders_id` for `orders.id`."""
    return name.replace(".", "_")

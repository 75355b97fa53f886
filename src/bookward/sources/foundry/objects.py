"""Object types of ontologies, and their objects page by page.

Source: Palantir, foundry-platform-python, docs/v2/Ontologies: Ontology, ObjectType, OntologyObjectSet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from bookward.heavy import pa
from bookward.ports import Rows
from bookward.records import ListedColumn, ListedTable
from bookward.sources import arrays
from bookward.sources.arrowstream import slices
from bookward.sources.foundry import properties
from bookward.sources.foundry.client import Foundry, ResultBroken
from bookward.sources.foundry.named import Wanted
from bookward.sources.statements import StatementRefused

SCOPE = "api:ontologies-read"

_ONTOLOGIES = "/api/v2/ontologies"
_PAGE = 1_000  # objects; Foundry gives up to 10,000 at once, and fewer where they are large
_TOO_MANY = "ObjectsExceededLimit"


def listed(foundry: Foundry) -> Iterator[ListedTable]:
    """Yield every object type that whoever signs in can see.

    Raises:
        httpx.HTTPError, ResultBroken: there is no good answer.
    """
    for ontology in _list(foundry.asked("GET", _ONTOLOGIES), "data"):
        found = _object_types(foundry, ontology["apiName"])
        for type_ in sorted(found, key=lambda each: str(each["apiName"])):
            yield _table(ontology["apiName"], type_)


def rows(foundry: Foundry, wanted: Wanted) -> Rows:
    """Return the objects of a type; they are asked for while batches are taken.

    Raises:
        StatementRefused: there is no such type or property, or a value is not of its property's type.
        httpx.HTTPError, ResultBroken: there is no good answer.
    """
    type_ = _object_type(foundry, wanted)
    known: Mapping[str, Any] = type_["properties"]
    chosen = wanted.columns if wanted.columns is not None else tuple((name, name) for name in known)
    for _, name in chosen:
        if name not in known:
            there = ", ".join(known)
            raise StatementRefused(f"{type_['apiName']} has no property {name!r}; there is {there}.")
    taken = [properties.column(name, known[property_]["dataType"]) for name, property_ in chosen]
    names = [property_ for _, property_ in chosen]
    pages = _pages(foundry, wanted, type_["apiName"], names)
    return Rows(arrays.schema(taken), _batches(pages, names, taken))


def _batches(
    pages: Iterator[Sequence[Mapping[str, Any]]], names: Sequence[str], taken: Sequence[arrays.Taken]
) -> Iterator[pa.RecordBatch]:
    schema = arrays.schema(taken)
    for page in pages:
        # Foundry leaves out what is null.
        built = [
            column.build([each.get(name) for each in page]) for name, column in zip(names, taken, strict=True)
        ]
        yield from slices(pa.RecordBatch.from_arrays(built, schema=schema))


def _pages(
    foundry: Foundry, wanted: Wanted, object_type: str, names: Sequence[str]
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield all objects, or the first so many, as they were when the first page was asked for."""
    most = wanted.limit
    body: dict[str, Any] = {
        "objectSet": {"type": "base", "objectType": object_type},
        "select": list(dict.fromkeys(names)),
        "excludeRid": True,
        "snapshot": True,
        "pageSize": _PAGE if most is None else min(most, _PAGE),
    }
    came, whole, seen = 0, None, set[str]()
    while most is None or came < most:
        page = _page(foundry, wanted, body)
        whole = _total(page) if whole is None else whole
        found = _list(page, "data")
        yield found if most is None else found[: most - came]
        came += len(found)
        if not (token := _next(page, seen)):
            break
        body["pageToken"] = token
    if whole is not None and came < whole and (most is None or came < most):
        raise ResultBroken(f"{came:,} of {whole:,} objects came")


def _page(foundry: Foundry, wanted: Wanted, body: Mapping[str, Any]) -> Mapping[str, Any]:
    path = f"{_ONTOLOGIES}/{quote(wanted.ontology, safe='')}/objectSets/loadObjects"
    try:
        return foundry.asked("POST", path, json=body)
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in (400, 404):
            raise
        said = foundry.said(error.response)
        more = " (it keeps them in Object Storage V1, of which it gives 10,000)" if _TOO_MANY in said else ""
        raise StatementRefused(f"{said}{more}") from error


def _object_type(foundry: Foundry, wanted: Wanted) -> Mapping[str, Any]:
    path = f"{_ONTOLOGIES}/{quote(wanted.ontology, safe='')}/objectTypes/{quote(wanted.object_type, safe='')}"
    try:
        return foundry.asked("GET", path)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise
        # A plain word in `table` folds as Spark's do; names of object types do not.
        folded = [
            each
            for each in _object_types(foundry, wanted.ontology)
            if each["apiName"].casefold() == wanted.object_type.casefold()
        ]
        if len(folded) != 1:
            raise
        return folded[0]


def _object_types(foundry: Foundry, ontology: str) -> Iterator[Mapping[str, Any]]:
    path = f"{_ONTOLOGIES}/{quote(ontology, safe='')}/objectTypes"
    asked, seen = dict[str, str](), set[str]()
    while True:
        page = foundry.asked("GET", path, params=asked)
        yield from _list(page, "data")
        if not (token := _next(page, seen)):
            return
        asked["pageToken"] = token


def _next(page: Mapping[str, Any], seen: set[str]) -> str:
    """Return the token of the next page, empty after the last, and take it down as seen."""
    token = str(page.get("nextPageToken") or "")
    if token in seen:
        raise ResultBroken("Foundry gives the token of a page a second time")
    if token:
        seen.add(token)
    return token


def _table(ontology: str, type_: Mapping[str, Any]) -> ListedTable:
    key = type_["primaryKey"]
    columns = [
        ListedColumn(name=name, type=properties.words(each["dataType"]), nullable=name != key)
        for name, each in type_["properties"].items()
    ]
    return ListedTable(schema=ontology, name=type_["apiName"], columns=tuple(columns), primary_key=(key,))


def _list(answer: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise ResultBroken(f"the answer has no {name!r}")
    return found


def _total(page: Mapping[str, Any]) -> int:
    try:
        return int(page["totalCount"])
    except (LookupError, TypeError, ValueError):
        raise ResultBroken("the answer does not say how many objects there are") from None

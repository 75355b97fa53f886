"""What two judges have to say about exchanges: the contract, and the models of the official SDK."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from bookward import exactjson
from tests.contract.local_xero.exchanges import Exchange
from tests.contract.local_xero.judge import CONTRACT, ENVELOPE, SCHEMAS, group_disagreements, is_uuid
from tests.contract.local_xero.sdk_judge import losses

MOST_BYTES = 3_500_000  #: Source: Xero, Limits
MOST_QUERY = 2048  #: characters. Source: Xero-OpenAPI#534
MOST_KEY = 128  #: characters. Source: Xero, Idempotent requests
MOST_ELEMENTS = {"Items": 500}  #: Source: Xero, Items
ERROR = {"ErrorNumber", "Type", "Message", "Elements"}
#: What Xero adds to an element that it refuses.
ADDED = ("HasErrors", "HasValidationErrors", "ValidationErrors")
#: Paths that the emulator serves beyond the contract's operations; Bookward asks for none of them.
BEYOND = {"/Organisation/Actions"}

_QUERY = {
    "integer": r"\d+",
    "boolean": "true|false",
    "array": r"[^,]+(,[^,]+)*",
    "string": ".+",
}


def of_requests(exchanges: Iterable[Exchange]) -> list[str]:
    """Return what about the requests is not as the contract says."""
    return [f"{exchange}: {found}" for exchange in exchanges for found in _request(exchange)]


def of_answers(exchanges: Iterable[Exchange]) -> list[str]:
    """Return what about the answers is not as the contract says, or is lost in the SDK."""
    return [f"{exchange}: {found}" for exchange in exchanges for found in _answer(exchange)]


def operation_of(method: str, path: str) -> Mapping[str, Any] | None:
    """Return the operation of the contract that a request calls, None when there is none."""
    found = [o for o in CONTRACT["operations"].values() if o["method"] == method and _place(o, path)]
    return max(found, key=lambda operation: operation["path"].count("/"), default=None)


def _place(operation: Mapping[str, Any], path: str) -> re.Match[str] | None:
    """Return what an operation's path finds in that of a request; a number may have a slash in it."""
    return re.fullmatch(re.sub(r"{([^}]*)}", r"(?P<\1>.+)", operation["path"]), path)


def _request(exchange: Exchange) -> Iterator[str]:
    operation = operation_of(exchange.method, exchange.path)
    if operation is None:
        yield "no operation"
        return
    yield from _path(exchange.path, operation)
    yield from _query(exchange.query, operation)
    yield from _headers(exchange, operation)
    if len(exchange.body) > MOST_BYTES:
        yield f"{len(exchange.body)} bytes"
    if sends := operation.get("sends"):
        document = exactjson.decode(exchange.body)
        yield from group_disagreements(document, sends, sent=True)
        if len(document.get(sends, ())) > MOST_ELEMENTS.get(sends, len(document.get(sends, ()))):
            yield f"{len(document[sends])} elements"
    elif exchange.body:
        yield "a body"


def _path(path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    place = _place(operation, path)
    for name, value in place.groupdict().items() if place else ():
        if operation["in_path"][name] == "uuid" and not is_uuid(value):
            yield f"{name} {value!r}"


def _query(text: str, operation: Mapping[str, Any]) -> Iterator[str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    takes = operation.get("in_query", {})
    if len(text) > MOST_QUERY:
        yield f"a query of {len(text)} characters"
    yield from (f"?{name} twice" for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    for name, value in pairs:
        if name not in takes or not re.fullmatch(_QUERY[takes[name]], value):
            yield f"?{name}={value}"


def _headers(exchange: Exchange, operation: Mapping[str, Any]) -> Iterator[str]:
    headers, takes = exchange.headers, operation["in_header"]
    if not is_uuid(headers.get("xero-tenant-id", "")):
        yield "no organisation"
    if headers.get("accept") != "application/json":
        yield "JSON is not asked for"
    if exchange.body and headers.get("content-type") != "application/json":
        yield "the body is not said to be JSON"
    if ("Idempotency-Key" in takes) != (1 <= len(headers.get("idempotency-key", "")) <= MOST_KEY):
        yield f"Idempotency-Key {headers.get('idempotency-key')!r}"
    since = headers.get("if-modified-since", "")
    if since and not ("If-Modified-Since" in takes and re.fullmatch(r"[\d-]{10}T\d\d:\d\d:\d\d", since)):
        yield f"If-Modified-Since {since!r}"


def _answer(exchange: Exchange) -> Iterator[str]:
    operation = operation_of(exchange.method, exchange.path)
    document = exchange.document
    if operation is None:
        if exchange.status < 300 and exchange.path not in BEYOND:
            yield "no operation"
        return
    returns = operation.get("returns")
    if exchange.status == 400:
        yield from _refusal(document, returns or exchange.path.split("/")[1])
    elif document is not None and exchange.status < 300 and returns:
        yield from _agrees(document, returns)
    elif exchange.status < 300 and (exchange.answer or returns):
        yield f"{exchange.answer[:80]!r} for {returns}"


def _agrees(document: dict[str, Any], returns: str) -> Iterator[str]:
    if "ProviderName" in document:
        yield from (f"no {name}" for name in ENVELOPE - document.keys())
        document = {name: member for name, member in document.items() if name not in ENVELOPE}
    listed, schema = _elements(returns)
    unfit = [element for element in document.get(listed, ()) if _is_unfit_echo(element, schema)]
    for element in unfit:
        yield from _additions(element, schema)
    if unfit:
        document |= {listed: [element for element in document[listed] if element not in unfit]}
    yield from group_disagreements(document, returns)
    yield from losses(exactjson.encode(document), returns)


def _elements(returns: str) -> tuple[str, str]:
    """Return the name of the list in an answer and the schema of what is in it; an element has no list."""
    lists = {name: field["ref"] for name, field in SCHEMAS[returns].items() if field.get("list")}
    named = [(name, ref) for name, ref in lists.items() if ref != "ValidationError"]
    return named[0] if len(named) == 1 else ("", returns)


def _is_unfit_echo(element: Mapping[str, Any], schema: str) -> bool:
    """Return whether an element was refused for what it says, and says it.

    Source: Xero, Requests and responses: what is refused comes back as it was sent.
    """
    missing = [n for n, f in SCHEMAS[schema].items() if f.get("required") and element.get(n) is None]
    unfit = missing or list(group_disagreements(dict(element), schema))
    return bool(unfit) and _is_refused(element)


def _is_refused(value: Any) -> bool:
    """Return whether there is an error in an element, however deep."""
    if isinstance(value, dict):
        return bool(value.get("ValidationErrors")) or any(_is_refused(member) for member in value.values())
    return isinstance(value, list) and any(_is_refused(member) for member in value)


def _additions(element: Mapping[str, Any], schema: str) -> Iterator[str]:
    """Yield what of a refused element is wrong that nobody has sent."""
    added = {name: element[name] for name in ADDED if name in element}
    return group_disagreements(added, schema)


def _refusal(document: Any, returns: str) -> Iterator[str]:
    names = document.keys() if isinstance(document, dict) else set()
    if not ERROR - {"Elements"} <= names <= ERROR:
        yield f"an error of {document!r}"
        return
    _, schema = _elements(returns)
    for element in document.get("Elements", ()):
        unfit = _is_unfit_echo(element, schema)
        yield from _additions(element, schema) if unfit else group_disagreements(element, schema)

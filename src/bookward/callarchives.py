"""API calls as files that other programs read: HAR 1.2, and JSON a line each.

Source: W3C Web Performance Working Group, HTTP Archive (HAR) format, version 1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bookward import __version__, exactjson
from bookward.documents import Document

_NOT_KNOWN = -1


def har(calls: Iterable[Document]) -> Iterator[bytes]:
    """Yield calls, each with headers and bodies, as one HAR file, piece by piece."""
    creator = exactjson.encode({"name": "Bookward", "version": __version__})
    yield b'{"log":{"version":"1.2","creator":' + creator + b',"entries":['
    for place, call in enumerate(calls):
        yield (b",\n" if place else b"\n") + exactjson.encode(_entry(call))
    yield b"\n]}}\n"


def ndjson(calls: Iterable[Document]) -> Iterator[bytes]:
    """Yield calls as JSON, a line each."""
    for call in calls:
        yield exactjson.encode(call) + b"\n"


ARCHIVES: Mapping[str, tuple[Callable[[Iterable[Document]], Iterator[bytes]], str]] = {
    "har": (har, "application/json"),
    "ndjson": (ndjson, "application/x-ndjson"),
}
"""What makes each of them, and its media type, by the ending of the file."""


def _entry(call: Document) -> Document:
    comment = {"comment": call["error"]} if call["error"] else {}
    return {
        "startedDateTime": call["at"],
        "time": call["duration_ms"],
        "request": _request(call),
        "response": _response(call),
        "cache": {},
        "timings": {"send": 0, "wait": call["duration_ms"], "receive": 0},
        "_number": call["number"],
        "_destination": call["destination"],
        "_purpose": call["purpose"],
        "_rows": call["rows"],
    } | comment


def _request(call: Document) -> Document:
    body, headers = call["request_body"], call["request_headers"]
    posted = {"postData": {"mimeType": _type_of(headers), "params": [], "text": body}} if body else {}
    query = parse_qsl(urlsplit(call["url"]).query, keep_blank_values=True)
    told = {
        "method": call["method"],
        "url": call["url"],
        "queryString": [{"name": name, "value": value} for name, value in query],
    }
    return told | _message(headers, body) | posted


def _response(call: Document) -> Document:
    status, body = call["status"] or 0, call["response_body"]  # no answer came: browsers write 0
    known = status in HTTPStatus.__members__.values()
    told = {
        "status": status,
        "statusText": HTTPStatus(status).phrase if known else "",
        "content": {"size": len(body.encode()), "mimeType": _type_of(call["response_headers"]), "text": body},
        "redirectURL": "",
    }
    return told | _message(call["response_headers"], body)


def _message(headers: Mapping[str, str], body: str) -> dict[str, Any]:
    return {
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "headersSize": _NOT_KNOWN,
        "bodySize": len(body.encode()),
    }


def _type_of(headers: Mapping[str, str]) -> str:
    found = (value for name, value in headers.items() if name.lower() == "content-type")
    return next(found, "application/octet-stream")

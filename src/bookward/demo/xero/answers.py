"""What goes back over the wire, before it is HTTP; and the exception that carries it out of anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bookward import exactjson

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
ZERO_ID = "00000000-0000-0000-0000-000000000000"

_HTML_TEXTS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "The resource you're looking for cannot be found",
    412: "Precondition Failed",
    500: "An error occurred. Please contact support.",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response."""

    status: int = 200
    body: bytes = b""
    type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    elements: int = 0  #: records in the body


class Refused(Exception):
    """Answer this, and do no more."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with ``value`` as its body."""
    return Answer(status=status, body=exactjson.encode(value), headers=headers or {})


def html_answer(status: int) -> Answer:
    """Return an answer such as the servers in front of the API give."""
    text = _HTML_TEXTS.get(status, "Error")
    return Answer(status=status, type=HTML, body=f"<html><body><h1>{text}</h1></body></html>".encode())


def empty_answer(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer without body and content type."""
    return Answer(status=status, type="", headers=headers or {})


def exception(number: int, type_: str, message: str) -> Refused:
    """Return a refusal of the whole request in the shape the Accounting API has for it."""
    return Refused(json_answer({"ErrorNumber": number, "Type": type_, "Message": message}, 400))


def not_found() -> Refused:
    """Return the refusal for what is not there."""
    return Refused(html_answer(404))

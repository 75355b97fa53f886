"""Answers batches of contacts as Xero does, and nothing else of it: every element back whole, with its id."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

PREFIX = "/api.xro/2.0/"
HEADERS = [(b"x-minlimit-remaining", b"100000"), (b"x-daylimit-remaining", b"1000000")]
"""Limits that hold nobody back."""

_NEW = {"ContactStatus": "ACTIVE", "UpdatedDateUTC": "/Date(1767225600000+0000)/"}
_NOTHING = b'{"Contacts":[]}'


class XeroAnswers:
    """The contacts of one organisation; empty in the beginning, and read by nobody else."""

    def __init__(self) -> None:
        self._contacts: dict[str, dict[str, Any]] = {}

    def answer(self, body: bytes) -> bytes:
        """Return the answer to a batch; to a question, that nothing was changed by others."""
        if not body:
            return _NOTHING
        return msgspec.json.encode({"Contacts": [self._saved(sent) for sent in elements(body)]})

    def _saved(self, sent: dict[str, Any]) -> dict[str, Any]:
        id_ = sent.get("ContactID") or str(uuid5(NAMESPACE_URL, sent["ContactNumber"]))
        held = self._contacts[id_] if "ContactID" in sent else _NEW | {"ContactID": id_}
        self._contacts[id_] = held | sent
        return held | sent | {"StatusAttributeString": "OK"}


def elements(body: bytes) -> list[dict[str, Any]]:
    """Return the elements of a batch."""
    found: list[dict[str, Any]] = msgspec.json.decode(body)["Contacts"]
    return found


def is_removal(element: dict[str, Any]) -> bool:
    """Return whether an element archives its contact."""
    return element.get("ContactStatus") == "ARCHIVED"

"""What viewers do not see of API calls: bodies, headers, and queries, which name people and sums."""

from __future__ import annotations

from bookward.documents import Document
from bookward.serving import Role

HIDDEN = "[hidden]"


def is_hidden_from(role: Role) -> bool:
    """Return whether a role sees calls in part only."""
    return not role.may(Role.EDITOR)


def masked(call: Document, role: Role) -> Document:
    """Return a call as a role may see it."""
    if not is_hidden_from(role):
        return call | {"hidden": False}
    address, query, _ = call["url"].partition("?")
    shown = call | {"hidden": True, "url": f"{address}?{HIDDEN}" if query else address}
    for body in ("request_body", "response_body"):
        if body in shown:
            shown[body] = HIDDEN if shown[body] else ""
    for headers in ("request_headers", "response_headers"):
        if headers in shown:
            shown[headers] = dict.fromkeys(shown[headers], HIDDEN)
    return shown


def mentions(call: Document, text: str) -> bool:
    """Return whether what is shown of a call contains a text."""
    return text.casefold() in f"{call['url']} {call['purpose']} {call['error'] or ''}".casefold()

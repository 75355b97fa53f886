"""What viewers do not see: of API calls bodies, headers and queries, and of rows whatever they say.

Why a row was refused is told them as what its code means: messages quote values of the row, and Xero's own
words do so in ways that nobody can tell from the rest.
"""

from __future__ import annotations

from dataclasses import replace

from bookward.app import Report, RunRow
from bookward.documents import Document
from bookward.errors import meaning_of
from bookward.serving import Role

HIDDEN = "[hidden]"
_OF_THE_ROW = ("source", "former", "payload", "before", "brief")
_WORDS = ("warnings", "notes")


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


def masked_row(row: Document, role: Role) -> Document:
    """Return a row of a run, of a plan or of a sync as a role may see it."""
    if not is_hidden_from(role):
        return row
    shown = row | {name: None for name in _OF_THE_ROW if name in row}
    shown |= {name: [HIDDEN] * len(row[name]) for name in _WORDS if name in row}
    return shown | {"rejection": row["rejection"] and masked_reason(row["rejection"], role)}


def masked_reason(reason: Document, role: Role) -> Document:
    """Return why rows were refused as a role may see it."""
    if not is_hidden_from(role):
        return reason
    message, remedy = _plainly(reason["code"])
    return reason | {"message": message, "remedy": remedy} | ({"values": {}} if "values" in reason else {})


def masked_report(report: Report, role: Role) -> Report:
    """Return what is told of a run as a role may see it."""
    if not is_hidden_from(role):
        return report
    return replace(report, not_synced=[_masked(row) for row in report.not_synced])


def _masked(row: RunRow) -> RunRow:
    message, remedy = _plainly(row.code) if row.code else (None, None)
    return replace(row, message=message, remedy=remedy, warnings=())


def _plainly(code: str) -> tuple[str, str]:
    """Return message and remedy of a refusal without a word of the row."""
    meaning = meaning_of(code)
    return meaning.said or HIDDEN, meaning.remedy


def row_mentions(row: Document, text: str) -> bool:
    """Return whether what is shown of a row contains a text."""
    said, brief = row.get("rejection") or {}, row.get("brief") or {}
    told = (brief.get("called"), brief.get("party"), said.get("code"), said.get("message"))
    parts = (row["key"], row["remote_id"], *told)
    return text.casefold() in "\n".join(str(part) for part in parts if part).casefold()


def mentions(call: Document, text: str) -> bool:
    """Return whether what is shown of a call contains a text."""
    return text.casefold() in f"{call['url']} {call['purpose']} {call['error'] or ''}".casefold()

"""What stands around the records of the Accounting API, its dates, and its validation errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

from bookward.demo.xero.answers import Answer, json_answer

Element = dict[str, Any]

_MS_DATE = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")


def millis(moment: datetime) -> int:
    """Return the milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def ms_date(milliseconds: int) -> str:
    """Return a date as the fields of records have it."""
    return f"/Date({milliseconds}+0000)/"


def read_moment(text: str) -> datetime | None:
    """Return the moment of an ISO, ``/Date(ms)/`` or HTTP date, in UTC; None where it is none of these."""
    if found := _MS_DATE.fullmatch(text.strip()):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except ValueError:
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def enveloped(
    plural: str,
    elements: Sequence[Element],
    *,
    provider: str,
    now: datetime,
    pagination: Element | None = None,
) -> Answer:
    """Return the answer to a good request."""
    value: Element = {
        "Id": str(uuid4()),
        "Status": "OK",
        "ProviderName": provider,
        "DateTimeUTC": f"/Date({millis(now)})/",
    }
    if pagination is not None:
        value["pagination"] = pagination
    value[plural] = elements
    answer = json_answer(value)
    return Answer(body=answer.body, elements=len(elements))


def summarised(failed: Sequence[Element]) -> Answer:
    """Return the answer to a request with failing elements when errors are summarised: only those."""
    answer = json_answer(
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": failed,
        },
        400,
    )
    return Answer(status=400, body=answer.body, elements=len(failed))


def messages(texts: Sequence[str]) -> list[Element]:
    """Return texts as validation errors."""
    return [{"Message": text} for text in texts]

"""The time zones of Xero's organisations by the names that they have everywhere else.

Source: Xero, Types, time zones, which are Windows' names; Unicode CLDR, windowsZones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from bookward import exactjson
from bookward.errors import FieldInvalid

_NO_LONGER_WINDOWS = {"KAMCHATKASTANDARDTIME": "Asia/Kamchatka", "MIDATLANTICSTANDARDTIME": "Etc/GMT+2"}
"""Xero still has them. Source: Unicode CLDR, windowsZones of the years in which Windows had them too."""


@cache
def _names() -> Mapping[str, str]:
    found: Mapping[str, str] = exactjson.decode((files(__package__) / "zones.json").read_bytes())
    return {**_NO_LONGER_WINDOWS, **found}


@cache
def zone_named(name: str) -> ZoneInfo:
    """Return the time zone that Xero calls ``name``.

    Raises:
        FieldInvalid: it is not known; no day can then be told from a moment.
    """
    if name not in _names():
        raise FieldInvalid(
            f"The organisation's time zone {name!r} is not known, so the day of a moment is not either.",
            remedy="Return a date instead of a moment from the model.",
        )
    return ZoneInfo(_names()[name])

"""Every time zone that Xero's contract names is one that Python knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookward.destinations.xero.fields import CONTRACT
from bookward.destinations.xero.zones import zone_named
from bookward.errors import FieldInvalid

JULY = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", CONTRACT["schemas"]["TimeZone"][""]["enum"])
def test_every_zone_of_the_contract_is_known(name: str) -> None:
    assert JULY.astimezone(zone_named(name)).utcoffset() is not None


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("NEWZEALANDSTANDARDTIME", 12),
        ("GMTSTANDARDTIME", 1),
        ("UTC", 0),
        ("UTC11", -11),
        ("UTC+13", 13),
        ("WEUROPESTANDARDTIME", 2),
        ("EASTERNSTANDARDTIME(MEXICO)", -5),
        ("INDIASTANDARDTIME", 5.5),
        ("MIDATLANTICSTANDARDTIME", -2),
    ],
)
def test_a_zone_is_the_one_that_the_name_says(name: str, hours: float) -> None:
    assert JULY.astimezone(zone_named(name)).utcoffset() == timedelta(hours=hours)


def test_a_zone_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(FieldInvalid, match="'MARSTIME' is not known"):
        zone_named("MARSTIME")

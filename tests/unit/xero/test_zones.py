"""Every time zone that Xero's contract names is one that Python knows."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookward.destinations.xero.fields import CONTRACT
from bookward.destinations.xero.zones import zone_named
from bookward.errors import FieldInvalid

SCRIPT = Path(__file__).parents[3] / "scripts/distil_zones.py"
_spec = importlib.util.spec_from_file_location("distil_zones", SCRIPT)
assert _spec
assert _spec.loader
distil_zones = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(distil_zones)

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


def test_the_table_is_distilled_from_the_zones_that_stand_for_the_world() -> None:
    text = """<supplementalData><windowsZones><mapTimezones>
        <mapZone other="W. Europe Standard Time" territory="001" type="Europe/Berlin"/>
        <mapZone other="W. Europe Standard Time" territory="AT" type="Europe/Vienna"/>
        <mapZone other="UTC-11" territory="001" type="Etc/GMT+11"/>
        <mapZone other="UTC+12" territory="001" type="Etc/GMT-12"/>
        <mapZone other="Eastern Standard Time (Mexico)" territory="001" type="America/Cancun"/>
    </mapTimezones></windowsZones></supplementalData>"""
    assert distil_zones.distil(text) == {
        "EASTERNSTANDARDTIME(MEXICO)": "America/Cancun",
        "UTC+12": "Etc/GMT-12",
        "UTC11": "Etc/GMT+11",
        "WEUROPESTANDARDTIME": "Europe/Berlin",
    }

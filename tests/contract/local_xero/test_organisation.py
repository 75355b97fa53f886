"""The organisation itself: its dates, its edition and what day it is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero.organisation import today
from tests.contract.local_xero.driver import ORGANISATION, call
from tests.contract.local_xero.sdk import Driver


def test_organisation_shows_its_lock_dates_and_edition(xero: LocalXero, sdk: Driver) -> None:
    company = replace(
        DEMO_COMPANY,
        edition="PARTNER",
        plan="PREMIUM",
        period_lock_date=date(2026, 9, 30),
        year_lock_date=date(2026, 3, 31),
    )
    xero.options = replace(xero.options, companies=(company,))
    (shown,) = sdk.accounting.get_organisations(DEMO_COMPANY.id).organisations
    assert (shown.edition, shown._class, shown.is_demo_company) == ("PARTNER", "PREMIUM", False)
    assert (shown.period_lock_date, shown.end_of_year_lock_date) == (date(2026, 9, 30), date(2026, 3, 31))


def test_organisation_without_lock_dates_shows_none(api: httpx.Client) -> None:
    (shown,) = api.get(ORGANISATION).json()["Organisations"]
    assert not {"PeriodLockDate", "EndOfYearLockDate"} & shown.keys()
    assert (shown["Class"], shown["Edition"], shown["IsDemoCompany"]) == ("DEMO", "BUSINESS", True)


def test_lock_dates_are_set_from_another_process(xero: LocalXero) -> None:
    companies = [{"id": DEMO_COMPANY.id, "name": "Locked", "period_lock_date": "2026-09-30"}]
    assert call("POST", f"{xero.url}/_control/options", json={"companies": companies}).status_code == 200
    assert xero.options.companies[0].period_lock_date == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("NEWZEALANDSTANDARDTIME", 3), ("GMTSTANDARDTIME", 2), ("EASTERNSTANDARDTIME", 2), ("UTC", 2)],
)
def test_today_is_the_organisations_own(xero: LocalXero, zone: str, day: int) -> None:
    company = replace(DEMO_COMPANY, timezone=zone)
    xero.options = replace(xero.options, companies=(company,))
    xero.clock.set(datetime(2026, 11, 2, 12, 0, tzinfo=UTC))
    with xero.books() as books:
        assert today(books) == date(2026, 11, day)

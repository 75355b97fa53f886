"""Tax rates and currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest
from xero_python.accounting import Currency, CurrencyCode, TaxComponent, TaxRate, TaxRates

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import tax_rate_write as rules
from bookward.demo.xero.subscriptions import NO_CODE
from tests.contract.local_xero.driver import complaints
from tests.contract.local_xero.sdk import Driver, refusal

TENANT = DEMO_COMPANY.id
PATH = "/api.xro/2.0/TaxRates"
CITY = {"Name": "City", "Rate": 2.25}


def city(**changes: Any) -> TaxRates:
    fields = {
        "name": "City",
        "report_tax_type": "INPUT",
        "tax_components": [TaxComponent(name="State", rate=2.25)],
    }
    return TaxRates(tax_rates=[TaxRate(**fields | changes)])


def test_new_organisation_has_tax_rates(sdk: Driver) -> None:
    rates = sdk.accounting.get_tax_rates(TENANT).tax_rates
    assert [(rate.tax_type, rate.name, rate.effective_rate) for rate in rates] == [
        ("INPUT2", "15% GST on Expenses", 15),
        ("OUTPUT2", "15% GST on Income", 15),
        ("GSTONIMPORTS", "GST on Imports", 0),
        ("NONE", "No GST", 0),
        ("ZERORATED", "Zero Rated", 0),
    ]
    output = sdk.accounting.get_tax_rate_by_tax_type(TENANT, "OUTPUT2").tax_rates[0]
    assert (output.can_apply_to_revenue, output.can_apply_to_expenses) == (True, False)
    assert output.tax_components[0].rate == 15


def test_tax_rate_is_made_changed_and_deleted(sdk: Driver) -> None:
    accounting = sdk.accounting
    (made,) = accounting.create_tax_rates(TENANT, city()).tax_rates
    assert (made.tax_type, made.status, made.effective_rate) == ("TAX001", "ACTIVE", 2.25)
    assert (made.can_apply_to_expenses, made.can_apply_to_revenue) == (True, False)
    (second,) = accounting.create_tax_rates(TENANT, city(name="Other")).tax_rates
    assert second.tax_type == "TAX002"
    compound = [TaxComponent(name="State", rate=8), TaxComponent(name="City", rate=10, is_compound=True)]
    (changed,) = accounting.update_tax_rate(TENANT, city(tax_components=compound)).tax_rates
    assert (changed.tax_type, changed.display_tax_rate, changed.effective_rate) == (
        "TAX001",
        18,
        Decimal("18.8"),
    )
    (deleted,) = accounting.update_tax_rate(TENANT, city(status="DELETED")).tax_rates
    assert (deleted.tax_type, deleted.status) == ("TAX001", "DELETED")
    with refusal() as messages:
        accounting.update_tax_rate(TENANT, city())
    assert messages == [rules.DELETED_RATE]


@pytest.mark.parametrize(
    ("method", "fields", "messages"),
    [
        ("PUT", {"Status": "ACTIVE"}, [rules.NO_NAME, rules.NO_REPORT, rules.NO_COMPONENTS]),
        ("PUT", {"Name": "no gst", "ReportTaxType": "NONE", "TaxComponents": [CITY]}, [rules.NAME_TAKEN]),
        (
            "PUT",
            {"Name": "x", "ReportTaxType": "NONE", "TaxComponents": [{"Name": "y"}]},
            [rules.NO_COMPONENTS],
        ),
        (
            "PUT",
            {"Name": "x", "ReportTaxType": "NONE", "TaxComponents": [CITY | {"Rate": 101}]},
            [rules.BAD_RATE],
        ),
        (
            "PUT",
            {"Name": "x", "ReportTaxType": "NONE", "TaxComponents": [CITY | {"IsCompound": True}] * 2},
            [rules.TWO_COMPOUND],
        ),
        ("POST", {"TaxType": "OUTPUT2", "Name": "New"}, [rules.SYSTEM_RATE]),
        ("POST", {"TaxType": "TAX009", "Name": "New"}, ["The TaxType code 'TAX009' is not valid."]),
    ],
)
def test_refused_tax_rates(
    xero: LocalXero, api: httpx.Client, method: str, fields: dict[str, Any], messages: list[str]
) -> None:
    answer = api.request(method, PATH, json={"TaxRates": [fields]})
    assert complaints(answer) == messages
    assert len(xero.records("TaxRates")) == 5


def test_tax_rates_are_filtered_and_ordered(api: httpx.Client) -> None:
    def types(**query: str) -> list[str]:
        return [rate["TaxType"] for rate in api.get(PATH, params=query).json()["TaxRates"]]

    assert types(where="CanApplyToRevenue==false") == ["INPUT2"]
    assert types(where="EffectiveRate > 0", order="Name DESC") == ["OUTPUT2", "INPUT2"]
    assert api.get(f"{PATH}/none").json()["TaxRates"][0]["Name"] == "No GST"
    assert api.get(f"{PATH}/NOTHING").status_code == 404


def test_currencies_are_subscribed_to_once(sdk: Driver, api: httpx.Client) -> None:
    for _ in range(2):
        sdk.accounting.create_currency(TENANT, Currency(code=CurrencyCode.USD, description="dollars"))
    found = sdk.accounting.get_currencies(TENANT, order="Code DESC").currencies
    assert [(one.code, one.description) for one in found] == [
        (CurrencyCode.USD, "United States Dollar"),
        (CurrencyCode.NZD, "New Zealand Dollar"),
    ]
    answer = api.put("/api.xro/2.0/Currencies", json={"Description": "Euro"})
    assert complaints(answer) == [NO_CODE]

"""The chart of accounts: what a new one has, and what may become of an account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from xero_python.accounting import Account, Accounts, AccountType, CurrencyCode

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import account_write as rules
from tests.contract.local_xero.driver import ZERO, call, complaints
from tests.contract.local_xero.sdk import Driver, refusal

TENANT = DEMO_COMPANY.id
PATH = "/api.xro/2.0/Accounts"
FAIRS = {"Code": "401", "Name": "Fairs", "Type": "EXPENSE"}
TILL = {"Name": "Till", "Type": "BANK", "BankAccountNumber": "02-1"}


def put(api: httpx.Client, **fields: Any) -> httpx.Response:
    return api.put(PATH, json={"Accounts": [fields]})


def make(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = put(api, **fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["Accounts"][0])


def post(api: httpx.Client, id_: str, **fields: Any) -> httpx.Response:
    return api.post(f"{PATH}/{id_}", json={"Accounts": [fields]})


def by_code(xero: LocalXero, code: str) -> dict[str, Any]:
    return next(account for account in xero.records("Accounts") if account.get("Code") == code)


def test_new_organisation_has_a_chart_of_accounts(sdk: Driver) -> None:
    accounts = {one.code: one for one in sdk.accounting.get_accounts(TENANT).accounts}
    assert len(accounts) == 62
    sales, bank, debtors = accounts["200"], accounts["090"], accounts["610"]
    assert (sales.name, sales.type, sales._class, sales.tax_type) == (
        "Sales",
        AccountType.REVENUE,
        "REVENUE",
        "OUTPUT2",
    )
    assert (bank.type, bank.bank_account_type, bank.currency_code) == (
        AccountType.BANK,
        "BANK",
        CurrencyCode.NZD,
    )
    assert (debtors.system_account, debtors.status) == ("DEBTORS", "ACTIVE")
    assert sales.system_account is None


def test_account_is_made_changed_archived_and_deleted(sdk: Driver) -> None:
    accounting = sdk.accounting
    made = accounting.create_account(
        TENANT,
        Account(code="401", name="Fairs", type=AccountType.EXPENSE, description="Stands"),
        idempotency_key="k",
    ).accounts[0]
    assert (made.status, made._class, made.tax_type) == ("ACTIVE", "EXPENSE", "INPUT2")
    changed = accounting.update_account(
        TENANT, made.account_id, Accounts(accounts=[Account(name="Trade fairs", tax_type="NONE")])
    ).accounts[0]
    assert (changed.code, changed.name, changed.description) == ("401", "Trade fairs", "Stands")
    assert changed.tax_type == "NONE"
    archived = accounting.update_account(
        TENANT, made.account_id, Accounts(accounts=[Account(status="ARCHIVED")])
    ).accounts[0]
    assert archived.status == "ARCHIVED"
    assert accounting.get_account(TENANT, made.account_id).accounts[0].status == "ARCHIVED"
    assert accounting.delete_account(TENANT, made.account_id).accounts[0].status == "DELETED"
    with refusal() as messages:
        accounting.create_account(TENANT, Account(code="200", name="x", type=AccountType.EXPENSE))
    assert messages == [rules.CODE_TAKEN]
    assert made.account_id not in {one.account_id for one in accounting.get_accounts(TENANT).accounts}


def test_bank_account_needs_a_number_and_no_code(api: httpx.Client) -> None:
    till = make(api, **TILL, BankAccountType="CREDITCARD")
    assert (till["BankAccountType"], till["CurrencyCode"], till["TaxType"]) == ("CREDITCARD", "NZD", "NONE")
    assert "Code" not in till
    assert complaints(put(api, Name="Box", Type="BANK")) == [rules.NO_BANK_NUMBER]
    euro = complaints(put(api, **TILL | {"Name": "Box"}, CurrencyCode="EUR", Description="d"))
    assert euro == [rules.BANK_DESCRIPTION, "Organisation is not subscribed to currency EUR"]
    assert api.put("/api.xro/2.0/Currencies", json={"Code": "EUR"}).status_code == 200
    assert make(api, **TILL | {"Name": "Box"}, CurrencyCode="EUR")["CurrencyCode"] == "EUR"


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({}, [rules.NO_NAME, rules.NO_TYPE, rules.NO_CODE]),
        (FAIRS | {"Name": "sALES"}, ["Please enter a unique Name."]),
        (FAIRS | {"Code": "200"}, ["Please enter a unique Code."]),
        (FAIRS | {"Code": "12345678901"}, ["Account Code is too long. Maximum of 10 characters allowed"]),
        (FAIRS | {"Name": "x" * 151}, ["The Name must not be longer than 150 characters."]),
        (FAIRS | {"Description": "x" * 4001}, ["The Description must not be longer than 4000 characters."]),
        (FAIRS | {"TaxType": "VAT"}, ["The TaxType code 'VAT' is not valid."]),
        (FAIRS | {"TaxType": "OUTPUT2"}, ["The TaxType code 'OUTPUT2' is not valid."]),
    ],
)
def test_refused_account_is_echoed_with_the_zero_id(
    api: httpx.Client, fields: dict[str, Any], messages: list[str]
) -> None:
    answer = put(api, **fields or {"Description": "d"})
    assert complaints(answer) == messages
    assert answer.json()["Elements"][0].items() >= {**fields, "AccountID": ZERO}.items()


def test_unknown_type_loses_the_whole_request(api: httpx.Client) -> None:
    answer = put(api, **FAIRS | {"Type": "MAGIC"})
    assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 14)


def test_names_and_codes_of_archived_accounts_stay_taken(xero: LocalXero, api: httpx.Client) -> None:
    fairs = make(api, **FAIRS)
    assert post(api, fairs["AccountID"], Status="ARCHIVED").status_code == 200
    assert complaints(put(api, **FAIRS)) == [rules.NAME_TAKEN, rules.CODE_TAKEN]
    xero.options = replace(xero.options, archived_accounts_block=False)
    assert put(api, **FAIRS).status_code == 200


def test_of_several_accounts_the_first_is_written(xero: LocalXero, api: httpx.Client) -> None:
    answer = api.put(PATH, json={"Accounts": [FAIRS, FAIRS | {"Code": "402", "Name": "Shows"}]})
    assert [account["Code"] for account in answer.json()["Accounts"]] == ["401"]
    assert len(xero.records("Accounts")) == 63


def test_errors_of_accounts_are_always_summarised(api: httpx.Client) -> None:
    body = {"Accounts": [FAIRS | {"Code": "200"}]}
    assert complaints(api.put(PATH, params={"summarizeErrors": "false"}, json=body)) == [rules.CODE_TAKEN]
    answer = api.put(PATH, params={"summarizeErrors": "false"}, json={"Accounts": [FAIRS]})
    assert "StatusAttributeString" not in answer.json()["Accounts"][0]


def test_watchlist_is_for_updates_only(api: httpx.Client) -> None:
    fairs = make(api, **FAIRS, AddToWatchlist=True)
    assert fairs["AddToWatchlist"] is False
    changed = post(api, fairs["AccountID"], AddToWatchlist=True).json()["Accounts"][0]
    assert changed["AddToWatchlist"] is True


def test_status_and_details_do_not_go_together(api: httpx.Client) -> None:
    id_ = make(api, **FAIRS)["AccountID"]
    for status in ("ACTIVE", "ARCHIVED"):
        answer = post(api, id_, Status=status, Name="Fairs")
        assert complaints(answer) == ["Cannot update account details and STATUS on the same request"]
    assert complaints(post(api, id_, Status="DELETED")) == [rules.NO_DELETING]


def test_archived_account_is_neither_changed_nor_restored(xero: LocalXero, api: httpx.Client) -> None:
    id_ = make(api, **FAIRS)["AccountID"]
    post(api, id_, Status="ARCHIVED")
    for fields in ({"Name": "New"}, {"Status": "ACTIVE"}):
        assert complaints(post(api, id_, **fields)) == [rules.ARCHIVED_ACCOUNT]
    xero.options = replace(xero.options, accounts_restorable=True)
    assert post(api, id_, Status="ACTIVE").json()["Accounts"][0]["Status"] == "ACTIVE"


def test_bank_account_is_not_updated(xero: LocalXero, api: httpx.Client) -> None:
    id_ = by_code(xero, "091")["AccountID"]
    for fields in ({"Name": "New"}, {"Status": "ARCHIVED"}):
        assert complaints(post(api, id_, **fields)) == [rules.BANK_ACCOUNT]
    xero.options = replace(xero.options, bank_accounts_archivable=True)
    assert post(api, id_, Status="ARCHIVED").status_code == 200
    sales = by_code(xero, "200")["AccountID"]
    assert complaints(post(api, sales, Type="BANK")) == [rules.BANK_TYPE]


def test_system_account_is_neither_archived_nor_deleted(xero: LocalXero, api: httpx.Client) -> None:
    id_ = by_code(xero, "610")["AccountID"]
    for fields in ({"Status": "ARCHIVED"}, {"Type": "FIXED"}):
        assert complaints(post(api, id_, **fields)) == [rules.SYSTEM_ACCOUNT]
    assert complaints(api.delete(f"{PATH}/{id_}")) == [rules.SYSTEM_ACCOUNT]
    assert post(api, id_, Name="Debtors").json()["Accounts"][0]["SystemAccount"] == "DEBTORS"


def test_unknown_account_is_not_found(api: httpx.Client) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = api.request(method, f"{PATH}/{ZERO}", json=None if method != "POST" else {"Name": "x"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_chart_is_filtered_and_ordered_and_never_paged(xero: LocalXero, api: httpx.Client) -> None:
    def codes(**query: Any) -> list[str]:
        answer = api.get(PATH, params=query)
        assert "pagination" not in answer.json()
        return [account["Code"] for account in answer.json()["Accounts"]]

    assert codes(where='Status=="ACTIVE" AND Type=="BANK"') == ["090", "091"]
    assert codes(where='Class=="LIABILITY" AND SystemAccount!=null', order="Code DESC")[:2] == ["877", "860"]
    assert codes(order="Name ASC")[0] == "800"
    assert len(codes(page=1, pageSize=1)) == 62
    for query in ({"where": "Size==1"}, {"order": "Size"}):
        wrong = api.get(PATH, params=query).json()
        assert wrong["Message"] == "No property or field 'Size' exists in type 'Account'."
    make(api, **FAIRS)
    since = {"If-Modified-Since": "2026-11-02T12:00:00"}
    assert [one["Code"] for one in api.get(PATH, headers=since).json()["Accounts"]] == ["401"]


def test_each_organisation_has_a_chart_of_its_own(xero: LocalXero) -> None:
    other = replace(DEMO_COMPANY, id="b0c1d2e3-0003-4000-8000-000000000003", name="Third", currency="GBP")
    xero.options = replace(xero.options, companies=(DEMO_COMPANY, other))
    first, second = (
        {one["AccountID"] for one in xero.records("Accounts", id_)} for id_ in (TENANT, other.id)
    )
    assert len(first) == len(second) == 62
    assert not first & second
    assert xero.records("Currencies", other.id) == [{"Code": "GBP", "Description": "British Pound"}]


def test_ledger_shows_all_kinds(xero: LocalXero, browser: httpx.Client) -> None:
    (books,) = call("GET", f"{xero.url}/_control/ledger").json()
    assert books["accounts"] == xero.records("Accounts")
    assert [rate["TaxType"] for rate in books["taxRates"]] == [
        "INPUT2",
        "OUTPUT2",
        "GSTONIMPORTS",
        "NONE",
        "ZERORATED",
    ]
    assert books["currencies"] == [{"Code": "NZD", "Description": "New Zealand Dollar"}]

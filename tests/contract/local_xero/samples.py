"""Elements of every kind, for what holds of all kinds."""

from __future__ import annotations

from typing import Any

FULL = {
    "Name": "All",
    "ContactNumber": "1",
    "EmailAddress": "a@b.co",
    "TaxNumberType": "EIN",
    "DefaultCurrency": "EUR",
    "SalesDefaultLineAmountType": "INCLUSIVE",
    "SalesTrackingCategories": [{"TrackingCategoryName": "Region", "TrackingOptionName": "North"}],
    "ContactPersons": [{"FirstName": "P", "IncludeInEmails": True}],
    "Phones": [{"PhoneType": "FAX", "PhoneNumber": "1"}],
    "Addresses": [{"AddressType": "STREET", "AddressLine1": "1 Way", "Country": "Chile"}],
    "PaymentTerms": {"Bills": {"Day": 1, "Type": "OFCURRENTMONTH"}},
    "BatchPayments": {"BankAccountNumber": "1", "Code": "C"},
}

#: Good elements of each kind, with many fields and with few.
GOOD: dict[str, list[dict[str, Any]]] = {
    "Accounts": [
        {
            "Code": "401",
            "Name": "Fairs",
            "Type": "EXPENSE",
            "Description": "Stands",
            "TaxType": "INPUT2",
            "EnablePaymentsToAccount": True,
            "ShowInExpenseClaims": True,
            "ReportingCode": "EXP",
        },
        {"Name": "Till", "Type": "BANK", "BankAccountNumber": "1", "BankAccountType": "NONE"},
    ],
    "ContactGroups": [{"Name": "VIPs"}],
    "Contacts": [FULL, {"Name": "Bare"}],
    "Currencies": [{"Code": "EUR"}, {"Code": "ALL"}],
    "Items": [
        {
            "Code": "GUITAR",
            "Name": "Guitar",
            "Description": "Sold",
            "PurchaseDescription": "Bought",
            "InventoryAssetAccountCode": "630",
            "PurchaseDetails": {"UnitPrice": 10.125, "COGSAccountCode": "310", "TaxType": "INPUT2"},
            "SalesDetails": {"UnitPrice": 20, "AccountCode": "200", "TaxType": "OUTPUT2"},
        },
        {"Code": "BARE"},
    ],
    "TrackingCategories": [{"Name": "Region"}],
    "TaxRates": [
        {
            "Name": "City",
            "ReportTaxType": "OUTPUT",
            "TaxComponents": [
                {"Name": "State", "Rate": 2.25},
                {"Name": "City", "Rate": 1, "IsCompound": True},
            ],
        },
    ],
}
#: Elements of each kind that are refused.
BAD: dict[str, list[dict[str, Any]]] = {
    "Accounts": [{"Name": "Sales", "Code": "200", "Type": "REVENUE"}, {"Type": "BANK"}],
    "ContactGroups": [{"Name": "vips"}, {"Status": "ACTIVE"}],
    "Currencies": [{"Description": "Euro"}],
    "Items": [{"Code": "bare", "SalesDetails": {"AccountCode": "0"}}],
    "TrackingCategories": [{"Name": "region"}],
    "TaxRates": [{"Name": "No GST"}, {"TaxComponents": [{"Name": "Rate"}]}],
    "Contacts": [
        FULL,
        {"Name": "<"},
        FULL | {"Phones": [{"PhoneNumber": "1"}], "Addresses": [{"City": "X"}]},
    ],
}

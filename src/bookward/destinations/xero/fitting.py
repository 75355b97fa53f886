"""What of two things that a row names does not go together, known before a call is spent.

Source: Xero, Accounting API, Tax rates; Tracking categories; Payments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bookward.destinations.xero.alternatives import instead_of
from bookward.destinations.xero.looked_up import ACTIVE, TRACKING_CATEGORIES
from bookward.destinations.xero.objects import Named, Reference
from bookward.destinations.xero.problems import remedy_for
from bookward.errors import FieldInvalid, LookUpFailed
from bookward.records import RemoteRecord

_APPLIES = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
"""The field of a tax rate that says whether it goes with accounts of a class."""

_CATEGORY = {"TrackingCategoryID": TRACKING_CATEGORIES.id_field, "Name": "Name"}


def check_tax(account: RemoteRecord | None, rate: RemoteRecord | None, path: str) -> None:
    """Refuse a tax rate, named at ``path``, that Xero does not let the account have.

    Raises:
        FieldInvalid: the rate does not apply to accounts of this class.
    """
    if account is None or rate is None:
        return
    if rate.body.get(_APPLIES.get(account.body.get("Class", ""), "")) is False:
        code, type_ = account.body.get("Code"), rate.body.get("TaxType")
        message = f"The TaxType code {type_!r} cannot be used with account code {code!r}."
        raise FieldInvalid(message, field=path, remedy=remedy_for(message))


def check_takes_payments(account: RemoteRecord, path: str) -> None:
    """Refuse an account, named at ``path``, that payments cannot be made from or into.

    Raises:
        FieldInvalid: it is no bank account, nor one that was opened to payments.
    """
    if account.body.get("Type") != "BANK" and not account.body.get("EnablePaymentsToAccount"):
        raise FieldInvalid(
            f"The account {account.body.get('Name')!r} ({account.body.get('Code')}) takes no payments.",
            field=path,
            remedy=remedy_for("account type is invalid for making a payment"),
        )


def tracking_references(line: Mapping[str, Any], path: str) -> Iterator[Reference]:
    """Yield the tracking categories that a line names."""
    for place, entry in enumerate(line.get("Tracking") or (), 1):
        for name, field in _CATEGORY.items():
            if entry.get(name):
                at = f"{path}.Tracking[{place}].{name}"
                yield Reference(path=at, object=TRACKING_CATEGORIES.name, field=field, value=entry[name])
                break


def check_tracking(line: Mapping[str, Any], path: str, named: Named) -> None:
    """Refuse an option that the category named beside it does not have, or no longer uses.

    Raises:
        LookUpFailed: there is no such option in use.
    """
    for place, entry in enumerate(line.get("Tracking") or (), 1):
        at = f"{path}.Tracking[{place}]"
        category = next((named[f"{at}.{name}"] for name in _CATEGORY if f"{at}.{name}" in named), None)
        by = next((name for name in ("TrackingOptionID", "Option") if entry.get(name)), None)
        if category is None or by is None:
            continue
        found = _option(category, by, entry[by])
        if not _is_in_use(found):
            which = f"option {entry[by]!r} of the tracking category {category.body.get('Name')!r}"
            said = f"There is no {which} in Xero" if found is None else f"The {which} is no longer in use"
            raise LookUpFailed(f"{said}.", field=f"{at}.{by}", remedy=_remedy(category, by, entry[by]))


def _is_in_use(option: Mapping[str, Any] | None) -> bool:
    return option is not None and option.get("Status", ACTIVE) == ACTIVE


def _remedy(category: RemoteRecord, by: str, value: str) -> str:
    names = [
        str(option.get("Name", "")) for option in category.body.get("Options") or () if _is_in_use(option)
    ]
    if by != "Option" or not names:
        return LookUpFailed.remedy
    said = instead_of(value, dict.fromkeys(names, ""), TRACKING_CATEGORIES.listed_under)
    return f"{said} {LookUpFailed.remedy}"


def _option(category: RemoteRecord, by: str, value: str) -> Mapping[str, Any] | None:
    shown = "TrackingOptionID" if by == "TrackingOptionID" else "Name"
    wanted = TRACKING_CATEGORIES.fold(shown, value)
    options: list[Mapping[str, Any]] = category.body.get("Options") or []
    return next((o for o in options if TRACKING_CATEGORIES.fold(shown, o.get(shown, "")) == wanted), None)

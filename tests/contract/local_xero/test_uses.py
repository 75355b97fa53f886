"""What documents use is kept."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from bookward.demo.xero import LocalXero, account_write, item_write, tracking_options, tracking_write
from bookward.demo.xero.bodies import Group
from bookward.demo.xero.kinds import RecordKind
from bookward.demo.xero.records import Records
from bookward.demo.xero.uses import USES_ACCOUNT, USES_ITEM, USES_OPTION
from tests.contract.local_xero.driver import complaints

API = "/api.xro/2.0"
TRACKED = {"InventoryAssetAccountCode": "630", "PurchaseDetails": {"COGSAccountCode": "310"}}


def use(xero: LocalXero, name: str, id_: str) -> None:
    """Put something into the books that uses something."""
    kind = RecordKind(
        plural="Uses",
        singular="Use",
        id="UseID",
        group=Group({}),
        show=lambda _books, _record, _view: {},
        keys=lambda _doc, _options: {name: [id_]},
    )
    with xero.books() as books:
        Records(books, kind).insert("ACTIVE", {})


def account(xero: LocalXero) -> str:
    return str(next(one["AccountID"] for one in xero.records("Accounts") if one["Code"] == "400"))


def item(xero: LocalXero) -> str:
    return str(xero.add("Items", [{"Code": "A", **TRACKED}])[0]["ItemID"])


@pytest.mark.parametrize(
    ("path", "make", "name", "message"),
    [
        ("Accounts", account, USES_ACCOUNT, account_write.USED_ACCOUNT),
        ("Items", item, USES_ITEM, item_write.USED),
    ],
)
def test_what_is_used_is_not_deleted(
    xero: LocalXero,
    api: httpx.Client,
    path: str,
    make: Callable[[LocalXero], str],
    name: str,
    message: str,
) -> None:
    id_ = make(xero)
    use(xero, name, id_)
    assert complaints(api.delete(f"{API}/{path}/{id_}")) == [message]
    assert api.get(f"{API}/{path}/{id_}").status_code == 200


def test_used_account_is_archived_instead(xero: LocalXero, api: httpx.Client) -> None:
    id_ = account(xero)
    use(xero, USES_ACCOUNT, id_)
    assert api.post(f"{API}/Accounts/{id_}", json={"Status": "ARCHIVED"}).status_code == 200


def test_used_item_stays_tracked_or_untracked(xero: LocalXero, api: httpx.Client) -> None:
    plain = str(xero.add("Items", [{"Code": "B"}])[0]["ItemID"])
    use(xero, USES_ITEM, plain)
    answer = api.post(f"{API}/Items", json={"Items": [{"Code": "B", **TRACKED}]})
    assert complaints(answer) == [item_write.TRACKING_FIXED]
    assert api.delete(f"{API}/Items/{plain}").status_code == 204


def test_used_tracking_option_is_archived_instead(xero: LocalXero, api: httpx.Client) -> None:
    (category,) = xero.add("TrackingCategories", [{"Name": "Region"}])
    path = f"{API}/TrackingCategories/{category['TrackingCategoryID']}"
    (option,) = api.put(f"{path}/Options", json={"Name": "North"}).json()["Options"]
    use(xero, USES_OPTION, option["TrackingOptionID"])
    one = f"{path}/Options/{option['TrackingOptionID']}"
    assert complaints(api.delete(one)) == [tracking_options.USED]
    assert complaints(api.delete(path)) == [tracking_write.USED]
    for address in (one, path):
        assert api.post(address, json={"Status": "ARCHIVED"}).status_code == 200

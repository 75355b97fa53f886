"""The official SDK as an independent driver and judge: it is strict about names, enums and dates."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bookward.demo.xero import WEB_APP, LocalXero

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from xero_python.accounting import AccountingApi
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token
    from xero_python.exceptions import AccountingBadRequestException
    from xero_python.identity import IdentityApi


class Driver:
    """The SDK pointed at a local Xero, and the token it holds."""

    def __init__(self, xero: LocalXero) -> None:
        self.tokens: dict[str, Any] = {}
        configuration = Configuration(oauth2_token=OAuth2Token(WEB_APP.id, WEB_APP.secret))
        self.client = ApiClient(
            configuration, oauth2_token_getter=lambda: self.tokens, oauth2_token_saver=self.save
        )
        self.accounting = AccountingApi(self.client)
        self.accounting.base_url = f"{xero.url}/api.xro/2.0"
        self.identity = IdentityApi(self.client)
        self.identity.base_url = xero.url

    def save(self, tokens: dict[str, Any]) -> None:
        self.tokens = tokens


@contextmanager
def refusal() -> Iterator[list[str]]:
    """Yield a list that has the messages of the elements refused in the block when it ends."""
    found: list[str] = []
    try:
        yield found
    except AccountingBadRequestException as error:
        found += [
            one["Message"] for element in error.error_data["Elements"] for one in element["ValidationErrors"]
        ]
    assert found, "nothing was refused"

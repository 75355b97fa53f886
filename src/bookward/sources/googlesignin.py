"""Who signs in at Google: a service account by its key, or a person who has agreed to it once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr


def from_key(key: SecretStr, scopes: Sequence[str]) -> Any:
    """Return the credentials of a service account.

    Raises:
        ValueError, TypeError, AttributeError, GoogleAuthError: the key is none.
    """
    from google.oauth2.service_account import Credentials

    return Credentials.from_service_account_info(json.loads(key.get_secret_value()), scopes=scopes)


def of_person(agreed: SecretStr) -> Any:
    """Return the credentials of a person, which reach as far as that person has agreed to.

    Raises:
        ValueError, TypeError, AttributeError, GoogleAuthError: ``agreed`` is not what Google writes.
    """
    from google.oauth2.credentials import Credentials

    found = json.loads(agreed.get_secret_value())
    made: Any = Credentials.from_authorized_user_info(found)
    # Google's library reads this address of service accounts' keys only, and writes it for people, too.
    return made.with_token_uri(found["token_uri"]) if "token_uri" in found else made

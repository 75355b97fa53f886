"""How Bookward signs in to BigQuery: as a service account, as a person, or with what the machine has."""

from __future__ import annotations

import logging
from typing import Any

from bookward.errors import SourceFailed
from bookward.sources import googlesignin
from bookward.sources.bigquery.spec import BigQuerySpec

_SCOPES = ("https://www.googleapis.com/auth/bigquery",)


def credentials(name: str, spec: BigQuerySpec) -> Any:
    """Return the driver's credentials.

    Raises:
        SourceFailed: there are none, or what signs in cannot be read.
    """
    if spec.user_credentials is not None:
        setting, what = "user_credentials", "what Google writes for a person who has agreed"
    elif spec.service_account_key is not None:
        setting, what = "service_account_key", "the JSON of a service account's key"
    else:
        return _of_the_machine(name)
    try:
        if spec.user_credentials is not None:
            return googlesignin.of_person(spec.user_credentials)
        assert spec.service_account_key is not None
        return googlesignin.from_key(spec.service_account_key, _SCOPES)
    except (ValueError, TypeError, AttributeError):
        # Not with its words, nor as its cause: they may repeat the key.
        raise SourceFailed(
            f"The `{setting}` of source {name!r} is not {what}.",
            remedy=f"Set what `{setting}` names to the whole JSON file that Google gives out.",
        ) from None


def _of_the_machine(name: str) -> Any:
    import google.auth
    from google.auth.credentials import with_scopes_if_required
    from google.auth.exceptions import DefaultCredentialsError

    # Which project it is stands in the source's file.
    logging.getLogger("google.auth._default").setLevel(logging.ERROR)
    try:
        # Without scopes: with them, a machine that another provider vouches for asks Google at once for its
        # project's name, which nobody here needs and a firewall may forbid.
        found, _ = google.auth.default()
    except DefaultCredentialsError as error:
        raise SourceFailed(
            f"Source {name!r} has no key, and the machine has no sign-in at Google.",
            remedy="Set `service_account_key` in the source's file, or GOOGLE_APPLICATION_CREDENTIALS.",
        ) from error
    return with_scopes_if_required(found, _SCOPES)


def principal(email: str) -> str:
    """Return who somebody is in a GRANT."""
    kind = "serviceAccount" if email.endswith(".gserviceaccount.com") else "user"
    return f"{kind}:{email}"

"""A browser for where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.request import urlopen

from bookward.demo.xero.consent import approve


def allow_access(url: str, organisations: Sequence[str] = ()) -> None:
    """Do what a person does on the consent page: press Allow, and follow it back to who asked.

    Args:
        url: the address that the sign-in shows.
        organisations: ids of those to tick; none for the one that is ticked already.
    """
    urlopen(approve(url, organisations), timeout=30).close()  # noqa: S310 - who asked is on this machine

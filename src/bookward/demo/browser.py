"""A browser for where there is none."""

from __future__ import annotations

import httpx

from bookward.demo.xero.consent import approve


def allow_access(url: str) -> None:
    """Do what a person does on the consent page: press Allow, and follow it back to who asked.

    Args:
        url: the address that the sign-in shows.
    """
    httpx.get(approve(url), timeout=30).raise_for_status()

"""What every destination's file says; each kind of destination adds its own settings."""

from __future__ import annotations

from bookward.spec.base import Spec


class DestinationSpec(Spec):
    """The books that syncs write to: one organisation."""

    type: str
    """Which kind of destination this is, for example `xero`."""
    description: str = ""
    """For people; Bookward does not read it."""

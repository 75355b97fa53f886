"""What every destination's file says; each kind of destination adds its own settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bookward.spec.alert import Alerting
from bookward.spec.schedule import Blackout


class DestinationSpec(Alerting):
    """The books that syncs write to: one organisation."""

    type: str
    """Which kind of destination this is, for example `xero`."""
    blackouts: Annotated[list[Blackout], Field(default_factory=list)]
    """Times in which no scheduled run into these books begins, such as the close of a period."""
    title: str = ""
    """Its name for people, where that is not the slug."""
    description: str = ""
    """For people; Bookward does not read it."""

"""What every source's file says; each kind of source adds its own settings."""

from __future__ import annotations

from bookward.spec.base import Spec


class SourceSpec(Spec):
    """A warehouse or other store that models read from."""

    type: str
    """Which kind of source this is, for example `postgres` or `sample`."""
    description: str = ""
    """For people; Bookward does not read it."""

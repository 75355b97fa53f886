"""What somebody may do: four roles, each of which may do all that the ones before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do."""

    VIEWER = "viewer"  #: see everything but the bodies of API calls, the rows of the warehouse and people
    EDITOR = "editor"  #: change the project's files and secrets, test and preview
    APPROVER = "approver"  #: let plans beyond the guards go, and say what is true of uncertain rows
    ADMIN = "admin"  #: invite people, give roles, and read who did what

    def may(self, needed: Role) -> bool:
        """Return whether this role is at least another."""
        return _ORDER.index(self) >= _ORDER.index(needed)

    def at_most(self, other: Role) -> Role:
        """Return the lesser of two roles."""
        return min(self, other, key=_ORDER.index)


_ORDER = tuple(Role)

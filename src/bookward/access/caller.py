"""Who asks for something."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from bookward.access.roles import Role
from bookward.records import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who is let in, and by what."""

    id: str | None  #: of the person; None for who has none: a link, or the machine's own shell
    email: str
    name: str
    role: Role
    via: str  #: "session:ID", "token:ID", "link:ID", "shell"
    address: str = ""  #: the network address

    @property
    def person(self) -> Person:
        """Who is the author of what is saved."""
        return Person(name=self.name, email=self.email)


def user_here() -> str:
    """Return the name of whoever has started this process, "somebody" where the machine does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"


def shell(user: str) -> Caller:
    """Return whoever works on the machine itself, where the state's files could be changed anyway."""
    return Caller(id=None, email=f"{user}@localhost", name=user, role=Role.ADMIN, via="shell")

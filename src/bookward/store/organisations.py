"""The names of the organisations that runs wrote to."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bookward.records import Organisation
from bookward.store.tables import runs


def known_organisation(connection: Connection, id_: str) -> Organisation:
    """Return an organisation by the name that it had in its newest run; without one where no run has it."""
    query = (
        select(runs.c.organisation_name)
        .where(runs.c.organisation == id_, runs.c.organisation_name.is_not(None))
        .order_by(runs.c.position.desc())
        .limit(1)
    )
    return Organisation(id=id_, name=connection.scalar(query) or "")

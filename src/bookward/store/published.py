"""The project as the server that has its folder last published it, for workers that have none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, Table, select

from bookward.store.database import Database
from bookward.store.tables import Moment, Text, metadata
from bookward.store.upserts import insert

published_project = Table(
    "published_project",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)

_THE_ONE = 1


class PublishedProject:
    """The files of the project, as one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def digest(self) -> str | None:
        """Return what tells whether it changed; None while nothing is published."""
        with self._database.reading() as connection:
            found: str | None = connection.scalar(select(published_project.c.digest))
        return found

    def files(self) -> tuple[str, bytes] | None:
        """Return the digest and the archive; None while nothing is published."""
        query = select(published_project.c.digest, published_project.c.files)
        with self._database.reading() as connection:
            line = connection.execute(query).first()
        return (line.digest, line.files) if line else None

    def put(self, digest: str, files: bytes, now: datetime) -> None:
        """Publish the project in the place of what was published before."""
        values = {"digest": digest, "files": files, "at": now}
        with self._database.writing() as connection:
            statement = insert(connection, published_project).values(id=_THE_ONE, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))

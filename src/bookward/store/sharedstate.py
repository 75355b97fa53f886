"""Testing the database that several machines share, without making or changing anything there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection

from bookward.errors import SettingInvalid
from bookward.records import CheckStep
from bookward.settings import Settings
from bookward.store.database import revision, revisions
from bookward.store.keeper import Keeper
from bookward.store.objects import Objects
from bookward.store.postgres import PostgresDatabase, shown

_UNSAFE = ("fsync", "full_page_writes")


class SharedState:
    """The database of ``BOOKWARD_DATABASE_URL``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = str(settings.database_url)
        self.shown = shown(self._url)

    def check(self) -> Iterator[CheckStep]:
        """Test it step by step.

        Raises:
            StoreFailed, ExtraMissing: it cannot be reached.
        """
        with closing(PostgresDatabase(self._url)) as database:
            with database.reading() as connection:
                version = connection.exec_driver_sql("SHOW server_version").scalar()
                yield CheckStep(name="reach", ok=True, detail=f"PostgreSQL {version}")
                present = revision(connection)
                yield _tables(connection, present)
                yield _durable(connection)
            yield self._files(Keeper(database, self._settings.state), known=present == revisions()[-1])

    def _files(self, keeper: Keeper, *, known: bool) -> CheckStep:
        storage = Objects(self._settings.files) if self._settings.files else None
        try:
            if known:
                keeper.check(storage)
        except SettingInvalid as error:
            return CheckStep(name="files", ok=False, detail=error.message, remedy=error.remedy)
        here = "in the state folder, so no other machine can run syncs: that takes BOOKWARD_FILES"
        return CheckStep(name="files", ok=True, detail=storage.shown if storage else here)


def _tables(connection: Connection, present: str | None) -> CheckStep:
    known = revisions()
    if present is None:
        may = connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar()
        return CheckStep(
            name="tables",
            ok=bool(may),
            detail="none yet; the first run makes them" if may else "none yet, and none can be made",
            remedy="Let the owner of the database run GRANT CREATE ON SCHEMA public TO this user.",
        )
    return CheckStep(
        name="tables",
        ok=present in known,
        detail=f"revision {present}" + ("" if present in known else ", of a newer Bookward"),
        remedy="Upgrade Bookward: pip install --upgrade bookward",
    )


def _durable(connection: Connection) -> CheckStep:
    off = [name for name in _UNSAFE if connection.exec_driver_sql(f"SHOW {name}").scalar() != "on"]
    return CheckStep(
        name="durable",
        ok=not off,
        detail=f"{' and '.join(off)} off: a power cut may lose intents" if off else "survives a power cut",
        remedy="Switch it on in the server's configuration; what is lost there may be booked twice.",
    )

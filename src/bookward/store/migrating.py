"""Brings the tables of an older Bookward, or none, to the form of today."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from bookward.store.database import MIGRATIONS


def migrate(connection: Connection) -> None:
    """Run what is missing of the migrations, in the transaction of ``connection``."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")

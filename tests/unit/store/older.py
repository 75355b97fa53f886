"""The state as earlier releases left it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import bookward.store

_SCRIPTS = Path(bookward.store.__file__).parent / "migrations"

REVISIONS = sorted(script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions())
"""All that there ever were, oldest first."""


def make_older(folder: Path, revision: str) -> None:
    """Make an empty state of an earlier revision."""
    folder.mkdir(parents=True)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    engine = create_engine(f"sqlite:///{folder / 'state.db'}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()

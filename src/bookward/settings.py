"""Everything that the environment can set, in one table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting("BOOKWARD_PROJECT", ".", "The project folder, when --project is not given."),
    Setting(
        "BOOKWARD_STATE", "", "Folder for state, snapshots and plans; default: .bookward in the project."
    ),
    Setting("BOOKWARD_KEY", "", "The key that seals tokens (Fernet, 44 characters); wins over the key file."),
    Setting(
        "BOOKWARD_KEY_FILE",
        "",
        "File that holds the key; default: key in the user's configuration folder.",
    ),
    Setting("BOOKWARD_DEBUG", "", "Any value: show the traceback of a fault in Bookward itself."),
    Setting("BOOKWARD_MEMORY_LIMIT", "1GB", "How much memory comparing may use before it spills to disk."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of this process, read once."""

    state: Path
    key: str | None
    key_file: Path
    memory_limit: str

    @classmethod
    def read(cls, project: Path, environ: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings that ``environ`` gives for a project folder."""
        given = {setting.name: environ.get(setting.name) or setting.default for setting in SETTINGS}
        key_file = given["BOOKWARD_KEY_FILE"]
        return cls(
            state=Path(given["BOOKWARD_STATE"] or project / ".bookward"),
            key=given["BOOKWARD_KEY"] or None,
            key_file=Path(key_file) if key_file else platformdirs.user_config_path("bookward") / "key",
            memory_limit=given["BOOKWARD_MEMORY_LIMIT"],
        )

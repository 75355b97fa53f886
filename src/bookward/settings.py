"""Everything that the environment can set, in one table."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import platformdirs

from bookward.errors import SettingInvalid

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([MGT]i?B)", re.IGNORECASE)
_MEGABYTES = {"M": 1, "G": 1_000, "T": 1_000_000}
_DATABASE = re.compile(r"postgres(?:ql)?://(?:[^@/?#\s]*@)?[^@/?#\s]*/[^@/?#\s]+(?:\?[^@#\s]*)?")
_STORAGES = ("s3", "gs", "abfs", "abfss", "file")
_SECRET = re.compile(r"key|secret|password|token|sig$", re.IGNORECASE)
_LEAST_MEGABYTES = 32  # with less, DuckDB cannot even begin


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting("BOOKWARD_PROJECT", ".", "The project folder, when --project is not given."),
    Setting("BOOKWARD_SERVER", "", "The server whose project is used, when --server is not given."),
    Setting("BOOKWARD_TOKEN", "", "The token for that server, when --token is not given."),
    Setting("BOOKWARD_TOKEN_FILE", "", "A file that holds that token, when --token-file is not given."),
    Setting(
        "BOOKWARD_STATE", "", "Folder for state, snapshots and plans; default: .bookward in the project."
    ),
    Setting(
        "BOOKWARD_KEY",
        "",
        "The key that seals sign-ins and secrets (Fernet, 44 characters); wins over the key file. Several, "
        "with commas between them: the first seals, all of them open; see `bookward rotate-key`.",
    ),
    Setting(
        "BOOKWARD_KEY_FILE",
        "",
        "File that holds the key; default: key in the user's configuration folder.",
    ),
    Setting("BOOKWARD_DEBUG", "", "Any value: show the traceback of a fault in Bookward itself."),
    Setting("BOOKWARD_MEMORY_LIMIT", "1GB", "How much memory comparing may use before it spills to disk."),
    Setting(
        "BOOKWARD_FILES",
        "",
        "Where snapshots and plans are kept beyond the state folder: s3://bucket/prefix, gs://..., "
        "abfs://..., file:///...; keys come from the environment or the machine's role, never from here.",
    ),
    Setting(
        "BOOKWARD_DATABASE_URL",
        "",
        "postgresql://user:password@host:port/database: keep the state in that database instead of the state "
        "folder, so that several machines share it; they need BOOKWARD_FILES and the same BOOKWARD_KEY, too.",
    ),
    Setting(
        "BOOKWARD_WORK",
        "",
        "Folder for temporary files and for what spills; default: work in the state folder. "
        "Projects can share it.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of this process, read once."""

    state: Path
    key: str | None
    key_file: Path
    memory_limit: str
    work: Path
    files: str | None  #: the URL of the storage that keeps snapshots and plans
    database_url: str | None = field(default=None, repr=False)  #: where the state is, if not in its folder

    @classmethod
    def read(cls, project: Path, environ: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings that ``environ`` gives for a project folder.

        Raises:
            SettingInvalid: one of them makes no sense.
        """
        given = {setting.name: environ.get(setting.name) or setting.default for setting in SETTINGS}
        key_file = given["BOOKWARD_KEY_FILE"]
        state = Path(given["BOOKWARD_STATE"] or project / ".bookward")
        return cls(
            state=state,
            key=given["BOOKWARD_KEY"] or None,
            key_file=Path(key_file) if key_file else platformdirs.user_config_path("bookward") / "key",
            memory_limit=_size("BOOKWARD_MEMORY_LIMIT", given["BOOKWARD_MEMORY_LIMIT"]),
            work=_work(given["BOOKWARD_WORK"], state),
            files=_storage("BOOKWARD_FILES", given["BOOKWARD_FILES"]),
            database_url=_database("BOOKWARD_DATABASE_URL", given["BOOKWARD_DATABASE_URL"]),
        )


def _size(name: str, value: str) -> str:
    said = _SIZE.fullmatch(value.strip())
    if said is None or float(said[1]) * _MEGABYTES[said[2][0].upper()] < _LEAST_MEGABYTES:
        raise SettingInvalid(
            f"{name} is {value!r}, which is no amount of memory to work with.",
            remedy=f"Give a number with MB or GB, {_LEAST_MEGABYTES}MB or more: {name}=2GB.",
        )
    return value.strip()


def _storage(name: str, value: str) -> str | None:
    if not value:
        return None
    url = urlsplit(value)
    secret = url.password is not None or (url.scheme == "s3" and url.username is not None)
    if secret or any(_SECRET.search(parameter) for parameter, _ in parse_qsl(url.query, True)):
        raise SettingInvalid(
            f"{name} holds a key or a password; it is shown in messages and must not.",
            remedy="Take it out, and give it as the storage's own variables have it (AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, GOOGLE_APPLICATION_CREDENTIALS, AZURE_CLIENT_SECRET ...), or as a role.",
        )
    if url.scheme not in _STORAGES or not (url.netloc or url.scheme == "file"):
        raise SettingInvalid(
            f"{name} is {value!r}, which is no URL of a storage that Bookward knows.",
            remedy=f"Give one that begins with {', '.join(f'{scheme}://' for scheme in _STORAGES)}.",
        )
    return value


def _database(name: str, value: str) -> str | None:
    value = value.strip()
    # Nothing of the value is shown, since a part of it is a password. One "@" ends that: any other would make
    # a part of it look like the server's name.
    if value and not _DATABASE.fullmatch(value):
        raise SettingInvalid(
            f"{name} is no address of a PostgreSQL database.",
            remedy=f"{name}=postgresql://user:password@host:port/database, with special characters in the "
            "password percent-encoded; without the variable the state is in the state folder.",
        )
    return value or None


def _work(given: str, state: Path) -> Path:
    if not given:
        return state / "work"
    # Of its own for each state: two projects may have syncs of one name.
    return Path(given) / f"bookward-{hashlib.sha256(bytes(state.resolve())).hexdigest()[:12]}"

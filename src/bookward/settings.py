"""Everything that the environment can set, in one table."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import platformdirs

from bookward.errors import SettingInvalid

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([MGT]i?B)", re.IGNORECASE)
_MEGABYTES = {"M": 1, "G": 1_000, "T": 1_000_000}
_DATABASE = re.compile(r"postgres(?:ql)?://(?:[^@/?#\s]*@)?[^@/?#\s]*/[^@/?#\s]+(?:\?[^@#\s]*)?")
_ADDRESS = re.compile(r"https?://[^\s/?#@]+/?")
_STORAGES = ("s3", "gs", "abfs", "abfss", "file")
_SECRET = re.compile(r"key|secret|password|token|sig$", re.IGNORECASE)
_NO_PORT = re.compile(r":(?!\d*$)")
_LEAST_MEGABYTES = 32  # with less, DuckDB cannot even begin


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    help: str


SETTINGS = (
    Setting("BOOKWARD_PROJECT", ".", "The project folder, when --project is not given."),
    Setting("BOOKWARD_SERVER", "", "The server whose project is used, when --server and -C are not given."),
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
    Setting(
        "BOOKWARD_LOG_FORMAT",
        "human",
        "How the log is written to stderr: human, or json, one object a line.",
    ),
    Setting(
        "BOOKWARD_LOG_LEVEL",
        "",
        "The least that is logged: debug, info, warning or error; default: info of serve and worker, "
        "warning of all other commands.",
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
        "BOOKWARD_DATA",
        "",
        "Folders beside the project's from which sources may read files, with a colon between them "
        "(Windows: a semicolon).",
    ),
    Setting(
        "BOOKWARD_WORK",
        "",
        "Folder for temporary files and for what spills; default: work in the state folder. "
        "Projects can share it.",
    ),
    Setting(
        "BOOKWARD_URL",
        "",
        "Where people reach the server, as `serve --url` says it: https://books.example.com. Links in alerts "
        "lead there, and browsers that were sent to Xero, or to sign in, come back there.",
    ),
    Setting(
        "BOOKWARD_OIDC_ISSUER",
        "",
        "Let people sign in at this OpenID provider, such as https://accounts.google.com (docs/sign-in.md).",
    ),
    Setting("BOOKWARD_OIDC_CLIENT_ID", "", "The client id that the provider knows Bookward by."),
    Setting("BOOKWARD_OIDC_CLIENT_SECRET", "", "The client's secret, where the provider gave one."),
    Setting(
        "BOOKWARD_OIDC_DOMAINS",
        "",
        "Only e-mails of these domains are let in, with commas between them; default: any.",
    ),
    Setting(
        "BOOKWARD_OIDC_NEWCOMERS",
        "",
        "The role of people whom nobody invited, such as viewer; default: they are not let in.",
    ),
    Setting(
        "BOOKWARD_OIDC_ROLES",
        "",
        "Roles by a claim, at every sign-in: `groups: finance=approver, it=admin`. Of several, the highest.",
    ),
    Setting(
        "BOOKWARD_PASSWORDS",
        "on",
        "off: nobody signs in with a password, only at the provider; links for admins let in all the same.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdSettings:
    """The provider at which people sign in, and whom its word lets in as what."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    domains: tuple[str, ...] = ()  #: of e-mails; none: any
    newcomers: str = ""  #: the role of who was not invited; "": not let in
    claim: str = ""  #: which says the roles
    roles: Mapping[str, str] = field(default_factory=dict)  #: by what stands in the claim


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How the log is written, and how much of it."""

    format: str = "human"  #: or "json"
    level: str = ""  #: "debug", "info", "warning", "error"; "": as the command has it


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSettings:
    """The ways in."""

    passwords: bool = True
    openid: OpenIdSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of this process, read once."""

    state: Path
    key: str | None = field(repr=False)
    key_file: Path
    memory_limit: str
    work: Path
    files: str | None  #: the URL of the storage that keeps snapshots and plans
    database_url: str | None = field(default=None, repr=False)  #: where the state is, if not in its folder
    url: str | None = None  #: where people reach the server, without a slash at its end
    sign_in: SignInSettings = SignInSettings()
    logs: LogSettings = LogSettings()
    data: tuple[Path, ...] = ()  #: folders beside the project's from which sources may read files

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
            url=address("BOOKWARD_URL", given["BOOKWARD_URL"]),
            sign_in=_sign_in(given),
            logs=LogSettings(
                format=_one_of("BOOKWARD_LOG_FORMAT", given, ("human", "json")),
                level=_one_of("BOOKWARD_LOG_LEVEL", given, ("", "debug", "info", "warning", "error")),
            ),
            data=tuple(Path(each) for each in given["BOOKWARD_DATA"].split(os.pathsep) if each),
        )

    @property
    def state_place(self) -> str:
        """Where the state is, or would be, as people are told it."""
        shared = self.database_url is not None
        return "the database of BOOKWARD_DATABASE_URL" if shared else str(self.state)


def _size(name: str, value: str) -> str:
    said = _SIZE.fullmatch(value.strip())
    if said is None or float(said[1]) * _MEGABYTES[said[2][0].upper()] < _LEAST_MEGABYTES:
        raise SettingInvalid(
            f"{name} is {value!r}, which is no amount of memory to work with.",
            remedy=f"Give a number with MB or GB, {_LEAST_MEGABYTES}MB or more: {name}=2GB.",
        )
    return value.strip()


def _one_of(name: str, given: Mapping[str, str], choices: Sequence[str]) -> str:
    value = given[name].strip().casefold()
    if value not in choices:
        known = ", ".join(filter(None, choices))
        raise SettingInvalid(f"{name} is {value!r}.", remedy=f"Set it to one of these: {known}.")
    return value


def _storage(name: str, value: str) -> str | None:
    if not value:
        return None
    url = urlsplit(value)
    secret = url.password is not None or (url.scheme == "s3" and url.username is not None)
    # A secret with a "/" in it ends the host's part of the address early, and is no port there.
    if (
        secret
        or _NO_PORT.search(url.netloc)
        or any(_SECRET.search(parameter) for parameter, _ in parse_qsl(url.query, True))
    ):
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


def address(name: str, value: str) -> str | None:
    """Return where people reach the server, without a slash at its end; None where nothing is said.

    Args:
        name: of the variable or option that says it, for the error.
        value: what it says.

    Raises:
        SettingInvalid: it is no address, or there is something behind the name.
    """
    if value and not _ADDRESS.fullmatch(value):
        raise SettingInvalid(
            f"{name} is {value!r}, which is no address of a server.",
            remedy=f"Give it with its scheme, and nothing behind the name: {name}=https://books.example.com.",
        )
    return value.rstrip("/") or None


def _sign_in(given: Mapping[str, str]) -> SignInSettings:
    openid, passwords = _openid(given), given["BOOKWARD_PASSWORDS"].strip().casefold()
    if passwords not in ("on", "off") or (passwords == "off" and openid is None):
        raise SettingInvalid(
            f"BOOKWARD_PASSWORDS is {passwords!r}"
            + (", and there is no other way in." if passwords == "off" else "."),
            remedy="Set it to on, or to off together with BOOKWARD_OIDC_ISSUER.",
        )
    return SignInSettings(passwords=passwords == "on", openid=openid)


def _openid(given: Mapping[str, str]) -> OpenIdSettings | None:
    issuer, client_id = given["BOOKWARD_OIDC_ISSUER"], given["BOOKWARD_OIDC_CLIENT_ID"]
    if not issuer:
        return None
    if not is_safe(issuer) or not client_id:
        raise SettingInvalid(
            "BOOKWARD_OIDC_CLIENT_ID is not set."
            if not client_id
            else f"BOOKWARD_OIDC_ISSUER is {issuer!r}, which is no https address.",
            remedy="Set both to what the provider says: the issuer is what stands before "
            "/.well-known/openid-configuration.",
        )
    claim, roles = _roles(given["BOOKWARD_OIDC_ROLES"])
    return OpenIdSettings(
        issuer=issuer,
        client_id=client_id,
        client_secret=given["BOOKWARD_OIDC_CLIENT_SECRET"] or None,
        domains=tuple(
            each.strip().casefold().removeprefix("@")
            for each in given["BOOKWARD_OIDC_DOMAINS"].split(",")
            if each.strip()
        ),
        newcomers=given["BOOKWARD_OIDC_NEWCOMERS"].strip().casefold(),
        claim=claim,
        roles=roles,
    )


def _roles(value: str) -> tuple[str, Mapping[str, str]]:
    claim, _, pairs = value.partition(":")
    said = [each.rpartition("=") for each in pairs.split(",") if each.strip()]
    if value and (not claim.strip() or not said or not all(name.strip() for name, _, _ in said)):
        raise SettingInvalid(
            f"BOOKWARD_OIDC_ROLES is {value!r}, which names no claim with values and roles.",
            remedy="Write it so: BOOKWARD_OIDC_ROLES='groups: finance=approver, it=admin'.",
        )
    return claim.strip(), {name.strip(): role.strip().casefold() for name, _, role in said}


def is_own(name: str) -> bool:
    """Return whether a name in the environment is kept for Bookward's own settings."""
    return name.upper().startswith("BOOKWARD_")  # Windows takes both cases for one name


def without_keys(url: str) -> str:
    """Return the URL of a storage as people may see it: without keys, before its host or behind its path."""
    scheme, _, rest = url.partition("://")
    # abfs has the name of a container there; a secret may have a "/" in it.
    who = "" if scheme.startswith("abfs") else "|[^/@]*@"
    return f"{scheme}://" + re.sub(rf"^(?:[^/@]*:.*@{who})|[?#].*", "", rest)


def is_safe(url: str) -> bool:
    """Return whether what is sent to an address cannot be read on the way: https, or this machine itself."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here(url)))


def is_here(url: str) -> bool:
    """Return whether an address leads to the machine on which it is opened."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def _work(given: str, state: Path) -> Path:
    if not given:
        return state / "work"
    # Of its own for each state: two projects may have syncs of one name.
    return Path(given) / f"bookward-{hashlib.sha256(bytes(state.resolve())).hexdigest()[:12]}"

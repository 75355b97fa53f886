"""Secrets that can be recognised, planted wherever tests use one; after each test, all is grepped."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from bookward.access import bearers
from bookward.demo.xero import oauth_token
from bookward.demo.xero.options import CUSTOM_APP, WEB_APP
from tests.leaks import Grep, Leak

DATABASE_PASSWORD = "planted-database-password"
REFRESH_TOKEN = "planted-refresh-token"
BEARER = "planted-bearer"
DBT_CLOUD_TOKEN = "planted-dbt-cloud-token"
DBT_GIT_TOKEN = "planted-dbt-git-token"
ACCESS_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."  # what all that the local Xero signs begin with

SHOWN_ONCE = "session cookie, API token or link"
PLANTED: Mapping[str, str] = {
    "Xero client secret": str(WEB_APP.secret),
    "secret of the custom connection": str(CUSTOM_APP.secret),
    "access token": ACCESS_TOKEN,
    "refresh token": REFRESH_TOKEN,
    "database password": DATABASE_PASSWORD,
    "dbt Cloud token": DBT_CLOUD_TOKEN,
    "dbt git token": DBT_GIT_TOKEN,
    SHOWN_ONCE: BEARER,
}
_MEANT_FOR_SECRETS = frozenset([".env", "local-xero.db", "local-xero.db-wal", "local-xero.db-shm"])


class Outputs:
    """What the processes and servers of one test said."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, frozenset[str]]] = []

    def add(self, place: str, said: str | bytes | None, *may_show: str) -> None:
        """Note what was said, and the names of the secrets that it is meant to show."""
        if said:
            self.heard.append((place, said.encode() if isinstance(said, str) else said, frozenset(may_show)))


@contextmanager
def planted_bearers() -> Iterator[None]:
    """Let whatever lets somebody in, here or at the local Xero, be told from other texts."""

    def beginning(text: str) -> SimpleNamespace:
        return SimpleNamespace(token_urlsafe=lambda size: f"{text}-{secrets.token_urlsafe(size)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bearers, "secrets", beginning(BEARER))
        patch.setattr(oauth_token, "secrets", beginning(REFRESH_TOKEN))
        yield


@contextmanager
def listening_to_processes(outputs: Outputs) -> Iterator[None]:
    """Note what the processes of the block say, once somebody asks them."""
    communicate = subprocess.Popen.communicate

    def noting(self: subprocess.Popen[Any], *args: Any, **options: Any) -> tuple[Any, Any]:
        said = communicate(self, *args, **options)
        for each in said:
            outputs.add("What a process said", each)
        return said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "communicate", noting)
        yield


def leaks_of(folder: Path, outputs: Outputs, more: Mapping[str, str] = MappingProxyType({})) -> list[Leak]:
    """Return where secrets are that a test must not have left: in its files or in what was said.

    Args:
        folder: where the files are.
        outputs: what was said.
        more: secrets besides those that are planted, by name.
    """
    key_file = Path(os.environ.get("BOOKWARD_KEY_FILE", folder / "no key"))
    key = {"encryption key": key_file.read_text().strip()} if key_file.is_file() else {}
    grep = Grep({**PLANTED, **key, **more})
    allowed = [path for path in folder.rglob("*") if path.name in _MEANT_FOR_SECRETS]
    found = list(grep.in_folder(folder, [*allowed, key_file]))
    for place, said, may_show in outputs.heard:
        found += [leak for leak in grep.in_bytes(place, said) if leak.secret not in may_show]
    return found


def refuse(found: list[Leak]) -> None:
    """Fail if there are leaks; say where, and what, but no secret."""
    if found:
        lines = "\n".join(sorted({f"  {leak}" for leak in found}))
        pytest.fail(f"Secrets were left where none may be:\n{lines}", pytrace=False)


@contextmanager
def nothing_leaks(folder: Path, test: pytest.Item) -> Iterator[Outputs]:
    """Plant secrets, and grep everything of a test for them when it has ended.

    Args:
        folder: where the test and what it starts leave files.
        test: what it printed itself is looked at, too.
    """
    outputs = Outputs()
    with planted_bearers(), listening_to_processes(outputs):
        yield outputs
    for _, part, text in test._report_sections:
        if part != "log":  # there the test's own HTTP client tells what it was answered
            outputs.add(f"The test's {part}", text)
    refuse(leaks_of(folder, outputs))

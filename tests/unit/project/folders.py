"""Project folders for tests, and kinds of source and destination to fill them with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from bookward.project.loader import load_project
from bookward.project.project import Project
from bookward.spec.base import Spec
from bookward.spec.destination import DestinationSpec
from bookward.spec.source import SourceSpec


class SampleSpec(SourceSpec):
    """A warehouse that the package makes."""

    path: str = "sample.duckdb"
    users: Annotated[int, Field(ge=1)] = 1000


class Tls(Spec):
    """How a connection is encrypted."""

    verify: bool = True
    certificate: str | None = None


class Region(StrEnum):
    """Where a server stands."""

    EU = "eu"
    US = "us"


class ServerSpec(SourceSpec):
    """A server of one's own."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    password: SecretStr | None = None
    api_key: str = ""
    region: Region = Region.EU
    ratio: Decimal | None = None
    share: float = 0.5
    tls: Tls = Tls()
    tags: list[str] = Field(default_factory=list)

    @field_validator("host")
    @classmethod
    def _no_spaces(cls, host: str) -> str:
        if " " in host:
            raise ValueError(f"{host!r} holds a space")
        return host


class XeroSpec(DestinationSpec):
    """One organisation."""

    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    organisation: str | None = None
    scopes: list[str] | None = None
    base_url: str | None = None
    batch_size: int | None = None


SOURCES: dict[str, type[SourceSpec]] = {"sample": SampleSpec, "server": ServerSpec}
DESTINATIONS: dict[str, type[DestinationSpec]] = {"xero": XeroSpec}

GOOD = {
    "project.yaml": "name: Test\n",
    "sources/warehouse.yaml": "type: sample\n",
    "models/users.yaml": "source: warehouse\nprimary_key: id\n",
    "models/users.sql": "SELECT *\nFROM users\n",
    "destinations/xero.yaml": "type: xero\nclient_id: abc\n",
    "syncs/users.yaml": (
        "model: users\n"
        "destination: xero\n"
        "object: contacts\n"
        "match: {ContactNumber: id}\n"
        "fields:\n"
        "  Name: name\n"
        "  FirstName: {column: first_name, when_null: clear}\n"
        "  Phones:\n"
        "    - PhoneType: {value: DEFAULT}\n"
        "      PhoneNumber: phone\n"
    ),
}


def write(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """Write files below ``root``; None takes one away."""
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            file.unlink(missing_ok=True)
        elif isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_bytes(content.encode())
    return root


def load(root: Path, environ: Mapping[str, str] | None = None) -> Project:
    """Load a project with the kinds above."""
    return load_project(root, SOURCES, DESTINATIONS, environ or {})


def said(project: Project) -> list[str]:
    """Return the problems as lines of "path:line:column: message"."""
    return [f"{p.path}:{p.line}:{p.column}: {p.message}" for p in project.problems]

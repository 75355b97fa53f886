"""The project's files as the API shows them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from bookward.app import Saved, Version
from bookward.documents import problem_document
from bookward.serving import ProjectObject, hidden_text, hidden_values
from bookward.web.answers import answer
from bookward.web.shapes import Page, PlacedProblem, Shape

Slug = Annotated[str, Field(max_length=200, examples=["invoices"])]


class Kind(StrEnum):
    """The kinds of files."""

    SOURCES = "sources"
    MODELS = "models"
    DESTINATIONS = "destinations"
    SYNCS = "syncs"
    ALERTS = "alerts"
    PROJECT = "project"  #: project.yaml, which has the same name as its kind


class Followed(StrEnum):
    """The kinds of files that others name, and go on to name by a new name."""

    SOURCES = "sources"
    MODELS = "models"
    ALERTS = "alerts"


KINDS_WITH_SECRETS = (Kind.SOURCES, Kind.DESTINATIONS, Kind.ALERTS, Kind.PROJECT)


_AS_VALUES: JsonDict = {
    "title": "AsValues",
    "type": "object",
    "required": ["values"],
    "properties": {
        "values": {"type": "object", "additionalProperties": True},
        "text": {"type": "null"},
        "sql": {"type": "null"},
    },
}
_AS_TEXT: JsonDict = {
    "title": "AsText",
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "values": {"type": "null"}},
}


class Contents(Shape):
    """What a file shall say: as values, or as the text of the whole file."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_AS_VALUES, _AS_TEXT]})

    values: dict[str, Any] | None = Field(
        None,
        description="As GET /schemas/KIND describes them; comments and order of what stays are kept. "
        "A model's query stands under `sql`.",
        examples=[{"source": "warehouse", "primary_key": "id", "sql": "SELECT * FROM users\n"}],
    )
    text: str | None = Field(None, description="The whole YAML file, in place of values.")
    sql: str | None = Field(None, description="Beside a text: a model's `.sql` file.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Contents:
        if (self.values is None) == (self.text is None):
            raise ValueError("say either values or text")
        if self.sql is not None and self.text is None:
            raise ValueError("sql stands beside a text; among values it is one of them")
        return self

    @property
    def contents(self) -> dict[str, Any]:
        """What the file shall say, as the app is given it."""
        if self.values is not None:
            return {"values": self.values}
        return {"text": self.text, "sql": self.sql}

    @property
    def given(self) -> dict[str, Any]:
        """What the app is given."""
        return self.contents


_SecretName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,199}$")]
_SecretValue = Annotated[str, Field(min_length=1, max_length=20_000)]


class Written(Contents):
    """What a file shall say, with the secrets that it names and that are not sealed yet."""

    secrets: dict[_SecretName, _SecretValue] = Field(
        {},
        description="By name. They are sealed when the file is written; a test uses them and keeps nothing.",
        examples=[{"WAREHOUSE_PASSWORD": "a phrase of your own"}],
        json_schema_extra={"additionalProperties": False},
    )

    @property
    def given(self) -> dict[str, Any]:
        """What the app is given."""
        return {**self.contents, "secrets": self.secrets}


class NewFile(Written):
    """A new file."""

    slug: Slug


class NewName(Shape):
    """Another name."""

    slug: Slug


class Reverting(Shape):
    """Which version is to be brought back."""

    version: str = Field(max_length=100, description="Its id, as the history has it.")


class VersionShape(Shape):
    """One commit that changed a file."""

    id: str
    author: str
    email: str
    at: str
    message: str


class FileShape(Shape):
    """A source, model, destination, sync or alert as its files have it, or the project's own file."""

    kind: Kind
    slug: str
    path: str
    text: str
    sql_path: str | None
    sql: str | None
    values: dict[str, Any] | None = Field(description="Null where the file cannot be read.")
    problems: list[PlacedProblem]
    etag: str
    changed: VersionShape | None


class SavedShape(Shape):
    """What a save did."""

    file: FileShape | None
    files: list[str] = Field(description="What was written or removed.")
    commit: str | None
    not_committed: str = Field(description="Why there is no commit, where there is none.")


class HistoryShape(Page[VersionShape]):
    """The versions of a file, the newest first."""

    missing: str = Field(description="Why there is no history, where there is none.")


class Difference(Shape):
    """What a version changed."""

    diff: str


class Names(Shape):
    """The names of all files of a kind."""

    items: list[str]
    next: None


def saved_answer(saved: Saved, status: int = 200) -> Response:
    """Return the answer that says what a save did."""
    document = {
        "file": file_document(saved.object) if saved.object else None,
        "files": list(saved.files),
        "commit": saved.commit,
        "not_committed": saved.not_committed,
    }
    return answer(document, status, etag_of(saved.object) if saved.object else None)


def etag_of(found: ProjectObject) -> dict[str, str]:
    """Return the header that says which version of a file this is."""
    return {"ETag": f'"{found.etag}"'}


def file_document(found: ProjectObject) -> dict[str, Any]:
    """Return a file; secrets that are written out in it are not shown."""
    has_secrets = found.kind in KINDS_WITH_SECRETS
    return {
        "kind": found.kind,
        "slug": found.slug,
        "path": found.path,
        "text": hidden_text(found.text) if has_secrets else found.text,
        "sql_path": found.sql_path,
        "sql": found.sql,
        "values": hidden_values(found.values) if has_secrets else found.values,
        "problems": [problem_document(each) for each in found.problems],
        "etag": found.etag,
        "changed": version_document(found.changed) if found.changed else None,
    }


def version_document(version: Version) -> dict[str, Any]:
    """Return one commit."""
    return {
        "id": version.id,
        "author": version.author.name,
        "email": version.author.email,
        "at": version.at,
        "message": version.message,
    }


def audited(found: ProjectObject) -> dict[str, Any]:
    """Return what the audit log says of a file."""
    text = hidden_text(found.text) if found.kind in KINDS_WITH_SECRETS else found.text
    return {"etag": found.etag, "text": text, "sql": found.sql}


def audited_save(saved: Saved, said: Written | None = None) -> dict[str, Any]:
    """Return what the audit log says of a save; of secrets that were sealed with it, their names."""
    now = audited(saved.object) if saved.object else {}
    sealed = {"secrets": sorted(said.secrets)} if said and said.secrets else {}
    return now | {"files": list(saved.files), "commit": saved.commit} | sealed

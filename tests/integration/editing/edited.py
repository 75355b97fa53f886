"""What the tests of edits share: a project's files, two people, git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from bookward.app import App
from bookward.records import Person
from tests.fakes import FakeClock

ANA = Person(name="Ana Ito", email="ana@example.com")
BEN = Person(name="Ben <Roe>", email="ben@example.com")
FILES = {
    "project.yaml": "name: Books\n",
    "sources/warehouse.yaml": "type: sample\n",
    "models/users.yaml": "# who pays\nsource: warehouse   # ours\nprimary_key: id\n",
    "models/users.sql": "SELECT *\nFROM users\n",
    "destinations/xero.yaml": "type: xero\nclient_id: abc\nclient_secret: ${XERO_SECRET}\n",
    "syncs/users.yaml": (
        "model: users\ndestination: xero\nobject: contacts\nmatch: {ContactNumber: id}\n"
        "fields:\n  # as they sign\n  Name: name   # the whole\n"
    ),
    ".gitignore": ".bookward/\n.env\n",
}


def open_app(root: Path) -> App:
    environ = {"XERO_SECRET": "s3cret", "BOOKWARD_KEY_FILE": os.environ["BOOKWARD_KEY_FILE"]}
    return App(root, clock=FakeClock(), environ=environ)


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=Cy", "-c", "user.email=cy@example.com", *words],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def values_of(app: App, kind: str, slug: str) -> tuple[dict[str, Any], str]:
    found = app.files.get(kind, slug)
    assert found.values is not None
    return dict(found.values), found.etag

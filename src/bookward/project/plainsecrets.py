"""Secrets that stand in a project's files themselves, where everyone reads them who reads the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bookward.project.expected import SECRET_NAME, is_secret
from bookward.project.folder import KINDS_WITH_SECRETS
from bookward.project.project import Project
from bookward.project.secrets import ENV_FILE, refers
from bookward.records import Problem
from bookward.spec.base import Spec

_ADDRESS = re.compile(r"[a-z0-9+.-]+://(?:[^/@?#]*?:(?P<password>[^/@]*)@)?.*", re.IGNORECASE | re.DOTALL)


def plain_secrets(project: Project) -> Iterator[Problem]:
    """Yield a warning for each secret of a source, destination or alert that is written out in its file."""
    for kind in KINDS_WITH_SECRETS:
        specs: Mapping[str, Spec] = getattr(project, kind)
        for slug, spec in specs.items():
            document = project.documents[kind, slug]
            for key in document.members:
                text = document.text(key) or ""
                secret = text if SECRET_NAME.search(key) else _secret_in(text)
                if secret and is_secret(type(spec), (key,)) and not refers(secret):
                    yield document.problem(
                        (key,), f"A secret stands in the file itself, under {key!r}.", _remedy(slug, key)
                    )


def _secret_in(text: str) -> str:
    """Return what of a value is secret: of an address its password, of anything else all."""
    found = _ADDRESS.fullmatch(text)
    return (found["password"] or "") if found else text


def _remedy(slug: str, key: str) -> str:
    part = "password" if key == "url" else key
    name = re.sub(r"[^A-Z0-9]", "_", f"{slug}_{part}".upper())
    return f"Write ${{{name}}} in its place, and a line {name}=... into {ENV_FILE}, or export {name}."

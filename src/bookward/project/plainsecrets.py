"""Secrets that stand in a project's files themselves, where everyone reads them who reads the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bookward.project.document import Member
from bookward.project.expected import SECRET_NAME, is_secret
from bookward.project.folder import KINDS_WITH_SECRETS, PROJECT
from bookward.project.project import Project
from bookward.project.secrets import ENV_FILE, refers
from bookward.records import Problem
from bookward.settings import is_own
from bookward.spec.base import Spec

_ADDRESS = re.compile(r"[a-z0-9+.-]+://(?:[^/@?#]*?:(?P<password>[^/@]*)@)?.*", re.IGNORECASE | re.DOTALL)


def plain_secrets(project: Project) -> Iterator[Problem]:
    """Yield a warning for each secret that a file of the project writes out, project.yaml among them."""
    for kind, slug, spec in _with_secrets(project):
        document = project.documents[kind, slug]
        for where in _written(spec, document.members):
            said = f"A secret stands in the file itself, under {where[-1]!r}."
            yield document.problem(where, said, _remedy(slug or where[0], where[-1]))


def _with_secrets(project: Project) -> Iterator[tuple[str, str, Spec]]:
    if project.spec is not None:
        yield PROJECT, "", project.spec
    for kind in KINDS_WITH_SECRETS:
        specs: Mapping[str, Spec] = getattr(project, kind)
        yield from ((kind, slug, spec) for slug, spec in specs.items())


def _written(
    spec: Spec, members: Mapping[str, Member], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Yield where secrets are written out: in a specification's own settings, and in those it is made of."""
    for key, member in members.items():
        content, part = member.node.content, getattr(spec, key, None)
        if isinstance(content, dict) and isinstance(part, Spec):
            yield from _written(part, content, (*above, key))
        text = content if isinstance(content, str) else ""
        secret = text if SECRET_NAME.search(key) else _secret_in(text)
        # A password in an address is one whatever the setting is.
        if secret and (secret != text or is_secret(type(spec), (key,))) and not refers(secret):
            yield (*above, key)


def _secret_in(text: str) -> str:
    """Return what of a value is secret: of an address its password, of anything else all."""
    found = _ADDRESS.fullmatch(text)
    return (found["password"] or "") if found else text


def _remedy(whose: str, key: str) -> str:
    part = "password" if key == "url" else key
    name = re.sub(r"[^A-Z0-9]", "_", f"{whose}_{part}".upper())
    name = f"_{name}" if name[0].isdigit() or is_own(name) else name
    return f"Write ${{{name}}} in its place, and a line {name}=... into {ENV_FILE}, or export {name}."

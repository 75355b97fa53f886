"""References from one file to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bookward.nearest import did_you_mean
from bookward.project.document import Document, Where
from bookward.project.words import one_of, quoted
from bookward.records import Problem

_REFERENCES = {
    # in files of this kind, this key names a file of that kind
    "models": {"source": "sources"},
    "syncs": {"model": "models", "destination": "destinations"},
}
_LISTED: Mapping[str, Mapping[Where, str]] = {
    # likewise where a key may name several, by its path
    "project": {("alerts",): "alerts"},
    "destinations": {("alerts",): "alerts"},
    "models": {("look", "looker"): "sources"},
    "syncs": {("alerts",): "alerts", ("schedule", "after"): "syncs"},
    "alerts": {("digest", "syncs"): "syncs"},
}
_FOLLOWED: Where = ("schedule", "after")
_JOB: Where = ("schedule", "after_dbt_cloud")


class Reference(NamedTuple):
    """A place of a document that names another file."""

    where: Where
    kind: str
    slug: str


class Names:
    """Every slug that stands for a file, the broken ones too: what is wrong with those is said elsewhere."""

    def __init__(self, by_kind: Mapping[str, Iterable[str]]) -> None:
        self._by_kind = {kind: frozenset(slugs) for kind, slugs in by_kind.items()}

    def of(self, kind: str) -> frozenset[str]:
        """Return the slugs of one kind."""
        return self._by_kind.get(kind, frozenset())


def dangling(kind: str, document: Document, names: Names) -> list[Problem]:
    """Return one problem per reference of ``document`` that leads nowhere."""
    problems = []
    for where, target, slug in references(kind, document):
        known = names.of(target)
        if slug in known:
            continue
        said = f"There is no {target[:-1]} {quoted(slug)}. {did_you_mean(slug, known)}".rstrip()
        remedy = f"Known: {one_of(known)}." if known else f"Add a file to {target}/."
        problems.append(document.problem(where, said, remedy, document.value_place(where)))
    return problems


def without_account(document: Document) -> list[Problem]:
    """Return the problem of a sync that waits for a job of dbt Cloud where the project names no account."""
    if document.node(_JOB) is None:
        return []
    said = "The sync waits for a job of dbt Cloud, and project.yaml names no account there."
    remedy = "Write into project.yaml: dbt_cloud: {account: 12345, token: ${DBT_CLOUD_TOKEN}}."
    return [document.problem(_JOB, said, remedy)]


def references(kind: str, document: Document) -> Iterator[Reference]:
    """Yield everything in a file of some kind that names another file."""
    for key, target in _REFERENCES.get(kind, {}).items():
        if (slug := document.text(key)) is not None:
            yield Reference((key,), target, slug)
    for where, target in _LISTED.get(kind, {}).items():
        if (node := document.node(where)) is not None:
            yield from _listed(where, target, node.plain())


def _listed(where: Where, target: str, said: object) -> Iterator[Reference]:
    if isinstance(said, str):
        yield Reference(where, target, said)
    elif isinstance(said, list):
        for place, slug in enumerate(said):
            if isinstance(slug, str):
                yield Reference((*where, place), target, slug)


def circular(documents: Mapping[str, Document]) -> dict[str, Problem]:
    """Return, by slug, the problem of every sync that would run after itself, by way of others or not."""
    followed = {
        slug: [found.slug for found in references("syncs", document) if found.kind == "syncs"]
        for slug, document in documents.items()
    }
    problems = {}
    for slug in followed:
        if ring := _way_back(slug, followed):
            said = f"The sync would run after itself: {' after '.join((slug, *ring))}."
            remedy = "Take one of them out, and give it a schedule of time."
            problems[slug] = documents[slug].problem(_FOLLOWED, said, remedy)
    return problems


def _way_back(slug: str, followed: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    ways: list[tuple[str, ...]] = [(name,) for name in followed[slug]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == slug:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, name) for name in followed.get(way[-1], ())]
    return ()


def referring(kind: str, slug: str, documents: Mapping[tuple[str, str], Document]) -> list[tuple[str, str]]:
    """Return kind and slug of every file, broken ones too, that refers to a file."""
    return sorted(
        (of, name)
        for (of, name), document in documents.items()
        if any((found.kind, found.slug) == (kind, slug) for found in references(of, document))
    )
